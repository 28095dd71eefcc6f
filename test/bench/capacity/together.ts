/** The rule by which the server serves together what comes together (`dispatch/together.ts`), in simulated time. Pure. */
import type { Simulation } from './simulation.js';

export interface Rounds<T> {
  /** Rounds at a time. */
  readonly lanes: number;
  /** Whom a round serves at the most; where so many wait, a further round begins. */
  readonly most: number;
  readonly round: (batch: readonly T[], over: () => void) => void;
}

/** A round that takes longer than this waits for somebody; others need not wait with it. */
const SLOW_MS = 25;

export function createTogether<T>(
  simulation: Simulation,
  { lanes, most, round }: Rounds<T>,
): (one: T) => void {
  const waiting: T[] = [];
  const running = new Set<{ begun: number }>();
  const drain = (lane: { begun: number }) => {
    const batch = waiting.splice(0, most);
    lane.begun = simulation.now();
    if (batch.length === 0) running.delete(lane);
    else round(batch, () => drain(lane));
  };
  const isFree = () => {
    if (running.size === 0) return true;
    const isSlow = [...running].every(({ begun }) => simulation.now() - begun > SLOW_MS);
    return running.size < lanes && (waiting.length >= most || isSlow);
  };
  return (one) => {
    waiting.push(one);
    if (!isFree()) return;
    const lane = { begun: simulation.now() };
    running.add(lane);
    simulation.after(0, () => drain(lane));
  };
}
