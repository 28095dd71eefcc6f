/** What recurs: the last few values of each phase of a period, and what they say about the time ahead. */

export interface SeasonState {
  /** Start of the newest bin; 0 before the first. */
  readonly newest: number;
  readonly oldest: number;
  /** Largest value of each bin, a ring of all periods kept. */
  readonly bins: readonly number[];
}

export interface Season {
  push(at: number, value: number): void;
  /** Largest value that any of the kept periods had at the phases of `from` to `to`; 0 where none is known. */
  ahead(from: number, to: number): number;
  save(): SeasonState;
}

interface SeasonShape {
  /** Milliseconds; a multiple of `bin`. */
  readonly period: number;
  readonly periods: number;
  readonly bin: number;
}

export function createSeason(shape: SeasonShape, saved?: SeasonState): Season {
  const perPeriod = Math.max(1, Math.round(shape.period / shape.bin));
  const size = perPeriod * (shape.periods + 1);
  const fits = saved !== undefined && saved.bins.length === size;
  const bins = fits ? [...saved.bins] : new Array<number>(size).fill(0);
  let newest = fits ? saved.newest : 0;
  let oldest = fits ? saved.oldest : 0;
  // The answer for a span of bins stays the same until the next bin begins.
  const known = new Map<number, { first: number; newest: number; most: number }>();

  return {
    push(at, value) {
      const bin = Math.floor(at / shape.bin);
      if (newest === 0 || bin < newest) {
        if (newest === 0) oldest = bin;
        if (bin < newest) return;
        newest = bin;
        bins[bin % size] = value;
        return;
      }
      // Bins that nothing was known of are empty, not what stood there a cycle ago.
      for (let next = Math.max(newest + 1, bin - size + 1); next <= bin; next++) bins[next % size] = 0;
      newest = bin;
      if (value > (bins[bin % size] ?? 0)) bins[bin % size] = value;
    },
    ahead(from, to) {
      const first = Math.floor(from / shape.bin);
      const last = Math.floor(to / shape.bin);
      const before = known.get(last - first);
      if (before?.first === first && before.newest === newest) return before.most;
      let most = 0;
      for (let bin = first; bin <= last; bin++)
        for (let back = 1; back <= shape.periods; back++) {
          const then = bin - back * perPeriod;
          if (then < oldest || then > newest || newest - then >= size) continue;
          const value = bins[then % size] ?? 0;
          if (value > most) most = value;
        }
      known.set(last - first, { first, newest, most });
      return most;
    },
    save: () => ({ newest, oldest, bins: bins.slice() }),
  };
}
