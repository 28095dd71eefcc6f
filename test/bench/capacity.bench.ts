/**
 * The model of capacity: costs measured here and now feed a discrete-event simulation, which is checked against loads
 * measured here and now, and then asked what the production topologies carry. Those figures stand on assumptions
 * (capacity/aws.ts): nothing was measured on AWS. The client shares this machine's cores, and is in the model, too.
 */
import { cpus } from 'node:os';
import { startBuiltServer } from '../helpers/built-server.js';
import { type Mariadb, startMariadb } from '../helpers/mariadb.js';
import { type BenchRow, percentile, told, valueAtMost } from './bench-row.js';
import { SEED, T3_SMALL, TOPOLOGIES, WIDE } from './capacity/aws.js';
import { type Bench, calibrate, countRoundTrips, measureSync } from './capacity/calibrate.js';
import { type Costs, type Topology, withRoundTrips } from './capacity/costs.js';
import { baselineVcpus, burstMinutes } from './capacity/credits.js';
import { withShare } from './capacity/machine-share.js';
import { POINTS } from './capacity/measured.js';
import { simulate } from './capacity/model.js';
import { highestRate, JOB, perIdleRunner, perJob } from './capacity/plan.js';
import { startRelay } from './capacity/relay.js';
import { asTables } from './capacity/tables.js';
import { adminToken, fakeRunner, publishRobot } from './dispatch/fake-runner.js';
import { createLeanClient } from './dispatch/lean-http.js';

const RUNNERS = 8;
/** So many that no tenant's chain of audit events is what holds the others back. */
const MANY_TENANTS = 50;
/** A rate that is off by more than this says that the model lacks something. */
const MOST_ERROR = 30;

export async function bench(): Promise<BenchRow[]> {
  const mariadb = await startMariadb({ own: true });
  try {
    const counted = await behindRelay(mariadb);
    return await withServer(mariadb, await mariadb.createDatabase(), async (one) => {
      return rowsOf(one, withRoundTrips(await calibrate(one), counted));
    });
  } finally {
    await mariadb.stop();
  }
}

/** For a page that tells these figures. */
export const tables = asTables;

/** A server of its own, since the relay takes processor time that no request of production costs. */
async function behindRelay(mariadb: Mariadb): Promise<Costs> {
  const relay = await startRelay(await mariadb.createDatabase());
  try {
    return await withServer(mariadb, relay.url, (one) => countRoundTrips(one, relay.roundTrips));
  } finally {
    await relay.close();
  }
}

async function withServer<T>(
  mariadb: Mariadb,
  database: string,
  work: (bench: Bench) => Promise<T>,
): Promise<T> {
  const server = await startBuiltServer('--database', database);
  const { call, close } = createLeanClient(server.url);
  try {
    await publishRobot(server);
    const token = await adminToken(server, call);
    const runners = await Promise.all(Array.from({ length: RUNNERS }, () => fakeRunner(server, call)));
    const pids = { server: server.pid, database: mariadb.pid ?? 0, client: process.pid };
    return await work({ call, token, runners, meter: { pids, database: mariadb.url('') } });
  } finally {
    close();
    await server.stop();
  }
}

async function rowsOf(bench: Bench, costs: Costs): Promise<BenchRow[]> {
  const here: Topology = {
    ...{ nodes: 1, node: { cores: cpus().length, speed: 1 }, database: { cores: cpus().length, speed: 1 } },
    ...{ isShared: true, syncMs: await measureSync(), roundTripMs: 0, connections: 10 },
  };
  return [
    ...costRows(costs, here),
    ...(await checked(bench, costs, here)),
    ...TOPOLOGIES.flatMap(({ name, topology }) => carried(costs, name, topology, MANY_TENANTS)),
    ...carried(costs, `${SEED.name}, all jobs of one tenant`, SEED.topology, 1),
    ...carried(costs, `${WIDE.name}, all jobs of one tenant`, WIDE.topology, 1),
    ...credits(costs),
    ...tenThousand(costs),
  ];
}

function row(name: string, value: number, unit: string): BenchRow {
  return told({ case: name, value, unit, against: '-', againstValue: null });
}

function costRows(costs: Costs, { syncMs }: Topology): BenchRow[] {
  const [job, idle] = [perJob(costs), perIdleRunner(costs)];
  return [
    row('write of the log on this disk, p50', syncMs, 'ms'),
    row(`job with ${JOB.linesPerJob} lines, node`, job.server, 'µs'),
    row(`job with ${JOB.linesPerJob} lines, database`, job.database, 'µs'),
    ...trips(costs),
    row('idle runner, node', idle.server, 'µs/s'),
    row('idle runner, database', idle.database, 'µs/s'),
  ];
}

/** How often a request waits for the database: what a network between them is multiplied with. */
function trips({ enqueue, claim, started, logs, complete }: Costs): BenchRow[] {
  return Object.entries({ start: enqueue, claim, started, log: logs, complete }).flatMap(
    ([name, { once, each }]) => [
      row(`round trips: ${name}, alone`, once.roundTrips + each.roundTrips, 'packets'),
      row(`round trips: ${name}, each further one`, each.roundTrips, 'packets'),
    ],
  );
}

/** Predicted beside measured, and the largest error of a rate. */
async function checked(bench: Bench, costs: Costs, here: Topology): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const errors: number[] = [];
  // What is left over is ours for the asking: how much that is shows where we ask for all of it, at saturation.
  let saturated = 0;
  for (const { name, workload, measure, predict } of POINTS) {
    const { value: measured, share } = await withShare(Object.values(bench.meter.pids), () => measure(bench));
    const isSaturated = workload.jobsPerSecond === null || workload.untilDone !== undefined;
    if (isSaturated) saturated = Math.max(saturated, share);
    const speed = isSaturated ? share : Math.max(share, saturated);
    const predicted = predict(simulate(costs, slowed(here, speed), workload), speed);
    rows.push(row(`share of this machine: ${name}`, speed * 100, '%'));
    for (const [n, reading] of measured.entries()) {
      const value = predicted[n] ?? Number.NaN;
      const about = { case: `predicted: ${name}, ${reading.name}`, value, unit: reading.unit };
      rows.push(told({ ...about, against: 'measured', againstValue: reading.value }));
      if (reading.unit === 'jobs/s') errors.push(Math.abs(value / reading.value - 1) * 100);
    }
  }
  const worst = { case: 'largest error of a predicted rate', value: Math.max(...errors), unit: '%' };
  return [...rows, valueAtMost({ ...worst, against: '-', againstValue: null }, MOST_ERROR)];
}

/** What other processes of this machine took is gone for all three. */
function slowed(topology: Topology, share: number): Topology {
  const { node, database } = topology;
  return { ...topology, node: { ...node, speed: share }, database: { ...database, speed: share } };
}

function carried(costs: Costs, name: string, topology: Topology, tenants: number): BenchRow[] {
  const { jobsPerSecond, result } = highestRate(costs, topology, tenants);
  return [
    row(`assumed: ${name}: highest rate`, jobsPerSecond, 'jobs/s'),
    row(`assumed: ${name}: node thread busy then`, result.nodeBusy * 100, '%'),
    row(`assumed: ${name}: database processors busy then`, result.databaseBusy * 100, '%'),
    row(`assumed: ${name}: log writes then`, result.logWritesPerSecond, '1/s'),
    row(`assumed: ${name}: enqueue to claim then, p99`, percentile(result.waits, 99), 'ms'),
  ];
}

/** For ever: what credits earn. For a while: one busy thread a node. */
function credits(costs: Costs): BenchRow[] {
  const { server } = perJob(costs);
  const { nodes } = SEED.topology;
  const name = `assumed: ${SEED.name}`;
  return [
    row(
      `${name}: rate that its credits carry for ever`,
      (nodes * baselineVcpus(T3_SMALL) * 1e6) / server,
      'jobs/s',
    ),
    row(`${name}: full credits last with one vCPU busy`, burstMinutes(T3_SMALL, 1), 'min'),
  ];
}

const DAY_SECONDS = 86_400;
const TEN_MILLION = 10_000_000;
/** Assumption: the busiest second of a day has four times the jobs of its mean. */
const PEAK = 4;
/** A node shall have a third of its thread left, for what nobody foresaw and for the node that is being replaced. */
const FILL = 0.65;

function tenThousand(costs: Costs): BenchRow[] {
  const [job, idle] = [perJob(costs), perIdleRunner(costs)];
  const peak = (TEN_MILLION / DAY_SECONDS) * PEAK;
  const use = (pick: 'server' | 'database') => (peak * job[pick] + 10_000 * idle[pick]) / 1e6;
  const name = 'assumed: 10,000 runners, 10 million jobs a day';
  return [
    row(`${name}: jobs in the busiest second`, peak, 'jobs/s'),
    row(`${name}: node threads busy`, use('server'), 'threads'),
    row(`${name}: nodes, filled to ${FILL * 100} %`, Math.ceil(use('server') / FILL), 'nodes'),
    row(`${name}: database processors busy`, use('database'), 'vCPU'),
    row(`${name}: lines of log a second`, peak * JOB.linesPerJob, '1/s'),
  ];
}
