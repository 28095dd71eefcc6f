/** Round-trip estimate and retransmission time-out, with the constants that the agent uses too (RFC 6298). */

const INITIAL_TIMEOUT = 200;
const MAX_TIMEOUT = 1000;
/** Below this a busy host alone would set off resends. */
const MIN_TIMEOUT = 100;
/** How long a smallest round trip is believed before it is measured anew. */
const MIN_LIFE = 30_000;

export class RoundTrip {
  #smoothed = 100;
  #variation = 0;
  #timeout = INITIAL_TIMEOUT;
  #min = Number.POSITIVE_INFINITY;
  #minAt = 0;

  /** Takes one measured round trip; never of a message that was sent more than once (Karn). */
  sample(milliseconds: number, now: number): void {
    this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - milliseconds);
    this.#smoothed = 0.875 * this.#smoothed + 0.125 * milliseconds;
    const spread = Math.max(10, 4 * this.#variation);
    this.#timeout = Math.min(MAX_TIMEOUT, Math.max(MIN_TIMEOUT, this.#smoothed + spread));
    if (milliseconds <= this.#min || now - this.#minAt > MIN_LIFE) {
      this.#min = milliseconds;
      this.#minAt = now;
    }
  }

  /** Time-out of a message that was already resent `resends` times. */
  timeout(resends: number): number {
    return Math.min(MAX_TIMEOUT, this.#timeout * 2 ** Math.min(resends, 4));
  }

  /** The smallest recent round trip; what remains above it is waiting in queues. */
  get min(): number {
    return Number.isFinite(this.#min) ? this.#min : this.#smoothed;
  }

  get smoothed(): number {
    return this.#smoothed;
  }
}
