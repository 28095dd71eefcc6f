/** Facts that change seldom, asked seldom: launch times, what burstable instances do, connections of the database. */
import { type Clock, HOUR, MINUTE } from '../../kernel/time.js';
import { usualMaxConnections } from '../database/class.js';
import { faultWords } from '../fault-words.js';
import type { SlowFacts } from '../gather.js';
import type { Unread } from '../unread.js';
import { burstBaseline } from './burst-types.js';
import type { Group } from './facts.js';

export interface SlowSources {
  readonly launches: (ids: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  readonly creditMode: (id: string) => Promise<'standard' | 'unlimited'>;
  /** Null where there is no database. */
  readonly database:
    | (() => Promise<{ readonly class: string; readonly maxConnections: number | null }>)
    | null;
  readonly now: Clock;
}

/** After a failure a fact is not asked for so long. */
const REST = 5 * MINUTE;

/** What a decision does without each. */
const WITHOUT = {
  'launch times': 'no decision looks at them',
  'credit mode': 'instances without credits are thought to do their baseline alone',
  'connections of the database': 'the number of before counts; without one they hold no raise back',
} as const;

type Fact = keyof typeof WITHOUT;

function unreadOf([fact, { why }]: readonly [Fact, { readonly why: string }]): Unread {
  return { fact, why, without: WITHOUT[fact] };
}

/** Each fact is asked when it is new or an hour old; one that cannot be read is unknown until it can. */
export function createSlowFacts({ launches, creditMode, database, now }: SlowSources) {
  const started = new Map<string, number>();
  const modes = new Map<string, SlowFacts['burst']>();
  let connections: { readonly at: number; readonly value: number | null } | null = null;

  const failures = new Map<Fact, { readonly at: number; readonly why: string }>();
  const readable = async <T>(fact: Fact, ask: () => Promise<T>, otherwise: T): Promise<T> => {
    const failed = failures.get(fact);
    if (failed !== undefined && Math.abs(now() - failed.at) < REST) return otherwise;
    try {
      const found = await ask();
      failures.delete(fact);
      return found;
    } catch (error) {
      failures.set(fact, { at: now(), why: faultWords(error) });
      return otherwise;
    }
  };

  const burstOf = async ({ instances }: Group): Promise<SlowFacts['burst']> => {
    const one = instances.find(({ type, lifecycle }) => type !== null && lifecycle === 'InService');
    const baseline = burstBaseline(one?.type ?? '');
    if (one === undefined || one.type === null || baseline === null) return null;
    const known = modes.get(one.type);
    if (known !== undefined) return known;
    const mode = await readable('credit mode', () => creditMode(one.id), null);
    // Not known: as if surplus credits were not sold, which never counts on too much.
    if (mode === null) return { mode: 'standard', baseline };
    const found = { mode, baseline };
    modes.set(one.type, found);
    return found;
  };

  const connectionsOf = async (): Promise<number | null> => {
    if (database === null) return null;
    if (connections !== null && now() - connections.at < HOUR) return connections.value;
    const facts = await readable('connections of the database', database, null);
    if (facts === null) return connections?.value ?? null;
    connections = { at: now(), value: facts.maxConnections ?? usualMaxConnections(facts.class) };
    return connections.value;
  };

  return async (group: Group): Promise<SlowFacts> => {
    const isOfTasks = group.zones.length === 0;
    const unknown = isOfTasks ? [] : group.instances.map(({ id }) => id).filter((id) => !started.has(id));
    const found = await readable('launch times', () => launches(unknown), new Map<string, number>());
    for (const [id, at] of found) started.set(id, at);
    const here = new Set(group.instances.map(({ id }) => id));
    for (const id of started.keys()) if (!here.has(id)) started.delete(id);
    const [burst, dbMaxConnections] = [await burstOf(group), await connectionsOf()];
    return { launches: started, burst, dbMaxConnections, unread: [...failures].map(unreadOf) };
  };
}
