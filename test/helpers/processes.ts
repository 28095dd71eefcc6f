/** Whether processes that a test started live on. */
import { readFileSync } from 'node:fs';
import { until } from './until.js';

/** Alive and not a zombie that only waits to be collected. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return process.platform !== 'linux';
  }
}

/** Waits until all are gone. */
export async function goneSoon(pids: readonly number[], timeoutMs = 5000): Promise<void> {
  await until(`the end of ${pids.join(', ')}`, () => pids.every((pid) => !isAlive(pid)), { timeoutMs });
}
