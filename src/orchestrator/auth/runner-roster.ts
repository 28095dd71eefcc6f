/** The runners that were here lately, read together every few seconds, so that none of their requests has to ask. */
import { type Clock, SECOND } from '../../kernel/time.js';
import { findRunners } from '../store/runners.js';
import type { Store } from '../store/store.js';
import type { RunnerCaller } from './caller.js';

export interface RunnerRoster {
  /** As it was at most {@link RECHECK_MS} ago; null for one that is not registered, or whose tenant is closed. */
  find(id: string): Promise<RunnerCaller | null>;
  /** Reads all that asked lately anew. */
  refresh(): Promise<void>;
  forget(id: string): void;
  forgetAll(): void;
}

/** A runner that was removed, or whose tenant was paused, is noticed this late, on any node. */
const RECHECK_MS = 5 * SECOND;
/** Longer than a poll is held and than heartbeats are apart. */
const LATELY_MS = 45 * SECOND;
const CHUNK = 500;

interface Entry {
  readonly caller: RunnerCaller;
  readonly until: number;
  askedAt: number;
}

export function createRunnerRoster(store: Store, now: Clock): RunnerRoster {
  const entries = new Map<string, Entry>();
  /** Raised by each forgetting: what was read before it must not come back after it. */
  let forgotten = 0;
  const read = async (ids: readonly string[]): Promise<Map<string, RunnerCaller>> => {
    const [before, at] = [forgotten, now()];
    const runners = await findRunners(store, ids);
    const callers = new Map(runners.map((runner) => [runner.id, { ...runner, kind: 'runner' as const }]));
    if (before !== forgotten) return callers;
    for (const id of ids) {
      const caller = callers.get(id);
      const askedAt = entries.get(id)?.askedAt ?? at;
      if (caller === undefined) entries.delete(id);
      else entries.set(id, { caller, until: at + RECHECK_MS, askedAt });
    }
    return callers;
  };
  return {
    find: async (id) => {
      const entry = entries.get(id);
      if (entry === undefined || entry.until <= now()) return (await read([id])).get(id) ?? null;
      entry.askedAt = now();
      return entry.caller;
    },
    refresh: async () => {
      const since = now() - LATELY_MS;
      for (const [id, { askedAt }] of entries) if (askedAt < since) entries.delete(id);
      const ids = [...entries.keys()];
      for (let at = 0; at < ids.length; at += CHUNK) await read(ids.slice(at, at + CHUNK));
    },
    forget: (id) => {
      forgotten++;
      entries.delete(id);
    },
    forgetAll: () => {
      forgotten++;
      entries.clear();
    },
  };
}
