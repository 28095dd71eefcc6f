/** Takes in settled buckets of one metric, each once, and notices what is wrong with them. */
import type { Sample, Series } from './snapshot.js';

export interface IntakeState {
  /** Start of the newest bucket taken in; 0 before the first. */
  readonly takenAt: number;
  /** From here on there is no hole; 0 before the first bucket. */
  readonly since: number;
  /** `[at, value, …]` of the newest buckets: one that has grown since counts anew. */
  readonly recent: readonly number[];
}

/** What one look at a series found. */
export interface Found {
  /** New buckets and grown ones, ready to be counted: `at` never falls. */
  readonly taken: { at: number; value: number }[];
  /** Two values stood at one time, or times ran backwards. */
  isDuplicated: boolean;
  /** Values that are no number or below zero. */
  isBroken: boolean;
}

export interface Intake {
  /** Nothing later than `settledUntil` (end of a bucket) is looked at. The result is reused by the next call. */
  take(series: Series, settledUntil: number, maxGap: number, isQuiet: (at: number) => boolean): Found;
  /** A bucket that the metric left out because there was nothing to count. */
  takeZero(at: number, periodMs: number): void;
  takenAt(): number;
  since(): number;
  restart(): void;
  save(): IntakeState;
}

const REMEMBERED = 8;
const MICRO = 1e6;

export const NOTHING_TAKEN: IntakeState = { takenAt: 0, since: 0, recent: [] };

export function createIntake(saved: IntakeState = NOTHING_TAKEN): Intake {
  let { takenAt, since } = saved;
  const recent: number[] = [...saved.recent];
  const found: Found = { taken: [], isDuplicated: false, isBroken: false };
  const spare: { at: number; value: number }[] = [];

  function count(at: number, value: number): void {
    const index = found.taken.length;
    const one = spare[index] ?? { at, value };
    spare[index] = one;
    one.at = at;
    one.value = value;
    found.taken.push(one);
  }

  function remember(at: number, value: number): void {
    recent.push(at, value);
    if (recent.length > 4 * REMEMBERED) recent.splice(0, recent.length - 2 * REMEMBERED);
  }

  // A bucket that CloudWatch went on writing to after it was taken counts at once, as if it were the newest.
  function regard(at: number, value: number): void {
    for (let i = recent.length - 2; i >= 0; i -= 2) {
      if (recent[i] !== at) continue;
      if (value > (recent[i + 1] ?? 0)) {
        recent[i + 1] = value;
        count(takenAt, value);
      }
      return;
    }
  }

  function accept(
    { at, value }: Sample,
    periodMs: number,
    maxGap: number,
    isQuiet: (at: number) => boolean,
  ): void {
    if (takenAt === 0) since = at;
    else if (at - takenAt > periodMs) {
      let quietUntil = takenAt;
      while (quietUntil + periodMs < at && isQuiet(quietUntil + periodMs)) quietUntil += periodMs;
      if (at - quietUntil > periodMs + maxGap) since = at;
    }
    takenAt = at;
    remember(at, value);
    count(at, value);
  }

  return {
    take({ points, periodMs }, settledUntil, maxGap, isQuiet) {
      found.taken.length = 0;
      found.isDuplicated = false;
      found.isBroken = false;
      let former: Sample | undefined;
      for (const point of points) {
        if (point.at + periodMs > settledUntil) continue;
        if (!(point.value >= 0 && point.value < Number.MAX_SAFE_INTEGER)) {
          found.isBroken = true;
          continue;
        }
        const value = Math.round(point.value * MICRO) / MICRO;
        if (former !== undefined && point.at <= former.at && !isSame(former, point))
          found.isDuplicated = true;
        if (point.at <= takenAt) regard(point.at, value);
        else accept({ at: point.at, value }, periodMs, maxGap, isQuiet);
        former = point;
      }
      return found;
    },
    takeZero(at, periodMs) {
      accept({ at, value: 0 }, periodMs, 0, () => false);
    },
    takenAt: () => takenAt,
    since: () => since,
    restart() {
      takenAt = 0;
      since = 0;
      recent.length = 0;
    },
    save: () => ({ takenAt, since, recent: recent.slice(-2 * REMEMBERED) }),
  };
}

function isSame(one: Sample, other: Sample): boolean {
  return one.at === other.at && one.value === other.value;
}
