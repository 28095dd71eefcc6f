/** What time it is at the server: assertions are signed and tokens renewed by its clock, not by this host's. */
import type { Clock } from '../kernel/time.js';

export interface ServerClock {
  /** Epoch milliseconds of the server, to about a second. */
  now(): number;
  /** Milliseconds that the server is ahead of this host; 0 while they agree. */
  offset(): number;
  /** Learns from the Date header of an answer that has just come. */
  observe(date: string | null): void;
}

/** An offset below this is the header's own resolution and the way it came. */
const NOISE_MS = 2000;

export function createServerClock(wall: Clock): ServerClock {
  let offset = 0;
  return {
    now: () => wall() + offset,
    offset: () => offset,
    observe(date) {
      const said = date === null ? Number.NaN : Date.parse(date);
      if (Number.isNaN(said)) return;
      // The header cuts its second off: half of one is the best guess of what was lost.
      const seen = said + 500 - wall();
      offset = Math.abs(seen) < NOISE_MS ? 0 : seen;
    },
  };
}
