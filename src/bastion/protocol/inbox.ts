/** The receiving half of the data channel: puts messages in order, keeps early ones, knows duplicates. */

export interface Delivery {
  readonly payloadType: number;
  readonly payload: Buffer;
}

export type Arrival = 'next' | 'early' | 'duplicate' | 'refused';

/** Early messages are kept up to this many bytes; the sender keeps what is refused, because it is not acknowledged. */
const EARLY_BYTES = 32 * 1024 * 1024;
/** What an entry costs besides its payload. */
const ENTRY_COST = 200;

export class Inbox {
  readonly #early = new Map<number, Delivery>();
  #earlyBytes = 0;
  #expected = 0;

  /** The sequence number that is delivered next. */
  get expected(): number {
    return this.#expected;
  }

  /** Says what a message is; one that is `next` must be taken by the caller before {@link drain}. */
  arrive(sequence: number, delivery: Delivery): Arrival {
    if (sequence < this.#expected || this.#early.has(sequence)) return 'duplicate';
    if (sequence === this.#expected) {
      this.#expected++;
      return 'next';
    }
    const cost = delivery.payload.length + ENTRY_COST;
    if (this.#earlyBytes + cost > EARLY_BYTES) return 'refused';
    this.#earlyBytes += cost;
    // A copy: the view would keep the whole read of the socket alive.
    this.#early.set(sequence, { payloadType: delivery.payloadType, payload: Buffer.from(delivery.payload) });
    return 'early';
  }

  /** The next message that had come early, or undefined. */
  drain(): Delivery | undefined {
    const delivery = this.#early.get(this.#expected);
    if (delivery === undefined) return undefined;
    this.#early.delete(this.#expected);
    this.#earlyBytes -= delivery.payload.length + ENTRY_COST;
    this.#expected++;
    return delivery;
  }
}
