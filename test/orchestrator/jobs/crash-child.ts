/**
 * A node that enqueues, runs, loses, cancels and reaps jobs as fast as it can until it is killed. What it was told
 * is done it writes to a ledger, a line each: `accepted ID`, `ended ID STATE`.
 * Arguments: database URL, ledger, seed.
 */
import { randomUUID } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import { isRocError } from '../../../src/kernel/errors.js';
import { silentLog } from '../../../src/kernel/log.js';
import type { Outcome } from '../../../src/orchestrator/decide/attempt-end.js';
import { appendLogs } from '../../../src/orchestrator/jobs/append-logs.js';
import { cancel } from '../../../src/orchestrator/jobs/cancel.js';
import { claim } from '../../../src/orchestrator/jobs/claim.js';
import { complete } from '../../../src/orchestrator/jobs/complete.js';
import { enqueue } from '../../../src/orchestrator/jobs/enqueue.js';
import { openSession } from '../../../src/orchestrator/jobs/sessions.js';
import { started } from '../../../src/orchestrator/jobs/started.js';
import { promote, reap } from '../../../src/orchestrator/jobs/sweep.js';
import { openStore } from '../../../src/orchestrator/store/open.js';
import { isTerminal } from '../../../src/protocol/job-states.js';
import { HOST, newJob, type TestRunner } from '../../contracts/store/fixture.js';
import { crashClock } from './crash-clock.js';

const [url = '', ledgerFile = '', seedText = '1'] = process.argv.slice(2);
const ledger = openSync(ledgerFile, 'a');
const note = (line: string) => writeSync(ledger, `${line}\n`);
const random = seeded(Number(seedText));
const store = await openStore({ url, log: silentLog, clock: crashClock, random });
const { tenant_id: tenantId, id: runnerId } = await store.db
  .selectFrom('runner')
  .select(['tenant_id', 'id'])
  .executeTakeFirstOrThrow();
const { sessionEpoch } = await openSession(store, { runnerId, bootId: 'b', host: HOST, running: [] });
const runner: TestRunner = { runnerId, sessionEpoch };
const recent: string[] = [];

process.stdout.write('ready\n');
await Promise.all(Array.from({ length: 4 }, () => live()));

async function live(): Promise<void> {
  for (;;) {
    await act().catch((error: unknown) => {
      if (!isRocError(error)) throw error;
    });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function act(): Promise<void> {
  const die = random();
  if (die < 0.35) return add();
  if (die < 0.8) return run();
  if (die < 0.88) return stop();
  await reap(store);
  await promote(store);
}

async function add(): Promise<void> {
  const delay = random() < 0.2 ? 5000 : 0;
  const job = { ...newJob(tenantId), runAt: crashClock() + delay };
  const { id } = await store.transaction((tx) => enqueue(tx, job));
  note(`accepted ${id}`);
  recent.push(id);
}

async function run(): Promise<void> {
  const { offers } = await claim(store, { ...runner, slots: 1 + Math.floor(random() * 3) });
  for (const { jobId, epoch } of offers) {
    const lease = { jobId, epoch, runnerId };
    if (random() < 0.1) continue;
    await started(store, lease);
    await appendLogs(store, lease, [{ seq: 1, at: 0, stream: 'stdout', text: 'ran' }]);
    if (random() < 0.1) continue;
    const outcomes: Outcome[] = ['succeeded', 'succeeded', 'failed', 'timed_out'];
    const outcome = outcomes[Math.floor(random() * 4)] ?? 'succeeded';
    const report = { ...lease, resultId: randomUUID(), outcome, output: { n: 1 }, error: null };
    const { state } = await complete(store, report);
    if (isTerminal(state)) note(`ended ${jobId} ${state}`);
  }
}

async function stop(): Promise<void> {
  const id = recent[Math.floor(random() * recent.length)];
  if (id === undefined) return;
  const { state } = await store.transaction((tx) => cancel(tx, tenantId, id));
  if (isTerminal(state)) note(`ended ${id} ${state}`);
}

/** Mulberry32: small, and the same everywhere. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
