/** What a topology carries: the highest rate at which nobody waits long, and what is full then. Pure. */
import { percentile } from '../bench-row.js';
import type { Costs, Topology } from './costs.js';
import { type Result, simulate, type Workload } from './model.js';

/** A job as it is in production: a minute of work in reality, shortened so that the model settles; twenty lines of log. */
export const JOB = {
  workMs: 500,
  linesPerJob: 20,
  batch: 1,
  lanes: 0,
  queued: 0,
  hasFullProtocol: true,
} as const;
const FOR_MS = 5000;
const MOST_WAIT_MS = 1000;
/** Steps of the search: the rate is found to a part in a hundred. */
const STEPS = 7;

export interface Found {
  readonly jobsPerSecond: number;
  readonly result: Result;
}

/** Whether all who ask are served: no queue that grows, and 99 of 100 jobs claimed within a second. */
function isCarried({ waits, backlog }: Result, perSecond: number): boolean {
  return backlog < perSecond && waits.length > 0 && percentile(waits, 99) <= MOST_WAIT_MS;
}

export function highestRate(costs: Costs, topology: Topology, tenants: number): Found {
  const play = (jobsPerSecond: number): Found => ({
    jobsPerSecond,
    result: simulate(costs, topology, workloadAt(jobsPerSecond, tenants)),
  });
  // No thread and no processor can do more than this.
  let [low, high] = [0, ceiling(costs, topology)];
  let best = play(1);
  for (let step = 0; step < STEPS; step++) {
    const found = play((low + high) / 2);
    if (isCarried(found.result, found.jobsPerSecond)) [low, best] = [found.jobsPerSecond, found];
    else high = found.jobsPerSecond;
  }
  return best;
}

function workloadAt(jobsPerSecond: number, tenants: number): Workload {
  return { ...JOB, jobsPerSecond, tenants, runners: Math.ceil(jobsPerSecond * 1.5) + 20, forMs: FOR_MS };
}

/** Microseconds of a node and of the database that one job costs from its start to its place in the chain, where it comes alone. */
export function perJob(costs: Costs): { server: number; database: number } {
  const { enqueue, claim, started, complete, logs, seal } = costs;
  const batches = [enqueue, claim, started, complete].flatMap(({ once, each }) => [once, each]);
  const parts = [...batches, logs.once, seal];
  const sum = (pick: 'server' | 'database') =>
    parts.reduce((total, cost) => total + cost[pick], logs.each[pick] * JOB.linesPerJob);
  return { server: sum('server'), database: sum('database') };
}

/** Microseconds a second that an idle runner costs: a beat each 15 s, a poll each 25 s. */
export function perIdleRunner({ heartbeat, emptyPoll }: Costs): { server: number; database: number } {
  const of = (pick: 'server' | 'database') => heartbeat[pick] / 15 + emptyPoll[pick] / 25;
  return { server: of('server'), database: of('database') };
}

function ceiling(costs: Costs, { nodes, node, database }: Topology): number {
  const { server, database: inDatabase } = perJob(costs);
  return (
    1.5 * Math.min((nodes * node.speed * 1e6) / server, (database.cores * database.speed * 1e6) / inDatabase)
  );
}
