/** The sending half of the data channel: window, pace, loss detection and resends. Pure: time comes in as an argument. */
import { RoundTrip } from './round-trip.js';
import { SendWindow } from './send-window.js';

interface Entry {
  readonly sequence: number;
  readonly frame: Buffer;
  sentAt: number;
  resends: number;
}

export interface OutboxOptions {
  readonly transmit: (frame: Buffer) => void;
  /** Bytes a second; no limit when absent. */
  readonly maxRate?: number | undefined;
}

export interface OutboxCounts {
  sent: number;
  resent: number;
  timeouts: number;
}

/** How many messages may wait for the window before the writer is asked to stop. */
const PENDING_LIMIT = 64;
/** A burst that a rate limit lets through at once, in milliseconds of that rate. */
const BURST = 20;

export class Outbox {
  readonly counts: OutboxCounts = { sent: 0, resent: 0, timeouts: 0 };
  readonly #transmit: (frame: Buffer) => void;
  readonly #bytesPerMs: number;
  readonly #trip = new RoundTrip();
  readonly #window = new SendWindow();
  // Insertion order is order of sending: a resend takes the entry out and puts it last.
  readonly #inFlight = new Map<number, Entry>();
  readonly #pending: Entry[] = [];
  #open = false;
  #latestAcked = Number.NEGATIVE_INFINITY;
  #progressAt = 0;
  #paidUntil = 0;

  constructor(options: OutboxOptions) {
    this.#transmit = options.transmit;
    this.#bytesPerMs = (options.maxRate ?? Number.POSITIVE_INFINITY) / 1000;
  }

  /** False: the writer should wait. What it adds all the same is kept. */
  get hasRoom(): boolean {
    return this.#pending.length < PENDING_LIMIT;
  }

  get unacknowledged(): number {
    return this.#inFlight.size + this.#pending.length;
  }

  get windowSize(): number {
    return this.#window.size;
  }

  /** Since when nothing was acknowledged although something should be; null when nothing is due. */
  get stalledSince(): number | null {
    return this.#open && this.#inFlight.size > 0 ? this.#progressAt : null;
  }

  add(sequence: number, frame: Buffer, now: number): void {
    this.#pending.push({ sequence, frame, sentAt: now, resends: 0 });
    this.pump(now);
  }

  /** The link is up or the peer lets us go on: everything unacknowledged goes out again at once, in order. */
  open(now: number): void {
    this.#open = true;
    this.#progressAt = now;
    const again = [...this.#inFlight.values()].sort((a, b) => a.sequence - b.sequence);
    for (const entry of again) this.#resend(entry, now);
    this.pump(now);
  }

  /** The link is down or the peer asked to stop: nothing is sent, nothing is resent. */
  shut(): void {
    if (this.#open) this.#window.restart();
    this.#open = false;
  }

  acknowledged(sequence: number, now: number): void {
    const entry = this.#inFlight.get(sequence);
    if (entry === undefined) return;
    const elapsed = now - entry.sentAt;
    this.#inFlight.delete(sequence);
    this.#progressAt = now;
    if (entry.resends === 0) {
      this.#trip.sample(elapsed, now);
      this.#window.acknowledged(elapsed, this.#inFlight.size + 1, this.#trip, now);
    }
    // An answer faster than the path allows is to the first sending, and tells nothing of the second.
    if (entry.resends === 0 || elapsed >= this.#trip.min) {
      this.#latestAcked = Math.max(this.#latestAcked, entry.sentAt);
    }
    this.#resendOvertaken(now);
    this.pump(now);
  }

  /** Resends the oldest message when it is overdue; its acknowledgement will show what else was lost. */
  tick(now: number): void {
    if (!this.#open) return;
    const oldest = this.#oldest();
    if (oldest !== undefined && now >= oldest.sentAt + this.#trip.timeout(oldest.resends)) {
      this.counts.timeouts++;
      this.#window.timedOut(this.#trip, now);
      this.#resend(oldest, now);
    }
    this.pump(now);
  }

  /** When {@link tick} has something to do; null when nothing is under way. */
  get nextTickAt(): number | null {
    if (!this.#open) return null;
    const oldest = this.#oldest();
    const overdue = oldest && oldest.sentAt + this.#trip.timeout(oldest.resends);
    const paced = this.#pending.length > 0 && this.#inFlight.size < this.#window.size;
    if (!paced) return overdue ?? null;
    return Math.min(this.#paidUntil, overdue ?? Number.POSITIVE_INFINITY);
  }

  pump(now: number): void {
    while (this.#open && this.#pending.length > 0 && this.#inFlight.size < this.#window.size) {
      const [next] = this.#pending;
      if (next === undefined || this.#paidUntil > now) return;
      this.#pending.shift();
      this.#pay(next.frame.length, now);
      if (this.#inFlight.size === 0) this.#progressAt = now;
      next.sentAt = now;
      this.#inFlight.set(next.sequence, next);
      this.counts.sent++;
      this.#transmit(next.frame);
    }
  }

  // As RACK (RFC 8985): what was sent clearly before an acknowledged message is lost.
  #resendOvertaken(now: number): void {
    const reordering = Math.min(100, Math.max(5, this.#trip.min / 4));
    for (const entry of this.#inFlight.values()) {
      if (!this.#open || entry.sentAt > this.#latestAcked - reordering) return;
      this.#window.lost(this.#trip, now);
      this.#resend(entry, now);
    }
  }

  #resend(entry: Entry, now: number): void {
    this.#inFlight.delete(entry.sequence);
    entry.sentAt = now;
    entry.resends++;
    this.#inFlight.set(entry.sequence, entry);
    this.counts.resent++;
    this.#pay(entry.frame.length, now);
    this.#transmit(entry.frame);
  }

  #oldest(): Entry | undefined {
    return this.#inFlight.values().next().value;
  }

  #pay(bytes: number, now: number): void {
    this.#paidUntil = Math.max(this.#paidUntil, now - BURST) + bytes / this.#bytesPerMs;
  }
}
