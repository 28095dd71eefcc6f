/** Numbers that look random and are the same for the same seed (mulberry32). */

export interface Seeded {
  /** In [0, 1). */
  next(): number;
  /** An integer from `low` up to and including `high`. */
  between(low: number, high: number): number;
  pick<T>(choices: readonly T[]): T;
}

export function seeded(seed: number): Seeded {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return { next, between, pick: (choices) => choices[between(0, choices.length - 1)] as never };
}
