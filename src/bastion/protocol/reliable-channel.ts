/** The state machine of the data channel: sequence, acknowledgements, resends, pause, close. No socket, no timer, no clock. */
import { acknowledgedSequence, encodeAcknowledge } from './acknowledge.js';
import { type AgentMessage, decodeMessage, encodeMessage, uuidFromRandom } from './agent-message.js';
import { Inbox } from './inbox.js';
import { Outbox, type OutboxCounts } from './outbox.js';

export interface ReliableChannelHost {
  /** Puts a frame on the link; called only between linkUp and linkDown. */
  transmit(frame: Buffer): void;
  /** One payload, in order, exactly once. The buffer is the callee's only during the call. */
  deliver(payloadType: number, payload: Buffer): void;
  /** The peer closed the session; `reason` is what it said, often empty. */
  closed(reason: string): void;
  /** The channel can do no more. */
  failed(why: ChannelFailure): void;
}

export type ChannelFailure =
  | { readonly kind: 'stalled'; readonly milliseconds: number }
  | { readonly kind: 'paused'; readonly milliseconds: number }
  | { readonly kind: 'garbage'; readonly detail: string };

export interface ReliableChannelOptions {
  readonly host: ReliableChannelHost;
  /** Fresh random bytes for message ids; tests pass a seeded source. */
  readonly random: (size: number) => Buffer;
  readonly maxRate?: number | undefined;
  /** Without any acknowledgement for so long the channel fails, in milliseconds. @default 120000 */
  readonly stallLimit?: number;
  /** The peer may hold us up for so long, in milliseconds. @default 600000 */
  readonly pauseLimit?: number;
}

/** So many unreadable frames in a row are no accident. */
const GARBAGE_LIMIT = 50;

export class ReliableChannel {
  readonly #host: ReliableChannelHost;
  readonly #options: ReliableChannelOptions;
  readonly #outbox: Outbox;
  readonly #inbox = new Inbox();
  #nextSequence = 0;
  #isUp = false;
  #isOver = false;
  #pausedAt: number | null = null;
  #garbage = 0;

  constructor(options: ReliableChannelOptions) {
    this.#options = options;
    this.#host = options.host;
    this.#outbox = new Outbox({ transmit: (frame) => this.#host.transmit(frame), maxRate: options.maxRate });
  }

  get counts(): Readonly<OutboxCounts> {
    return this.#outbox.counts;
  }

  /** False asks the writer to wait; look again after the next {@link receive} or {@link tick}. */
  get hasRoom(): boolean {
    return this.#outbox.hasRoom;
  }

  /** Grows with each message that got through, either way. */
  get progress(): number {
    return this.#inbox.expected + this.#nextSequence - this.#outbox.unacknowledged;
  }

  get unacknowledged(): number {
    return this.#outbox.unacknowledged;
  }

  /** The link is open (again): all that is unacknowledged goes out at once. */
  linkUp(now: number): void {
    this.#isUp = true;
    this.#pausedAt = null;
    this.#garbage = 0;
    if (!this.#isOver) this.#outbox.open(now);
  }

  linkDown(): void {
    this.#isUp = false;
    this.#pausedAt = null;
    this.#outbox.shut();
  }

  /** Ends it: nothing more is sent or delivered. */
  shut(): void {
    this.#isOver = true;
    this.#outbox.shut();
  }

  /** Queues one message; sent when window, pace and link allow. `parts` are copied. */
  send(payloadType: number, parts: readonly Uint8Array[], now: number): void {
    if (this.#isOver) return;
    const sequence = this.#nextSequence++;
    const frame = encodeMessage({
      type: 'input_stream_data',
      sequence,
      flags: 0,
      id: this.#newId(),
      createdAt: now,
      payloadType,
      parts,
    });
    this.#outbox.add(sequence, frame, now);
  }

  receive(frame: Buffer, now: number): void {
    if (this.#isOver) return;
    const message = decodeMessage(frame);
    if ('malformed' in message) this.#countGarbage(message.malformed);
    else this.#dispatch(message, now);
  }

  tick(now: number): void {
    if (this.#isOver || !this.#isUp) return;
    const pauseLimit = this.#options.pauseLimit ?? 600_000;
    const stallLimit = this.#options.stallLimit ?? 120_000;
    const { stalledSince } = this.#outbox;
    if (this.#pausedAt !== null && now - this.#pausedAt >= pauseLimit) {
      this.#fail({ kind: 'paused', milliseconds: pauseLimit });
    } else if (stalledSince !== null && now - stalledSince >= stallLimit) {
      this.#fail({ kind: 'stalled', milliseconds: stallLimit });
    } else this.#outbox.tick(now);
  }

  /** When {@link tick} has something to do. */
  get nextTickAt(): number | null {
    if (this.#isOver || !this.#isUp) return null;
    if (this.#pausedAt !== null) return this.#pausedAt + (this.#options.pauseLimit ?? 600_000);
    return this.#outbox.nextTickAt;
  }

  // Types that came later than this client are no fault: ignored, as the official client does.
  #dispatch(message: AgentMessage, now: number): void {
    switch (message.type) {
      case 'output_stream_data':
        this.#unpause(now);
        this.#receiveOutput(message, now);
        break;
      case 'acknowledge':
        this.#unpause(now);
        this.#receiveAcknowledge(message, now);
        break;
      case 'pause_publication':
        this.#pausedAt ??= now;
        this.#outbox.shut();
        break;
      case 'start_publication':
        this.#unpause(now);
        break;
      case 'channel_closed':
        this.shut();
        this.#host.closed(closeReason(message.payload));
        break;
    }
  }

  #receiveOutput(message: AgentMessage, now: number): void {
    this.#garbage = 0;
    const arrival = this.#inbox.arrive(message.sequence, message);
    if (arrival === 'refused') return;
    if (arrival === 'next') this.#host.deliver(message.payloadType, message.payload);
    if (this.#isUp) this.#host.transmit(encodeAcknowledge(message, this.#newId(), now));
    if (arrival !== 'next') return;
    for (let early = this.#inbox.drain(); early !== undefined && !this.#isOver; early = this.#inbox.drain()) {
      this.#host.deliver(early.payloadType, early.payload);
    }
  }

  #receiveAcknowledge(message: AgentMessage, now: number): void {
    const sequence = acknowledgedSequence(message.payload);
    if (sequence === null) this.#countGarbage('an acknowledgement without a sequence number');
    else {
      this.#garbage = 0;
      this.#outbox.acknowledged(sequence, now);
    }
  }

  #unpause(now: number): void {
    if (this.#pausedAt === null) return;
    this.#pausedAt = null;
    this.#outbox.open(now);
  }

  #countGarbage(detail: string): void {
    if (++this.#garbage >= GARBAGE_LIMIT) this.#fail({ kind: 'garbage', detail });
  }

  #fail(why: ChannelFailure): void {
    this.shut();
    this.#host.failed(why);
  }

  #newId(): Buffer {
    return uuidFromRandom(this.#options.random(16));
  }
}

function closeReason(payload: Buffer): string {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    const output = (value as { Output?: unknown } | null)?.Output;
    return typeof output === 'string' ? output.trim() : '';
  } catch {
    return '';
  }
}
