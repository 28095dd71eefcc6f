import { statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { silentLog } from '../../../src/kernel/log.js';
import { claim } from '../../../src/orchestrator/jobs/claim.js';
import { enqueue } from '../../../src/orchestrator/jobs/enqueue.js';
import { OFFER_MS } from '../../../src/orchestrator/jobs/limits.js';
import { reap } from '../../../src/orchestrator/jobs/sweep.js';
import { migrate } from '../../../src/orchestrator/store/migrate.js';
import { openStore } from '../../../src/orchestrator/store/open.js';
import type { Store } from '../../../src/orchestrator/store/store.js';
import { codeOf } from '../../contracts/store/context.js';
import { newJob, openFixture } from '../../contracts/store/fixture.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';

let dir: string;
let store: Store;
let woken: string[];
beforeEach(async () => {
  dir = makeTempDir('store');
  woken = [];
  store = await openStore({
    url: `sqlite:${dir}/roc.db`,
    log: silentLog,
    random: () => 0,
    onReady: (ids) => woken.push(...ids),
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  removeDir(dir);
});

const busy = () => Object.assign(new TypeError('busy'), { code: 'SQLITE_BUSY' });

it('runs a transaction again while the database is busy, and wakes nobody for those that failed', async () => {
  let attempts = 0;
  const result = await store.transaction(async (tx) => {
    tx.wake('pool');
    attempts += 1;
    if (attempts <= 5) throw busy();
    return 'done';
  });
  expect([result, attempts, woken]).toEqual(['done', 6, ['pool']]);
});

it('gives up after the fifth time', async () => {
  let attempts = 0;
  const work = store.transaction(async () => {
    attempts += 1;
    throw busy();
  });
  expect(await codeOf(work)).toBe('ROC_UNAVAILABLE');
  expect(attempts).toBe(6);
});

it('runs a failing transaction once, and leaves nothing of it', async () => {
  let attempts = 0;
  const work = store.transaction(async (tx) => {
    attempts += 1;
    tx.wake('pool');
    throw new TypeError('a bug');
  });
  await expect(work).rejects.toThrow('a bug');
  expect([attempts, woken]).toEqual([1, []]);
});

it('reads the time once in a transaction, from the database', async () => {
  const real = Date.now();
  vi.spyOn(Date, 'now').mockReturnValue(Date.UTC(2060, 0, 1));
  const [first, second, id] = await store.transaction(async (tx) => {
    const before = await tx.now();
    await new Promise((resolve) => setTimeout(resolve, 5));
    return [before, await tx.now(), await tx.newId()];
  });
  expect(second).toBe(first);
  const later = await store.now();
  expect(later - first).toBeGreaterThanOrEqual(5);
  expect(Math.abs(first - real)).toBeLessThan(60_000);
  expect(id.slice(0, 2)).toBe('01');
});

it('lets no clock of a node decide: leases end and jobs are due by the time of the database', async () => {
  const f = await openFixture(`sqlite:${dir}/other.db`);
  const runner = await f.runner('r1');
  await f.store.close();
  const node = await openStore({ url: `sqlite:${dir}/other.db`, log: silentLog });
  // This node's clock is far ahead of the database's.
  const isoNow = Date.now();
  vi.spyOn(Date, 'now').mockReturnValue(isoNow + 365 * 86_400_000);
  const { id } = await node.transaction((tx) => enqueue(tx, newJob(f.tenantId)));
  await claim(node, { ...runner, slots: 1 });
  expect(await reap(node)).toBe(0);
  const lease = await node.db.selectFrom('job_lease').selectAll().executeTakeFirstOrThrow();
  expect(lease.job_id).toBe(id);
  expect(Math.abs(lease.lease_until - OFFER_MS - isoNow)).toBeLessThan(60_000);
  await node.close();
});

it('says what is wrong with a database file', async () => {
  writeFileSync(`${dir}/text.db`, 'this is no database, and it is longer than a header'.repeat(40));
  const open = (url: string) => openStore({ url, log: silentLog });
  expect(await codeOf(open(`sqlite:${dir}/text.db`))).toBe('ROC_DATA_DIR_UNUSABLE');
  expect(await codeOf(open(`sqlite:${dir}/none/roc.db`))).toBe('ROC_DATA_DIR_UNUSABLE');
  await migrate(store);
  expect(statSync(`${dir}/roc.db`).mode & 0o777).toBe(0o600);
  expect(statSync(`${dir}/roc.db-wal`).mode & 0o777).toBe(0o600);
});
