import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLog } from '../../../src/kernel/log.js';
import { claim } from '../../../src/orchestrator/jobs/claim.js';
import { complete } from '../../../src/orchestrator/jobs/complete.js';
import { openSession } from '../../../src/orchestrator/jobs/sessions.js';
import { promote, reap } from '../../../src/orchestrator/jobs/sweep.js';
import { openStore } from '../../../src/orchestrator/store/open.js';
import type { Store } from '../../../src/orchestrator/store/store.js';
import { isTerminal } from '../../../src/protocol/job-states.js';
import { size } from '../../contracts/store/context.js';
import { HOST, openFixture } from '../../contracts/store/fixture.js';
import { brokenInvariants } from '../../contracts/store/invariants.js';
import { bundleProgram } from '../../helpers/bundle.js';
import { startMariadb } from '../../helpers/mariadb.js';
import { describeWith } from '../../helpers/parts.js';
import { startProgram } from '../../helpers/program.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';
import { crashClock } from './crash-clock.js';

const KILLS = size(8, 200);
let dir: string;
let program: string;
beforeAll(async () => {
  dir = makeTempDir('crash');
  program = await bundleProgram('test/orchestrator/jobs/crash-child.ts');
});
afterAll(() => {
  removeDir(dir);
  rmSync(program, { force: true });
});

it('a node killed at any moment loses nothing it has accepted, and ends nothing twice: SQLite', async () => {
  await killAndCheck(`sqlite:${dir}/roc.db`, 1);
});

describeWith('mysql', 'on MariaDB', () => {
  it('two nodes killed at any moment lose nothing they have accepted, and end nothing twice', async () => {
    const server = await startMariadb();
    try {
      await killAndCheck(await server.createDatabase(), 2);
    } finally {
      await server.stop();
    }
  });
});

async function killAndCheck(url: string, nodes: number): Promise<void> {
  const f = await openFixture(url);
  await f.configure({ maxAttempts: 2 });
  await f.runner('r1');
  await f.store.close();
  const ledger = `${dir}/ledger-${nodes}`;
  writeFileSync(ledger, '');
  for (let kill = 0; kill < KILLS; kill++) {
    const children = Array.from({ length: nodes }, (_, at) =>
      startProgram(process.execPath, [program, url, ledger, String(kill * nodes + at)]),
    );
    await Promise.all(children.map((child) => child.waitFor(/ready/)));
    // Spread over what a job's way takes, not on a beat that its steps could keep.
    await sleep(30 + ((kill * 67) % 230));
    for (const child of children) await child.stop('SIGKILL');
    for (const child of children) expect(child.stderr()).toBe('');
    await check(url, ledger);
  }
  const store = await openStore({ url, log: silentLog, clock: crashClock });
  await finishAll(store);
  const { accepted } = await check(url, ledger);
  const jobs = await store.db.selectFrom('job').select('state').execute();
  expect(jobs.every(({ state }) => isTerminal(state))).toBe(true);
  // Committed, but killed before the ledger was written: at most one for each worker of each killed node.
  expect(jobs.length - accepted.size).toBeLessThanOrEqual(KILLS * nodes * 4);
  expect(accepted.size).toBeGreaterThan(KILLS);
  await store.close();
}

async function check(url: string, ledger: string): Promise<{ accepted: Set<string> }> {
  const store = await openStore({ url, log: silentLog, clock: crashClock });
  expect(await brokenInvariants(store)).toEqual([]);
  const jobs = await store.db.selectFrom('job').select(['id', 'state']).execute();
  await store.close();
  const stateOf = new Map(jobs.map(({ id, state }) => [id, state]));
  const lines = readFileSync(ledger, 'utf8').split('\n').slice(0, -1);
  const accepted = new Set<string>();
  for (const [word, id = '', state] of lines.map((line) => line.split(' '))) {
    if (word === 'accepted') accepted.add(id);
    expect(stateOf.has(id), `${word} ${id}`).toBe(true);
    if (word === 'ended') expect(stateOf.get(id)).toBe(state);
  }
  return { accepted };
}

/** A healthy node afterwards: everything that was left behind comes to an end. */
async function finishAll(store: Store): Promise<void> {
  const { id: runnerId } = await store.db.selectFrom('runner').select('id').executeTakeFirstOrThrow();
  const { sessionEpoch } = await openSession(store, { runnerId, bootId: 'b', host: HOST, running: [] });
  for (;;) {
    await reap(store);
    await promote(store);
    const { offers } = await claim(store, { runnerId, sessionEpoch, slots: 50 });
    for (const { jobId, epoch } of offers) {
      const report = { jobId, epoch, runnerId, resultId: `end-of-${jobId}`, outcome: 'succeeded' as const };
      await complete(store, { ...report, error: null });
    }
    const left = await store.db.selectFrom('job').select('state').where('finished_at', 'is', null).execute();
    if (left.length === 0) return;
    await sleep(5);
  }
}
