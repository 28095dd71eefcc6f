/** What goes wrong in a simulation, by a seed: the same seed is the same run. */

export interface Faults {
  readonly seed: number;
  /** Minutes of one outage of all metrics each day, at a time that the seed picks. */
  readonly outageMinutes: number;
  /** What an outage looks like to who reads the metrics. */
  readonly outageAs: 'missing' | 'zero';
  /** Share of minutes whose metrics never come, 0 to 1. */
  readonly dropOuts: number;
  /** Share of launches that fail at the end of their boot and start again, 0 to 1. */
  readonly launchFailures: number;
  /** The minute in which one of two zones is lost, with every second instance; null for never. */
  readonly zoneLossAt: number | null;
}

export const NO_FAULTS: Faults = {
  seed: 1,
  outageMinutes: 0,
  outageAs: 'missing',
  dropOuts: 0,
  launchFailures: 0,
  zoneLossAt: null,
};

const DAY_MINUTES = 1440;

/** What of each minute's metrics can be seen: 0 as it was, 1 nothing, 2 a zero. */
export function visibility(minutes: number, faults: Faults): Uint8Array {
  const seen = new Uint8Array(minutes);
  const random = randomFrom(faults.seed);
  if (faults.outageMinutes > 0)
    for (let day = 0; day < minutes; day += DAY_MINUTES) {
      const from = day + Math.floor(random() * Math.max(1, DAY_MINUTES - faults.outageMinutes));
      seen.fill(faults.outageAs === 'zero' ? 2 : 1, from, from + faults.outageMinutes);
    }
  if (faults.dropOuts > 0) for (let t = 0; t < minutes; t++) if (random() < faults.dropOuts) seen[t] = 1;
  return seen;
}

/** Numbers from 0 to 1 that a seed fixes (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
