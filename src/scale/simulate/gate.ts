/** Whether the first policy broke its promise; what a pipeline fails on. */
import type { Simulation } from './simulate.js';

/** @param mostAvoidable percent of minutes, undefined for no limit */
export function isOver({ means }: Simulation, mostAvoidable: number | undefined): boolean {
  const [first] = means;
  return mostAvoidable !== undefined && first !== undefined && first.avoidablePct > mostAvoidable;
}
