/** When each runner was heard of last, written for all of them together: at once after a pause, else once a second. */
import { SECOND } from '../../kernel/time.js';
import { touchRunners } from '../store/runners.js';
import type { Store } from '../store/store.js';

export interface SignsOfLife {
  /** Resolves when it is written, or will be within a second; what is only noted may be lost with this process. */
  note(runnerId: string): Promise<void>;
}

const EVERY_MS = SECOND;
const CHUNK = 500;

export function createSignsOfLife(store: Store): SignsOfLife {
  const heard = new Set<string>();
  let writtenAt = Number.NEGATIVE_INFINITY;
  let isDue = false;
  const write = async () => {
    isDue = false;
    writtenAt = performance.now();
    const ids = [...heard];
    heard.clear();
    // In one order, so that two nodes that write of the same runners wait and never block one another.
    ids.sort();
    for (let at = 0; at < ids.length; at += CHUNK) await touchRunners(store, ids.slice(at, at + CHUNK));
  };
  return {
    note: async (runnerId) => {
      heard.add(runnerId);
      if (isDue) return;
      const leftMs = writtenAt + EVERY_MS - performance.now();
      if (leftMs <= 0) return write();
      isDue = true;
      // While the database is away there is nothing to write to: the next heartbeat says it again.
      setTimeout(() => void write().catch(() => {}), leftMs).unref();
    },
  };
}
