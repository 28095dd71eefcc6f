/**
 * What one thing costs the server and its database: processor time, statements, writes of its log, rows. Processor time depends far
 * less on what else the machine does than a rate does, so these are the figures that a plan of capacity starts from.
 * The anchor is an empty POST to a bare node:http server in this run, which is what this machine makes of any request.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBuiltServer } from '../helpers/built-server.js';
import { type Mariadb, startMariadb } from '../helpers/mariadb.js';
import { type BenchRow, told } from './bench-row.js';
import {
  adminToken,
  type FakeRunner,
  fakeRunner,
  inParallel,
  type Offer,
  PROCESS,
  publishRobot,
} from './dispatch/fake-runner.js';
import { type Caller, createLeanClient } from './dispatch/lean-http.js';
import { type Cost, costOf, type MeterParts, processorTime } from './dispatch/meter.js';

const JOBS = process.env['ROC_BENCH_SIZE'] === 'full' ? 10_000 : 2000;
const LANES = 8;
const LINES = 100;

export async function bench(): Promise<BenchRow[]> {
  const anchor = await bareRequest();
  const mariadb = await startMariadb({ own: true });
  const rows = await onDatabase(mariadb, anchor).finally(() => mariadb.stop());
  return [...rows, ...(await onDatabase(null, anchor))];
}

interface Bench {
  readonly name: string;
  readonly call: Caller;
  readonly token: string;
  readonly meter: MeterParts;
  readonly runners: readonly FakeRunner[];
  readonly anchor: number;
}

async function onDatabase(mariadb: Mariadb | null, anchor: number): Promise<BenchRow[]> {
  const flags = mariadb === null ? [] : ['--database', await mariadb.createDatabase()];
  const server = await startBuiltServer(...flags);
  const { call, close } = createLeanClient(server.url);
  try {
    await publishRobot(server);
    const token = await adminToken(server, call);
    const runners = await Promise.all(Array.from({ length: LANES }, () => fakeRunner(server, call)));
    const database = mariadb?.pid ?? null;
    const pids = database === null ? { server: server.pid } : { server: server.pid, database };
    const meter = { pids, database: mariadb?.url('') ?? null };
    const name = mariadb === null ? 'SQLite' : 'MariaDB';
    return await measure({ name, call, token, meter, runners, anchor });
  } finally {
    close();
    await server.stop();
  }
}

async function measure(bench: Bench): Promise<BenchRow[]> {
  const { call, token, runners } = bench;
  const enqueue = (count: number) =>
    inParallel(count, LANES, () => call('/jobs', token, { process: PROCESS }));
  // Code that has not been compiled yet, and buffers that are not filled, are not what a job costs.
  await enqueue(JOBS / 4);
  await finishAll(runners, 10);
  const rows = await each(bench, 'enqueue', 'job', JOBS, () => enqueue(JOBS));
  rows.push(...(await each(bench, 'claim and complete, batch 1', 'job', JOBS, () => finishAll(runners, 1))));
  await enqueue(JOBS);
  rows.push(
    ...(await each(bench, 'claim and complete, batch 10', 'job', JOBS, () => finishAll(runners, 10))),
  );
  await sealed(bench);
  await enqueue(LANES * LINES);
  const held = await Promise.all(runners.map((runner) => runner.poll(LINES, 0)));
  const jobs = held.flat().length;
  const all = (work: (runner: FakeRunner, job: Offer) => Promise<unknown>) => () =>
    Promise.all(runners.map((runner, n) => oneByOne(held[n] ?? [], (job) => work(runner, job))));
  rows.push(
    ...(await each(
      bench,
      'started',
      'job',
      jobs,
      all((runner, job) => runner.started(job)),
    )),
  );
  const logs = all((runner, job) => runner.log(job, 1, LINES));
  rows.push(...(await each(bench, 'log lines, a hundred at once', 'line', jobs * LINES, logs)));
  const beats = all((runner, job) => runner.heartbeat([job]));
  rows.push(...(await each(bench, 'heartbeat of one job', 'beat', jobs, beats)));
  await Promise.all(runners.map((runner, n) => runner.complete(held[n] ?? [])));
  await sealed(bench);
  const polls = () => inParallel(JOBS, LANES, () => runners[0]?.poll(1, 0) ?? Promise.resolve());
  rows.push(...(await each(bench, 'poll that finds nothing', 'poll', JOBS, polls)));
  await enqueue(JOBS);
  await finishAll(runners, 10);
  rows.push(...(await each(bench, 'history of a job chained', 'job', JOBS, () => sealed(bench))));
  return rows;
}

/** Rows of the processor time of each process, and on MariaDB of what it counted. */
async function each(
  bench: Bench,
  what: string,
  unit: string,
  count: number,
  work: () => Promise<unknown>,
): Promise<BenchRow[]> {
  const cost = await costOf(bench.meter, work);
  const row = (name: string, value: number, of: string) =>
    told({
      ...{ case: `${bench.name}: ${what}, ${name}`, value: value / count, unit: `${of}/${unit}` },
      ...(of === 'µs'
        ? { against: 'bare POST, server', againstValue: bench.anchor }
        : { against: '-', againstValue: null }),
    });
  return [
    ...Object.entries(cost.cpu).map(([name, value]) => row(name, value, 'µs')),
    ...counted(cost).map(([name, value]) => row(name, value, name)),
  ];
}

function counted({ counters }: Cost): [string, number][] {
  const of = (name: string) => counters[name] ?? 0;
  if (Object.keys(counters).length === 0) return [];
  return [
    ['statements', of('Questions')],
    // Each write of the log is followed by a sync, and may carry many commits.
    ['log writes', of('Innodb_log_writes')],
    ['rows written', of('Handler_write') + of('Handler_update') + of('Handler_delete')],
    ['log bytes', of('Innodb_os_log_written')],
  ];
}

/** Takes and completes jobs until there are none. */
async function finishAll(runners: readonly FakeRunner[], batch: number): Promise<void> {
  await Promise.all(
    runners.map(async (runner) => {
      for (;;) {
        const jobs = await runner.poll(batch, 0);
        if (jobs.length === 0) return;
        await runner.complete(jobs);
      }
    }),
  );
}

async function oneByOne<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (const item of items) await work(item);
}

/** The sealer works behind everything; this waits until the server has had nothing to do for a while. */
async function sealed({ meter }: Bench): Promise<void> {
  for (let quiet = 0, before = 0; quiet < 3; ) {
    await sleep(2500);
    const now = Object.values(meter.pids).reduce((sum, pid) => sum + processorTime(pid), 0);
    quiet = now - before < 100_000 ? quiet + 1 : 0;
    before = now;
  }
}

/** Microseconds of the server for an empty POST. */
async function bareRequest(): Promise<number> {
  const server = createServer((request, answer) => {
    request.resume().once('end', () => answer.setHeader('content-length', 2).end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { call, close } = createLeanClient(`http://127.0.0.1:${port}`);
  const post = () => inParallel(JOBS, LANES, () => call('/', null, {}));
  await post();
  const from = process.cpuUsage();
  await post();
  const { user, system } = process.cpuUsage(from);
  close();
  server.close();
  return (user + system) / JOBS;
}
