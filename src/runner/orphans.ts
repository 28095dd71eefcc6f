/** What an agent that died hard left behind: robots without a supervisor, and their folders. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { markedProcesses } from './kill-tree.js';
import type { StateDir } from './state-dir.js';
import type { Timing } from './timing.js';
import { wipeDir } from './wipe-dir.js';

const MAX_ROUNDS = 50;
const ROUND_MS = 20;

/**
 * Ends every process that carries a mark of this runner and removes the folders of all attempts. Only the holder of
 * the agent's lock may call it: then no such process can have a living supervisor.
 * @returns how many processes were killed
 */
export async function sweepOrphans(state: StateDir, markPrefix: string, timing: Timing): Promise<number> {
  const killed = new Set<number>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const orphans = markedProcesses(markPrefix);
    if (orphans.length === 0) break;
    for (const { pid } of orphans) {
      killed.add(pid);
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Ended between the look and the signal.
      }
    }
    await timing.sleep(ROUND_MS);
  }
  for (const name of await readdir(state.work)) await wipeDir(join(state.work, name));
  return killed.size;
}
