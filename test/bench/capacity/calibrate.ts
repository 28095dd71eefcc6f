/** Measures on this machine what each request costs: the built server on MariaDB, asked by runners without robots. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '../../helpers/temp-dir.js';
import { median } from '../bench-row.js';
import { type FakeRunner, inParallel, type Offer, PROCESS } from '../dispatch/fake-runner.js';
import type { Caller } from '../dispatch/lean-http.js';
import { costOf, type MeterParts } from '../dispatch/meter.js';
import { batchCost, type Cost, type Costs, plus, times } from './costs.js';

export interface Bench {
  readonly call: Caller;
  readonly token: string;
  /** With the processes `server`, `database` and `client`. */
  readonly meter: MeterParts;
  readonly runners: readonly FakeRunner[];
}

/** Few enough to be begun before their offers lapse, on a machine that is busy with other things, too. */
const JOBS = 90;
const ROUNDS = 6;
const WARM_UPS = 4;
const MANY = 10;
/** Results that are sent at once: the two lanes take the first two by themselves and then the rest together. */
const TOGETHER = 30;
const LINES = 100;
/** As many requests at a time as a node that works has: each costs less than one that comes alone. */
const LANES = 4;

const STAGES = [
  ...(['enqueue', 'claimOne', 'started', 'heartbeat', 'lineOne', 'lineMany'] as const),
  ...(['completeOne', 'claimMany', 'completeMany', 'emptyPoll'] as const),
] as const;
type Stage = (typeof STAGES)[number];

export async function calibrate(bench: Bench): Promise<Costs> {
  const sums = Object.fromEntries(STAGES.map((stage) => [stage, NOTHING])) as Record<Stage, Cost>;
  // Code that has not been compiled yet is not what a request costs.
  for (let round = 0; round < WARM_UPS; round++)
    await playRound(bench, async (_, work) => void (await work()));
  const measured = async (stage: Stage, work: () => Promise<unknown>) => {
    sums[stage] = plus(sums[stage], await costSum(bench.meter, work));
  };
  for (let round = 0; round < ROUNDS; round++) await playRound(bench, measured);
  const each = (stage: Stage, commits = true, count = JOBS) => ({
    ...times(sums[stage], 1 / (ROUNDS * count)),
    commits,
  });
  return {
    ...{ enqueue: each('enqueue'), started: each('started'), heartbeat: each('heartbeat') },
    emptyPoll: each('emptyPoll', false),
    claim: batchCost(each('claimOne'), each('claimMany', true, JOBS / MANY), MANY),
    logs: batchCost(each('lineOne'), each('lineMany'), LINES),
    complete: batchOfTogether(each('completeOne'), times(each('completeMany'), TOGETHER)),
    seal: SEAL,
  };
}

/** Each kind of request, so many times, with nothing else at the same time. */
async function playRound(
  { call, token, runners }: Bench,
  measured: (stage: Stage, work: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const runner = runners[0] as FakeRunner;
  const start = () => inParallel(JOBS, LANES, () => call('/jobs', token, { process: PROCESS }));
  let held: Offer[] = [];
  const take = (batch: number) => async () => {
    held = [];
    const lane = async () => {
      while (held.length < JOBS) held.push(...(await runner.poll(batch, 0)));
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  };
  const all = (work: (job: Offer) => Promise<unknown>) => {
    const left = [...held];
    return inParallel(held.length, LANES, async () => {
      const job = left.pop();
      if (job !== undefined) await work(job);
    });
  };
  const completeAll = (group: number) => async () => {
    for (let at = 0; at < held.length; at += group) await runner.complete(held.slice(at, at + group));
  };
  await measured('enqueue', start);
  await measured('claimOne', take(1));
  await measured('started', () => all(runner.started));
  await measured('heartbeat', () => all((job) => runner.heartbeat([job])));
  await measured('lineOne', () => all((job) => runner.log(job, 1, 1)));
  await measured('lineMany', () => all((job) => runner.log(job, 2, LINES)));
  await measured('completeOne', completeAll(1));
  await start();
  await measured('claimMany', take(MANY));
  await measured('completeMany', completeAll(TOGETHER));
  await measured('emptyPoll', () => inParallel(JOBS, LANES, () => runner.poll(1, 0)));
}

const NOTHING: Cost = { server: 0, database: 0, client: 0, statements: 0, commits: false };

/** The sealer works in the background, fifty jobs at a time: what `bench:costs` found for one. */
const SEAL: Cost = { server: 50, database: 45, client: 0, statements: 0.2, commits: false };

/** Alone: once + each. Thirty at once: three times once, and thirty times each. */
function batchOfTogether(alone: Cost, all: Cost) {
  const transactions = 3;
  // As if all thirty had been one transaction: two of the three are taken off at the price of `alone`.
  const rest = plus(all, times(alone, -(transactions - 1)));
  return batchCost(alone, { ...rest, commits: true }, TOGETHER - transactions + 1);
}

async function costSum(meter: MeterParts, work: () => Promise<unknown>): Promise<Cost> {
  const { cpu, counters } = await costOf(meter, work);
  const { server = 0, database = 0, client = 0 } = cpu;
  return { server, database, client, statements: counters['Questions'] ?? 0, commits: false };
}

/** Milliseconds until a small write is safe on this machine's disk, in the middle. */
export function measureSync(): Promise<number> {
  return withTempDir(async (dir) => {
    const file = openSync(join(dir, 'log'), 'a');
    try {
      const block = Buffer.alloc(512);
      const samples = Array.from({ length: 200 }, () => {
        const from = performance.now();
        writeSync(file, block);
        fsyncSync(file);
        return performance.now() - from;
      });
      return median(samples);
    } finally {
      closeSync(file);
    }
  });
}
