import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLog } from '../../../src/kernel/log.js';
import { MINUTE } from '../../../src/kernel/time.js';
import type { Audit, NewAuditEvent } from '../../../src/orchestrator/audit/audit.js';
import { createRefusals, type Refusals } from '../../../src/orchestrator/audit/refusals.js';
import { migrate } from '../../../src/orchestrator/store/migrate.js';
import { openStore } from '../../../src/orchestrator/store/open.js';
import type { Store } from '../../../src/orchestrator/store/store.js';

let store: Store;
let now = 0;
/** The database is away: for what is read, or for what is written. */
let away: 'read' | 'write' | null = null;
let written: NewAuditEvent[] = [];
let refusals: Refusals;

beforeEach(async () => {
  store = await openStore({ url: 'sqlite::memory:', log: silentLog });
  await migrate(store);
  [now, away, written] = [0, null, []];
  const audit = { append: async (_: unknown, event: NewAuditEvent) => void written.push(event) };
  const failing = {
    ...store,
    get db() {
      if (away === 'read') throw new TypeError('away');
      return store.db;
    },
    transaction: <T>(work: Parameters<Store['transaction']>[0]) =>
      away === null ? store.transaction(work) : Promise.reject<T>(new TypeError('away')),
  } as Store;
  refusals = createRefusals(failing, audit as unknown as Audit, () => now);
});
afterEach(() => store.close());

const refuse = (id: string | null) =>
  refusals.note({
    caller: id === null ? null : { tenantId: 't', actor: { kind: 'user', id, name: id } },
    ...{ route: 'jobs.list', status: 403, address: '192.0.2.1', requestId: `r-${id}` },
  });

const counted = () =>
  written.flatMap(({ after }) =>
    ((after?.['refusals'] ?? []) as { count: number }[]).map(({ count }) => count),
  );

it('writes what could not be written while the database was away, each once', async () => {
  for (const id of ['a', 'b', 'c']) refuse(id);
  away = 'write';
  await expect(refusals.flush()).rejects.toThrow('away');
  refuse('d');
  away = null;
  await refusals.flush();
  await refusals.flush();
  expect(written.map(({ actor }) => actor.id)).toEqual(['a', 'b', 'c', 'd']);
});

it('goes on counting where the counts of a minute cannot be told', async () => {
  // A known caller is counted from the 21st of a minute on; what is told of it goes to its own tenant.
  for (let n = 0; n < 25; n++) refuse('a');
  now += MINUTE;
  away = 'read';
  await expect(refusals.flush()).rejects.toThrow('away');
  for (let n = 0; n < 3; n++) refuse('a');
  away = null;
  await refusals.flush();
  await refusals.flush(true);
  expect(counted().reduce((sum, count) => sum + count, 0)).toBe(8);
  expect(written).toHaveLength(21);
});
