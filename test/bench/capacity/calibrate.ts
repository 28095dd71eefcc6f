/** Measures on this machine what each request costs: the built server on MariaDB, asked by runners without robots. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '../../helpers/temp-dir.js';
import { median } from '../bench-row.js';
import { type FakeRunner, inParallel, type Offer, startJob } from '../dispatch/fake-runner.js';
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
/** Jobs of one poll. */
const TEN = 10;
/** Results that are sent at once: the server writes them together. */
const TOGETHER = 30;
const LINES = 100;
/** As many requests at a time as a node that works has: each costs less than one that comes alone. */
const LANES = 4;
/** Requests at a time, where it is to be seen what they cost together: a whole batch of the server's starts and polls. */
const MANY_LANES = 32;

const STAGES = [
  ...(['enqueueOne', 'claimOne', 'startedOne', 'heartbeat', 'lineOne', 'lineMany', 'completeOne'] as const),
  ...(['enqueueMany', 'claimTen', 'completeMany', 'claimMany', 'startedMany', 'emptyPoll'] as const),
] as const;
type Stage = (typeof STAGES)[number];

/** Sums over all rounds. */
interface Sum {
  readonly cost: Cost;
  /** Commits that the database was asked for. */
  readonly commits: number;
}

/** Processor times, as a server has them that is near its database; how often it waits for an answer is not in them. */
export async function calibrate(bench: Bench): Promise<Costs> {
  return costsOf(await playRounds(bench, WARM_UPS, ROUNDS, () => 0), ROUNDS);
}

/** The same requests, of which nothing counts but how often their server waits for an answer of its database. */
export async function countRoundTrips(bench: Bench, roundTrips: () => number): Promise<Costs> {
  const rounds = 2;
  return costsOf(await playRounds(bench, 1, rounds, roundTrips), rounds);
}

async function playRounds(
  bench: Bench,
  warmUps: number,
  rounds: number,
  roundTrips: () => number,
): Promise<Record<Stage, Sum>> {
  const sums = Object.fromEntries(STAGES.map((stage) => [stage, { cost: NOTHING, commits: 0 }])) as Record<
    Stage,
    Sum
  >;
  // Code that has not been compiled yet is not what a request costs.
  for (let round = 0; round < warmUps; round++)
    await playRound(bench, async (_, work) => void (await work()));
  const measured = async (stage: Stage, work: () => Promise<unknown>) => {
    const before = roundTrips();
    const { cpu, counters } = await costOf(bench.meter, work);
    const { server = 0, database = 0, client = 0 } = cpu;
    const cost = { server, database, client, roundTrips: roundTrips() - before, commits: false };
    const { cost: sum, commits } = sums[stage];
    sums[stage] = { cost: plus(sum, cost), commits: commits + (counters['Com_commit'] ?? 0) };
  };
  for (let round = 0; round < rounds; round++) await playRound(bench, measured);
  return sums;
}

function costsOf(sums: Record<Stage, Sum>, rounds: number): Costs {
  const each = (stage: Stage, commits = true, count = JOBS) => ({
    ...times(sums[stage].cost, 1 / (rounds * count)),
    commits,
  });
  /** How many the server did in one transaction, by its own doing. */
  const shared = (one: Stage, many: Stage) => {
    const size = Math.max(2, (rounds * JOBS) / Math.max(1, sums[many].commits));
    return batchCost(each(one), times(each(many), size), size);
  };
  return {
    ...{ heartbeat: each('heartbeat'), emptyPoll: each('emptyPoll', false) },
    enqueue: shared('enqueueOne', 'enqueueMany'),
    claim: shared('claimOne', 'claimMany'),
    offer: batchCost(each('claimOne'), each('claimTen', true, JOBS / TEN), TEN).each,
    started: shared('startedOne', 'startedMany'),
    logs: batchCost(each('lineOne'), each('lineMany'), LINES),
    complete: shared('completeOne', 'completeMany'),
    seal: SEAL,
  };
}

/** Each kind of request, so many times, with nothing else at the same time. */
async function playRound(
  { call, token, runners }: Bench,
  measured: (stage: Stage, work: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const runner = runners[0] as FakeRunner;
  const start = (lanes: number) => () => inParallel(JOBS, lanes, () => startJob(call, token));
  let held: Offer[] = [];
  const take = (batch: number, lanes: number) => async () => {
    held = [];
    const lane = async () => {
      while (held.length < JOBS) held.push(...(await runner.poll(batch, 0)));
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  };
  const all = (work: (job: Offer) => Promise<unknown>, lanes = LANES) => {
    const left = [...held];
    return inParallel(held.length, lanes, async () => {
      const job = left.pop();
      if (job !== undefined) await work(job);
    });
  };
  const completeAll = (group: number) => async () => {
    for (let at = 0; at < held.length; at += group) await runner.complete(held.slice(at, at + group));
  };
  await measured('enqueueOne', start(1));
  // At once, while what is remembered of who asks is fresh: many who must all be looked up are another case.
  await measured('enqueueMany', start(MANY_LANES));
  await measured('claimOne', take(1, 1));
  await measured('startedOne', () => all(runner.started, 1));
  await measured('heartbeat', () => all((job) => runner.heartbeat([job])));
  await measured('lineOne', () => all((job) => runner.log(job, 1, 1)));
  await measured('lineMany', () => all((job) => runner.log(job, 2, LINES)));
  await measured('completeOne', completeAll(1));
  await measured('claimTen', take(TEN, 1));
  await measured('completeMany', completeAll(TOGETHER));
  await start(MANY_LANES)();
  await measured('claimMany', take(1, MANY_LANES));
  await measured('startedMany', () => all(runner.started, MANY_LANES));
  await completeAll(TOGETHER)();
  await measured('emptyPoll', () => inParallel(JOBS, LANES, () => runner.poll(1, 0)));
}

const NOTHING: Cost = { server: 0, database: 0, client: 0, roundTrips: 0, commits: false };

/** The sealer works in the background, fifty jobs at a time: what `bench:costs` found for one. */
const SEAL: Cost = { server: 50, database: 45, client: 0, roundTrips: 0.2, commits: false };

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
