/** Lets so many works go at a time; the others wait for their turn, in order. */

export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

export function createGate(lanes: number): Gate {
  let free = lanes;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free--;
    try {
      return await work();
    } finally {
      // Whose turn it is takes the lane over, so that nobody slips in between.
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
