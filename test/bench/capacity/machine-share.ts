/** How much of this machine was ours: others may work on it while a load is measured, and the model must know. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { processorTime } from '../dispatch/meter.js';

/** Runs the work. @returns what it gave, and the share of the processors that other processes left (0 to 1) */
export async function withShare<T>(
  pids: readonly number[],
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly share: number }> {
  const before = read(pids);
  const from = performance.now();
  const value = await work();
  const after = read(pids);
  const capacityUs = (performance.now() - from) * 1000 * cpus().length;
  const others = after.all - before.all - (after.ours - before.ours);
  return { value, share: Math.min(1, Math.max(0.05, 1 - others / capacityUs)) };
}

/** Linux counts in hundredths of a second. */
const TICK_US = 10_000;
const [USER, NICE, SYSTEM, IRQ, SOFT_IRQ, STEAL] = [0, 1, 2, 5, 6, 7];

function read(pids: readonly number[]): { all: number; ours: number } {
  const fields = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '')
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const ticks = [USER, NICE, SYSTEM, IRQ, SOFT_IRQ, STEAL].map((field) => fields[field] ?? 0);
  return {
    all: ticks.reduce((sum, value) => sum + value, 0) * TICK_US,
    ours: pids.map(processorTime).reduce((sum, value) => sum + value, 0),
  };
}
