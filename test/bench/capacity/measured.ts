/** Points of load on this machine, measured, and the same points as workloads of the model. */
import { setTimeout as sleep } from 'node:timers/promises';
import { median, percentile } from '../bench-row.js';
import { inParallel, startJob } from '../dispatch/fake-runner.js';
import { processorTime } from '../dispatch/meter.js';
import type { Bench } from './calibrate.js';
import type { Result, Workload } from './model.js';

export interface Point {
  readonly name: string;
  readonly workload: Workload;
  /** Makes the load and measures it. */
  readonly measure: (bench: Bench) => Promise<Reading[]>;
  /** The same figures out of the model. */
  readonly predict: (result: Result, speed: number) => number[];
}

export interface Reading {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

const JOBS = 1600;
const LANES = 8;
const OPEN_MS = 5000;
const BARE = { workMs: 0, linesPerJob: 0, hasFullProtocol: false, tenants: 1 } as const;

export const POINTS: readonly Point[] = [
  {
    name: 'jobs started by 8 that never rest',
    workload: { ...BARE, jobsPerSecond: null, lanes: LANES, queued: 0, runners: 0, batch: 1, forMs: OPEN_MS },
    measure: async (bench) => {
      const { call, token } = bench;
      const took = await seconds(() => inParallel(JOBS, LANES, () => startJob(call, token)));
      await empty(bench, 10);
      return [rate(JOBS, took)];
    },
    predict: ({ started, seconds: took }) => [started / took],
  },
  ...[1, 10].map(
    (batch): Point => ({
      name: `queue emptied by 8 runners, batch ${batch}`,
      workload: {
        ...{ ...BARE, jobsPerSecond: 0, lanes: 0, queued: JOBS, runners: LANES, batch },
        ...{ forMs: 60_000, untilDone: JOBS },
      },
      measure: async (bench) => {
        await inParallel(JOBS, LANES, () => startJob(bench.call, bench.token));
        return [rate(JOBS, await seconds(() => empty(bench, batch)))];
      },
      predict: ({ done, seconds: took }) => [done / took],
    }),
  ),
  ...[50, 100, 200, 300].map(
    (perSecond): Point => ({
      name: `${perSecond} jobs/s offered to 8 waiting runners`,
      workload: {
        ...{ ...BARE, jobsPerSecond: perSecond, lanes: 0, queued: 0, runners: LANES, batch: 1 },
        forMs: OPEN_MS,
      },
      measure: (bench) => offered(bench, perSecond),
      // A thread that gets half a processor is busy twice as long, for the same processor time.
      predict: ({ waits, nodeBusy }, speed) => [nodeBusy * speed * 100, median(waits), percentile(waits, 99)],
    }),
  ),
];

function rate(jobs: number, took: number): Reading {
  return { name: 'rate', value: jobs / took, unit: 'jobs/s' };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

/** An answer without jobs may only mean that others are just taking the last ones: what counts is what was done. */
async function empty({ runners }: Bench, batch: number): Promise<void> {
  let done = 0;
  await Promise.all(
    runners.map(async (runner) => {
      while (done < JOBS) {
        const jobs = await runner.poll(batch, 0);
        await runner.complete(jobs);
        done += jobs.length;
        if (jobs.length === 0 && done < JOBS) await sleep(1);
      }
    }),
  );
}

/** Jobs at random moments, so many a second, while the runners wait in their polls. */
async function offered({ call, token, runners, meter }: Bench, perSecond: number): Promise<Reading[]> {
  const [sent, claimed] = [new Map<string, number>(), new Map<string, number>()];
  const server = meter.pids['server'] ?? 0;
  let isOver = false;
  const loops = runners.map(async (runner) => {
    while (!isOver) {
      const jobs = await runner.poll(1, 2000);
      for (const { jobId } of jobs) claimed.set(jobId, performance.now());
      await runner.complete(jobs);
    }
  });
  await sleep(200);
  const [from, busyBefore] = [performance.now(), processorTime(server)];
  const starting: Promise<void>[] = [];
  for (let at = 0; at < OPEN_MS; at += (-Math.log(1 - Math.random()) / perSecond) * 1000) {
    const wait = from + at - performance.now();
    if (wait > 1) await sleep(wait);
    const sentAt = performance.now();
    starting.push(startJob(call, token).then(({ id }) => void sent.set(id, sentAt)));
  }
  await Promise.all(starting);
  const busy = (processorTime(server) - busyBefore) / 1000 / (performance.now() - from);
  // None may be left for the next point, also where this was more than the machine could do.
  while ([...sent.keys()].some((id) => !claimed.has(id))) await sleep(50);
  isOver = true;
  await Promise.all(loops);
  const waits = [...sent].map(([id, at]) => (claimed.get(id) ?? Number.NaN) - at);
  return [
    { name: 'node busy', value: busy * 100, unit: '%' },
    { name: 'enqueue to claim, p50', value: median(waits), unit: 'ms' },
    { name: 'enqueue to claim, p99', value: percentile(waits, 99), unit: 'ms' },
  ];
}
