/** The built `roc serve` under fake runners of this process: the whole protocol over HTTP, but no robot. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BuiltServer, startBuiltServer } from '../../helpers/built-server.js';
import type { Mariadb } from '../../helpers/mariadb.js';
import { adminToken, type FakeRunner, fakeRunner, inParallel, PROCESS, publishRobot } from './fake-runner.js';
import { createLeanClient } from './lean-http.js';
import { costOf } from './meter.js';
import type { Figures } from './peers.js';

const LOOPS = 8;
/** Jobs that warm everything up, and are not counted. */
const WARM = 500;
const PACED = 200;
const EVERY_MS = 20;
const WAIT_MS = 5000;

/** @param mariadb null for the embedded default */
export async function measureRoc(mariadb: Mariadb | null, jobs: number, batch: number): Promise<Figures> {
  const flags = mariadb === null ? [] : ['--database', await mariadb.createDatabase()];
  const server = await startBuiltServer(...flags);
  const database = mariadb?.pid ?? null;
  const pids = { load: process.pid, server: server.pid, ...(database === null ? {} : { database }) };
  try {
    return await measure(server, pids, jobs, batch);
  } finally {
    await server.stop();
  }
}

async function measure(
  server: BuiltServer,
  pids: Readonly<Record<string, number>>,
  jobs: number,
  batch: number,
): Promise<Figures> {
  await publishRobot(server);
  const { call, close } = createLeanClient(server.url);
  try {
    const token = await adminToken(server, call);
    const start = () => call('/jobs', token, { process: PROCESS });
    const runners = await Promise.all(Array.from({ length: LOOPS }, () => fakeRunner(server, call)));
    await inParallel(WARM, LOOPS, start);
    await finishAll(runners, WARM, batch);
    await inParallel(jobs, LOOPS, start);
    let seconds = 0;
    const { cpu } = await costOf({ pids, database: null }, async () => {
      seconds = await finishAll(runners, jobs, batch);
    });
    const cpuUs = Object.values(cpu).reduce((sum, one) => sum + one, 0) / jobs;
    return { perSecond: jobs / seconds, cpuUs, waits: await timeClaims(runners, start) };
  } finally {
    close();
  }
}

/** Seconds that it took. */
async function finishAll(runners: readonly FakeRunner[], jobs: number, batch: number): Promise<number> {
  let done = 0;
  const from = performance.now();
  await Promise.all(
    runners.map(async (runner) => {
      while (done < jobs) {
        const taken = await runner.poll(batch, 0);
        await runner.complete(taken);
        done += taken.length;
        if (taken.length === 0 && done < jobs) await sleep(1);
      }
    }),
  );
  return (performance.now() - from) / 1000;
}

/** Jobs come one by one while the runners wait in their long polls. */
async function timeClaims(
  runners: readonly FakeRunner[],
  start: () => Promise<{ id: string }>,
): Promise<number[]> {
  const sent = new Map<string, number>();
  const claimed = new Map<string, number>();
  let isOver = false;
  const loops = runners.map(async (runner) => {
    while (!isOver) {
      const jobs = await runner.poll(1, WAIT_MS);
      for (const { jobId } of jobs) claimed.set(jobId, performance.now());
      await runner.complete(jobs);
    }
  });
  for (let n = 0; n < PACED; n++) {
    const at = performance.now();
    sent.set((await start()).id, at);
    await sleep(EVERY_MS);
  }
  isOver = true;
  await Promise.all(loops);
  return [...sent].map(([id, at]) => (claimed.get(id) ?? Number.POSITIVE_INFINITY) - at);
}
