/** Drives one session: links, timers, handshake, encryption, resume. What it decides, protocol/ has decided. */
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Log, silentLog } from '../../kernel/log.js';
import type { SessionFacts } from '../protocol/handshake.js';
import { FLAG, flagPayload, PAYLOAD } from '../protocol/payload-type.js';
import { ReliableChannel } from '../protocol/reliable-channel.js';
import { FIRST_WITH_TERMINATE_FLAG, isAtLeast } from './agent-version.js';
import { DEADLINES, type Deadlines } from './deadlines.js';
import { deferred } from './deferred.js';
import { keepLinked, type Link } from './keep-linked.js';
import { Negotiation } from './negotiation.js';
import type { SessionApi, StreamGrant } from './ports.js';
import { SessionEncryption } from './session-encryption.js';
import { asRocError, channelError, endError, lateStart, type SessionEnd } from './session-end.js';
import { monotonicNow, Ticker } from './ticker.js';

export interface DataChannelOptions {
  readonly api: SessionApi;
  readonly grant: StreamGrant;
  /** What StartSession was asked for: KMS binds the key to it. */
  readonly target: string;
  readonly maxRate?: number | undefined;
  readonly deadlines?: Partial<Deadlines> | undefined;
  readonly log?: Log | undefined;
}

export type DataSink = (payloadType: number, payload: Buffer) => void;

export class DataChannel {
  readonly sessionId: string;
  /** Called when writing may go on. */
  onDrain: () => void = () => {};
  readonly #options: DataChannelOptions;
  readonly #deadlines: Deadlines;
  readonly #log: Log;
  readonly #channel: ReliableChannel;
  readonly #ticker = new Ticker(
    () => this.#channel.nextTickAt,
    (now) => {
      this.#channel.tick(now);
      this.#afterProgress();
    },
  );
  readonly #encryption: SessionEncryption;
  readonly #clientId = randomUUID();
  readonly #abort = new AbortController();
  #link: Link | null = null;
  #isReading = true;
  #facts: SessionFacts | undefined;
  #sink: DataSink | undefined;
  readonly #unclaimed: { type: number; payload: Buffer }[] = [];
  readonly #started = deferred<SessionFacts>();
  readonly #closed = deferred<SessionEnd>();
  #wantsDrain = false;
  #isEnding = false;
  #end: SessionEnd | undefined;

  constructor(options: DataChannelOptions) {
    this.#options = options;
    this.sessionId = options.grant.sessionId;
    this.#deadlines = { ...DEADLINES, ...options.deadlines };
    this.#log = options.log ?? silentLog;
    this.#encryption = new SessionEncryption(options.api, this.sessionId, options.target);
    const negotiation = new Negotiation(this.#encryption, {
      send: (payloadType, payload) => this.#send(payloadType, [payload]),
      started: (facts) => {
        this.#facts = facts;
        this.#started.resolve(facts);
      },
      data: (payloadType, payload) => this.#data(payloadType, payload),
      failed: (error) => this.#finish({ by: 'failure', error: asRocError(error) }),
    });
    this.#channel = new ReliableChannel({
      host: {
        transmit: (frame) => this.#link?.socket.sendFrame(frame),
        deliver: (payloadType, payload) => negotiation.receive(payloadType, payload),
        closed: (reason) => this.#finish({ by: 'them', reason }),
        failed: (why) => this.#finish({ by: 'failure', error: channelError(why) }),
      },
      random: randomBytes,
      maxRate: options.maxRate,
      stallLimit: this.#deadlines.stall,
      pauseLimit: this.#deadlines.pause,
    });
    this.#watchStart();
    void this.#run();
  }

  /** Resolves when the agent has finished the handshake; rejects when the session ends before. */
  get started(): Promise<SessionFacts> {
    return this.#started.promise;
  }

  /** Resolves once, and never rejects. */
  get closed(): Promise<SessionEnd> {
    return this.#closed.promise;
  }

  get facts(): SessionFacts | undefined {
    return this.#facts;
  }

  /** Messages sent, resent and timed out so far. */
  get counts(): ReliableChannel['counts'] {
    return this.#channel.counts;
  }

  /** Takes what the agent sends from now on, and first what has already come. */
  setSink(sink: DataSink): void {
    this.#sink = sink;
    for (const { type, payload } of this.#unclaimed.splice(0)) sink(type, payload);
  }

  /** False asks the writer to wait for {@link onDrain}. `parts` are copied before this returns. */
  write(parts: readonly Uint8Array[], payloadType: number = PAYLOAD.output): boolean {
    // What comes after the goodbye would never be acknowledged.
    if (this.#isEnding) return true;
    this.#send(payloadType, this.#encryption.seal(payloadType, parts));
    this.#wantsDrain ||= !this.#channel.hasRoom;
    return this.#channel.hasRoom;
  }

  setReading(isReading: boolean): void {
    this.#isReading = isReading;
    this.#link?.setReading(isReading);
  }

  /** Ends the session on both sides; resolves when that is done or its deadline has passed. */
  async terminate(): Promise<void> {
    if (this.#end !== undefined || this.#isEnding) return;
    this.#isEnding = true;
    const flag = isAtLeast(this.#facts?.agentVersion ?? '', FIRST_WITH_TERMINATE_FLAG);
    if (flag && this.#link !== null) {
      this.#send(PAYLOAD.flag, [flagPayload(FLAG.terminateSession)]);
      await this.#flushed();
    }
    this.#finish({ by: 'us' });
    await Promise.race([
      // The session is over for us whatever the API says: it ends by itself when nobody is connected.
      this.#options.api.terminate(this.sessionId).catch((error: unknown) => {
        this.#log.debug({ sessionId: this.sessionId, error: String(error) }, 'TerminateSession failed');
      }),
      sleep(this.#deadlines.terminate, undefined, { ref: false }),
    ]);
  }

  /** Waits until all is acknowledged, as long as acknowledgements keep coming. */
  async #flushed(): Promise<void> {
    let least = this.#channel.unacknowledged;
    let limit = monotonicNow() + this.#deadlines.terminate;
    while (least > 0 && this.#end === undefined && monotonicNow() < limit) {
      await sleep(5);
      if (this.#channel.unacknowledged >= least) continue;
      least = this.#channel.unacknowledged;
      limit = monotonicNow() + this.#deadlines.terminate;
    }
  }

  async #run(): Promise<void> {
    try {
      await keepLinked({
        api: this.#options.api,
        grant: this.#options.grant,
        clientId: this.#clientId,
        deadlines: this.#deadlines,
        signal: this.#abort.signal,
        log: this.#log,
        progress: () => this.#channel.progress,
        hasStarted: () => this.#facts !== undefined,
        up: (link) => this.#linkUp(link),
        frame: (frame) => this.#receive(frame),
        down: () => this.#linkDown(),
      });
      this.#finish({ by: 'them', reason: '' });
    } catch (error) {
      this.#finish({ by: 'failure', error: asRocError(error) });
    }
  }

  #linkUp(link: Link): void {
    this.#link = link;
    link.setReading(this.#isReading);
    this.#channel.linkUp(monotonicNow());
    this.#ticker.schedule();
  }

  #linkDown(): void {
    this.#link = null;
    this.#channel.linkDown();
  }

  #receive(frame: Buffer): void {
    this.#channel.receive(frame, monotonicNow());
    this.#afterProgress();
  }

  #send(payloadType: number, parts: readonly Uint8Array[]): void {
    this.#channel.send(payloadType, parts, monotonicNow());
    this.#ticker.schedule();
  }

  #afterProgress(): void {
    if (this.#wantsDrain && this.#channel.hasRoom) {
      this.#wantsDrain = false;
      this.onDrain();
    }
    this.#ticker.schedule();
  }

  // The buffer is a view of what the socket read: whoever keeps it copies it.
  #data(payloadType: number, payload: Buffer): void {
    if (this.#sink === undefined) this.#unclaimed.push({ type: payloadType, payload: Buffer.from(payload) });
    else this.#sink(payloadType, payload);
  }

  #watchStart(): void {
    const timer = setTimeout(() => {
      this.#finish({ by: 'failure', error: lateStart(this.#deadlines.start) });
      void this.#options.api.terminate(this.sessionId).catch(() => {});
    }, this.#deadlines.start);
    const done = () => clearTimeout(timer);
    this.started.then(done, done);
  }

  #finish(end: SessionEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#ticker.stop();
    this.#channel.shut();
    this.#link?.socket.close();
    this.#abort.abort();
    this.#started.reject(endError(end));
    this.#closed.resolve(end);
  }
}
