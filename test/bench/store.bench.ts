/** What the store carries: jobs enqueued, and jobs run from claim to result, beside bare durable inserts on the same engine. */
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLog } from '../../src/kernel/log.js';
import { claim } from '../../src/orchestrator/jobs/claim.js';
import { complete } from '../../src/orchestrator/jobs/complete.js';
import { enqueue } from '../../src/orchestrator/jobs/enqueue.js';
import { started } from '../../src/orchestrator/jobs/started.js';
import { openStore } from '../../src/orchestrator/store/open.js';
import type { Store } from '../../src/orchestrator/store/store.js';
import { type Fixture, newJob, openFixture, type TestRunner } from '../contracts/store/fixture.js';
import { startMariadb } from '../helpers/mariadb.js';
import { findProgram } from '../helpers/programs.js';
import { withTempDir } from '../helpers/temp-dir.js';
import { type BenchRow, told, valueAtMost } from './bench-row.js';

const WORKERS = 8;
const ANCHOR = 'bare durable insert, 8 at once';

export async function bench(): Promise<BenchRow[]> {
  const rows = await withTempDir((dir) => measure('SQLite', `sqlite:${dir}/roc.db`), 'bench');
  if (!process.env['ROC_TEST_MYSQL_URL'] && findProgram('mariadbd') === null) return rows;
  const server = await startMariadb();
  try {
    return [...rows, ...(await measure('MariaDB', await server.createDatabase()))];
  } finally {
    await server.stop();
  }
}

async function measure(engine: string, url: string): Promise<BenchRow[]> {
  const f = await openFixture(url);
  const runners: TestRunner[] = [];
  for (let at = 0; at < WORKERS; at++) runners.push(await f.runner(`r${at}`));
  await f.store.close();
  const store = await openStore({ url, log: silentLog });
  const live: Fixture = { ...f, store };
  const insert = await ratePerSecond(1500, (at) => insertOne(store, at));
  const row = (name: string, value: number) =>
    told({ case: `${engine}: ${name}`, value, unit: '/s', against: ANCHOR, againstValue: insert });
  const jobs = 1200;
  const enqueued = await ratePerSecond(jobs, () => start(live));
  const single = await drain(store, runners, 1);
  await ratePerSecond(jobs, () => start(live));
  const batch = await drain(store, runners, 10);
  const rows = [
    row('jobs enqueued', enqueued),
    row('jobs claimed, started and completed, one at a time', single),
    row('jobs claimed by tens, started and completed', batch),
    await claimInDeepQueue(engine, live, runners),
  ];
  await store.close();
  return rows;
}

/** The median time of a claim with 20,000 jobs queued, against 200. */
async function claimInDeepQueue(
  engine: string,
  f: Fixture,
  runners: readonly TestRunner[],
): Promise<BenchRow> {
  await fillQueue(f, 200);
  const shallow = await claimMs(f.store, runners);
  await fillQueue(f, 20_000);
  const deep = await claimMs(f.store, runners);
  const measured = { value: deep / shallow, unit: '×', against: 'a claim with 200 queued', againstValue: 1 };
  return valueAtMost({ case: `${engine}: a claim with 20,000 jobs queued`, ...measured }, 1.2);
}

async function claimMs(store: Store, runners: readonly TestRunner[]): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < 100; at++) {
    const begin = performance.now();
    await claim(store, { ...(runners[at % WORKERS] as TestRunner), slots: 1 });
    times.push(performance.now() - begin);
    await sleep(1);
  }
  return times.sort((a, b) => a - b)[50] ?? 0;
}

async function fillQueue(f: Fixture, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 200) {
    await f.store.transaction(async (tx) => {
      for (let at = 0; at < Math.min(left, 200); at++) await enqueue(tx, newJob(f.tenantId));
    });
  }
}

async function drain(store: Store, runners: readonly TestRunner[], slots: number): Promise<number> {
  let done = 0;
  const begin = performance.now();
  await Promise.all(
    runners.map(async (runner) => {
      for (;;) {
        const { offers } = await claim(store, { ...runner, slots });
        if (offers.length === 0) return;
        for (const { jobId, epoch } of offers) {
          const lease = { jobId, epoch, runnerId: runner.runnerId };
          await started(store, lease);
          const resultId = `result-of-${jobId}`;
          await complete(store, { ...lease, resultId, outcome: 'succeeded', output: null, error: null });
          done += 1;
        }
      }
    }),
  );
  return (done * 1000) / (performance.now() - begin);
}

function start({ store, tenantId }: Fixture): Promise<unknown> {
  return store.transaction((tx) => enqueue(tx, newJob(tenantId)));
}

async function insertOne(store: Store, at: number): Promise<void> {
  const row = { runner_id: 'bench', jti: `bench-${at}`, expires_at: 0 };
  await store.transaction((tx) => tx.db.insertInto('runner_assertion').values(row).execute());
}

async function ratePerSecond(count: number, act: (at: number) => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < count) {
      next += 1;
      await act(next);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return (count * 1000) / (performance.now() - begin);
}
