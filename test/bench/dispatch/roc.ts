/** The built `roc serve` under fake runners of this process: the whole protocol over HTTP, but no robot. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BuiltServer, startBuiltServer } from '../../helpers/built-server.js';
import { adminToken, type FakeRunner, fakeRunner, inParallel, PROCESS, publishRobot } from './fake-runner.js';
import { createLeanClient } from './lean-http.js';
import type { Figures } from './peers.js';

const LOOPS = 8;
const PACED = 200;
const EVERY_MS = 20;
const WAIT_MS = 5000;

/** @param database an empty one; null for the embedded default */
export async function measureRoc(database: string | null, jobs: number, batch: number): Promise<Figures> {
  const server = await startBuiltServer(...(database === null ? [] : ['--database', database]));
  try {
    return await measure(server, jobs, batch);
  } finally {
    await server.stop();
  }
}

async function measure(server: BuiltServer, jobs: number, batch: number): Promise<Figures> {
  await publishRobot(server);
  const { call, close } = createLeanClient(server.url);
  try {
    const token = await adminToken(server, call);
    const start = () => call('/jobs', token, { process: PROCESS });
    await inParallel(jobs, LOOPS, start);
    const runners = await Promise.all(Array.from({ length: LOOPS }, () => fakeRunner(server, call)));
    const perSecond = jobs / (await finishAll(runners, jobs, batch));
    return { perSecond, waits: await timeClaims(runners, start) };
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
