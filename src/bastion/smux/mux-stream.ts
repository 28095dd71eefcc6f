/** One multiplexed connection as a Duplex. */
import { Duplex } from 'node:stream';

export interface MuxStreamHost {
  /** Calls `done` when the next write may come. */
  send(data: Buffer, done: () => void): void;
  finish(): void;
  /** So many received bytes have left the queue. */
  consumed(bytes: number): void;
  /** The stream is over; `unread` bytes were never read. */
  gone(unread: number): void;
  /** Asked when the other side ended it before sending a byte: why, if it could not connect. */
  refusal(): Error | null;
}

export class MuxStream extends Duplex {
  readonly #host: MuxStreamHost;
  readonly #queue: Buffer[] = [];
  #queued = 0;
  #received = 0;
  #wantsMore = false;
  #isFinished = false;
  #hasSentFinish = false;

  constructor(host: MuxStreamHost) {
    // The agent closes both ways at the first end of stream, so there is no half-open state to keep.
    super({ allowHalfOpen: false, readableHighWaterMark: 64 * 1024, writableHighWaterMark: 256 * 1024 });
    this.#host = host;
  }

  receive(data: Buffer): void {
    this.#received += data.length;
    this.#queue.push(data);
    this.#queued += data.length;
    if (this.#wantsMore) this.#flow();
  }

  /** The other side is done: it takes nothing more, and what it sent is all. */
  finishReceived(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    const refusal = this.#received === 0 ? this.#host.refusal() : null;
    if (refusal !== null) this.destroy(refusal);
    else if (this.#wantsMore) this.#flow();
  }

  override _read(): void {
    this.#wantsMore = true;
    this.#flow();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    // Sent into a stream that the agent has closed it would only be dropped there.
    if (this.#isFinished) callback();
    else this.#host.send(chunk, callback);
  }

  override _final(callback: () => void): void {
    this.#sendFinish();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#sendFinish();
    this.#host.gone(this.#queued);
    this.#queue.length = 0;
    this.#queued = 0;
    callback(error);
  }

  #flow(): void {
    while (this.#wantsMore) {
      const data = this.#queue.shift();
      if (data === undefined) {
        if (this.#isFinished) this.push(null);
        return;
      }
      this.#queued -= data.length;
      this.#wantsMore = this.push(data);
      this.#host.consumed(data.length);
    }
  }

  #sendFinish(): void {
    if (this.#hasSentFinish) return;
    this.#hasSentFinish = true;
    this.#host.finish();
  }
}
