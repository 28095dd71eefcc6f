/** How many messages may be in flight: grows while acknowledgements come back promptly, shrinks on delay and loss. */
import type { RoundTrip } from './round-trip.js';

const WINDOW_START = 32;
const WINDOW_MIN = 32;
const WINDOW_MAX = 4096;

export class SendWindow {
  #size = WINDOW_START;
  #threshold = WINDOW_MAX;
  #shrunkAt = Number.NEGATIVE_INFINITY;

  get size(): number {
    return Math.floor(this.#size);
  }

  /** One acknowledgement of a message sent once. `inFlight` tells whether the window was the limit. */
  acknowledged(milliseconds: number, inFlight: number, trip: RoundTrip, now: number): void {
    if (milliseconds > 2 * trip.min + 50) this.#shrink(0.9, trip, now);
    else if (inFlight >= this.#size / 2 && milliseconds <= 1.5 * trip.min + 10) this.#grow();
  }

  /** A message overtaken by later ones. Mild: the loss is the gateway's, not a full link's. */
  lost(trip: RoundTrip, now: number): void {
    this.#shrink(0.9, trip, now);
  }

  /** Nothing came back in time. */
  timedOut(trip: RoundTrip, now: number): void {
    this.#shrink(0.5, trip, now);
  }

  /** The link broke or the peer asked to stop: what is known of the path is old. */
  restart(): void {
    this.#threshold = Math.max(WINDOW_MIN, this.#size / 2);
    this.#size = WINDOW_START;
  }

  #grow(): void {
    const step = this.#size < this.#threshold ? 1 : 8 / this.#size;
    this.#size = Math.min(WINDOW_MAX, this.#size + step);
  }

  // At most once a round trip: all the losses of one burst are one event.
  #shrink(factor: number, trip: RoundTrip, now: number): void {
    if (now - this.#shrunkAt < trip.smoothed) return;
    this.#shrunkAt = now;
    this.#size = Math.max(WINDOW_MIN, this.#size * factor);
    this.#threshold = this.#size;
  }
}
