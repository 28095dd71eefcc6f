/** Refusals on their way into the chain: each of a known caller's, as counts a minute where nobody is known. */
import { type Clock, isoTime, MINUTE } from '../../kernel/time.js';
import type { AuditActor } from '../../protocol/audit/chain.js';
import type { Store } from '../store/store.js';
import { installationTenant } from '../store/tenants.js';
import type { Audit, NewAuditEvent } from './audit.js';

export interface Refusal {
  /** Null: nobody is known, and the refusal belongs to no tenant. */
  readonly caller: { readonly tenantId: string; readonly actor: AuditActor } | null;
  readonly route: string;
  readonly status: number;
  readonly address: string;
  readonly requestId: string;
}

export interface Refusals {
  /** Remembers one; costs no I/O, so that refusing stays cheaper than asking. */
  note(refusal: Refusal): void;
  /** Writes what is due; all of it when the server stops. */
  flush(all?: boolean): Promise<void>;
}

/** A caller that asks again and again fills no chain: the rest of the minute is counted. */
const EACH_PER_CALLER = 20;
const MAX_COUNTERS = 200;

interface Counter {
  readonly tenantId: string | null;
  readonly actor: AuditActor | null;
  readonly route: string;
  readonly status: number;
  readonly address: string;
  count: number;
}

export function createRefusals(store: Store, audit: Audit, now: Clock): Refusals {
  let [minuteFrom, told, counters] = [now(), new Map<string, number>(), new Map<string, Counter>()];
  const events: NewAuditEvent[] = [];
  const count = (refusal: Refusal) => {
    const { caller, route, status } = refusal;
    const isFull = counters.size >= MAX_COUNTERS;
    const address = isFull ? 'others' : refusal.address;
    const [tenantId, actor] = [caller?.tenantId ?? null, caller?.actor ?? null];
    const key = `${tenantId} ${actor?.id} ${route} ${status} ${address}`;
    const counter = counters.get(key) ?? { tenantId, actor, route, status, address, count: 0 };
    counter.count++;
    counters.set(key, counter);
  };
  const takeCounts = async () => {
    const [from, former] = [minuteFrom, counters];
    [minuteFrom, counters] = [now(), new Map()];
    try {
      events.push(...(await countsAsEvents(store, former, from)));
      told = new Map();
    } catch (error) {
      const since = counters;
      [minuteFrom, counters] = [from, new Map(former)];
      for (const [key, counter] of since)
        counters.set(key, { ...counter, count: counter.count + (former.get(key)?.count ?? 0) });
      throw error;
    }
  };
  const write = async (all: boolean) => {
    if (all || now() - minuteFrom >= MINUTE) await takeCounts();
    // What cannot be written now is written later: it goes once it is in the chain.
    for (let [event] = events; event !== undefined; [event] = events) {
      const next = event;
      await store.transaction((tx) => audit.append(tx, next));
      events.shift();
    }
  };
  let writing = Promise.resolve();
  return {
    note: (refusal) => {
      const { caller, route, status, address, requestId } = refusal;
      const subject = caller?.actor.id ?? '';
      const before = told.get(subject) ?? 0;
      if (caller === null || before >= EACH_PER_CALLER) return count(refusal);
      told.set(subject, before + 1);
      const event = { action: 'access.refuse', outcome: 'refused', after: { route, status } } as const;
      events.push({ ...event, ...caller, address, requestId });
    },
    flush: (all = false) => {
      // One after the other: two at once would write the same event.
      writing = writing.catch(() => {}).then(() => write(all));
      return writing;
    },
  };
}

/** One event a tenant; what belongs to no tenant goes to the installation's own. */
async function countsAsEvents(
  store: Store,
  counters: ReadonlyMap<string, Counter>,
  from: number,
): Promise<NewAuditEvent[]> {
  if (counters.size === 0) return [];
  const home = await installationTenant(store);
  const byTenant = groupByTenant(counters, home);
  return [...byTenant].flatMap(([tenantId, some]) =>
    tenantId === null
      ? []
      : {
          tenantId,
          actor: { kind: 'anonymous', id: null, name: 'unknown callers' },
          action: 'access.refuse',
          outcome: 'refused',
          after: {
            since: isoTime(from),
            refusals: some.map(({ actor, route, status, address, count }) => ({
              ...(actor === null ? {} : { actor: actor.name }),
              ...{ route, status, address, count },
            })),
          },
        },
  );
}

function groupByTenant(
  counters: ReadonlyMap<string, Counter>,
  home: string | null,
): Map<string | null, Counter[]> {
  const groups = new Map<string | null, Counter[]>();
  for (const counter of counters.values()) {
    const tenantId = counter.tenantId ?? home;
    groups.set(tenantId, [...(groups.get(tenantId) ?? []), counter]);
  }
  return groups;
}
