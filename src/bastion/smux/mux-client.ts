/** The client side of smux version 1: many connections in one session, each a Duplex with backpressure. */
import type { Duplex } from 'node:stream';
import { RocError } from '../../kernel/errors.js';
import type { BytePipe } from './byte-pipe.js';
import { COMMAND, FrameParser, frameHeader, MAX_FRAME_DATA } from './frames.js';
import { MuxStream } from './mux-stream.js';
import { PayloadPacker } from './payload-packer.js';

/** Bytes received and not read, over all streams; beyond it the session's reading stops (version 1 has no stream windows). */
const RECEIVE_LIMIT = 1024 * 1024;

export interface MuxClientOptions {
  readonly pipe: BytePipe;
  /** Asked when a stream ended before it received a byte: the error, if the agent said that it could not connect. */
  readonly refusal: () => Error | null;
  readonly payloadSize?: number | undefined;
  /** The time between keepalives in milliseconds, for agents that drop a session without them. */
  readonly keepalive?: number | undefined;
}

export class MuxClient {
  readonly #pipe: BytePipe;
  readonly #packer: PayloadPacker;
  readonly #refusal: () => Error | null;
  readonly #parser: FrameParser;
  readonly #streams = new Map<number, MuxStream>();
  readonly #waiting = new Set<() => void>();
  readonly #keepalive: NodeJS.Timeout | undefined;
  // The agent's library counts from 1 and adds 2 before use.
  #nextId = 3;
  #hasRoom = true;
  #buffered = 0;
  #isReading = true;
  #isClosed = false;

  constructor(options: MuxClientOptions) {
    this.#pipe = options.pipe;
    this.#refusal = options.refusal;
    this.#packer = new PayloadPacker(options.pipe, options.payloadSize);
    this.#parser = new FrameParser({
      push: (id, data) => this.#receive(id, data),
      finish: (id) => this.#streams.get(id)?.finishReceived(),
      // Only the client opens streams; the agent's library would ignore it too.
      open: () => {},
    });
    if (options.keepalive !== undefined) {
      this.#keepalive = setInterval(
        () => this.#packer.write(frameHeader(COMMAND.keepalive, 0)),
        options.keepalive,
      );
    }
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  /** Whether a slow reader holds up the whole session. */
  get isBlocked(): boolean {
    return !this.#isReading;
  }

  /** Opens one connection; data may follow at once. */
  connect(): Duplex {
    if (this.#isClosed) throw new RocError('ROC_UNREACHABLE', 'the session is closed');
    const id = this.#nextId;
    this.#nextId += 2;
    const stream = new MuxStream({
      send: (data, done) => this.#send(id, data, done),
      finish: () => void this.#packer.write(frameHeader(COMMAND.finish, id)),
      consumed: (bytes) => this.#account(-bytes),
      gone: (unread) => this.#forget(id, unread),
      refusal: this.#refusal,
    });
    this.#streams.set(id, stream);
    this.#packer.write(frameHeader(COMMAND.open, id));
    return stream;
  }

  /** Takes the next bytes of the session, which may be cut anywhere. */
  feed(bytes: Buffer): void {
    this.#parser.feed(bytes);
  }

  /** Sends what waits for the end of this turn. */
  flush(): void {
    this.#packer.flush();
  }

  /** The pipe takes more. */
  drained(): void {
    this.#hasRoom = true;
    this.#packer.drained();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const go of waiting) go();
  }

  close(error: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#keepalive);
    for (const stream of [...this.#streams.values()]) stream.destroy(error);
    this.#waiting.clear();
  }

  #receive(id: number, data: Buffer): void {
    const stream = this.#streams.get(id);
    // A stream that was just closed here may still have data on the way.
    if (stream === undefined) return;
    this.#account(data.length);
    stream.receive(data);
  }

  #send(id: number, data: Buffer, done: () => void): void {
    if (this.#isClosed) return;
    if (!this.#hasRoom) {
      this.#waiting.add(() => this.#send(id, data, done));
      return;
    }
    for (let offset = 0; offset < data.length; offset += MAX_FRAME_DATA) {
      const part = data.subarray(offset, offset + MAX_FRAME_DATA);
      this.#packer.write(frameHeader(COMMAND.push, id, part.length));
      this.#hasRoom = this.#packer.write(part);
    }
    if (this.#hasRoom) done();
    else this.#waiting.add(done);
  }

  #forget(id: number, unread: number): void {
    if (!this.#streams.delete(id)) return;
    this.#account(-unread);
  }

  #account(bytes: number): void {
    this.#buffered += bytes;
    if (this.#isReading && this.#buffered > RECEIVE_LIMIT) this.#setReading(false);
    else if (!this.#isReading && this.#buffered <= RECEIVE_LIMIT / 2) this.#setReading(true);
  }

  #setReading(isReading: boolean): void {
    this.#isReading = isReading;
    this.#pipe.setReading(isReading);
  }
}
