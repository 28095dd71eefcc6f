/** roc as a queueing model: requests that use a node's one thread, its connections, the database and its log. Pure. */
import { type Seeded, seeded } from '../../faults/seeded.js';
import { type Costs, ofBatch, type Topology } from './costs.js';
import { createClaimer, createReporter, createStarter } from './sharing.js';
import { createResource, createSimulation, type Simulation } from './simulation.js';
import { buildWorld, type Node } from './world.js';

/** What is asked of it. */
export interface Workload {
  /** Jobs a second that are started, at random moments; `lanes` starters that never rest where it is null. */
  readonly jobsPerSecond: number | null;
  readonly lanes: number;
  /** Jobs that are in the queue at the beginning. */
  readonly queued: number;
  readonly runners: number;
  /** Jobs that a runner takes at a time. */
  readonly batch: number;
  /** How long a robot works. */
  readonly workMs: number;
  readonly linesPerJob: number;
  /** Whose chains of audit events the starts of jobs wait for: each is written by one transaction at a time, with many starts. */
  readonly tenants: number;
  /** False for runners that report nothing but the end, as those of the measurement. */
  readonly hasFullProtocol: boolean;
  readonly forMs: number;
  /** Stops once so many jobs are done. */
  readonly untilDone?: number;
}

export interface Result {
  readonly started: number;
  readonly done: number;
  readonly seconds: number;
  /** Milliseconds from the request that starts a job to the answer of the poll that brings it. */
  readonly waits: readonly number[];
  /** Shares of the time: of a node's one thread (the busiest), of the database's cores. */
  readonly nodeBusy: number;
  readonly databaseBusy: number;
  readonly logWritesPerSecond: number;
  /** Jobs that wait at the end. */
  readonly backlog: number;
}

const HEARTBEAT_MS = 15_000;
const POLL_MS = 25_000;
/** How soon another node sees a job, on average: it looks each 200 ms where runners wait. */
const LOOK_MS = 100;

export function simulate(costs: Costs, topology: Topology, workload: Workload, seed = 1): Result {
  const simulation = createSimulation();
  const world = buildWorld(simulation, topology);
  const random = seeded(seed);
  const state = { started: 0, done: 0, at: 0, waits: [] as number[] };
  const ready: number[] = Array.from({ length: workload.queued }, () => 0);
  const chains = Array.from({ length: workload.tenants }, () => createResource(simulation, 1));
  let tenant = 0;
  // Whole rounds of the nodes each, so that every tenant is served by every node.
  const tenantOf = (n: number) => Math.floor(n / world.nodes.length) % chains.length;
  const idle: { node: Node; wake: () => void }[] = [];
  const isOver = () => state.done >= (workload.untilDone ?? Number.POSITIVE_INFINITY);

  const wakeOne = (from: Node) => {
    // Runners of the same node hear of it at once.
    const own = idle.findIndex(({ node }) => node === from);
    const [woken] = idle.splice(own === -1 ? 0 : own, 1);
    if (woken !== undefined) simulation.after(own === -1 ? LOOK_MS : 0, woken.wake);
  };
  const starters = world.nodes.map((node) => createStarter(world, node, costs.enqueue, chains));
  const startJob = (node: Node, done: () => void) => {
    const from = simulation.now();
    const accepted = () => {
      state.started++;
      ready.push(from);
      wakeOne(node);
      done();
    };
    starters[world.nodes.indexOf(node)]?.(tenantOf(tenant++), accepted);
  };
  const claimers = world.nodes.map((node) => createClaimer(world, node, costs.claim, costs.offer));
  const beginners = world.nodes.map((node) => createReporter(world, node, costs.started));
  const completers = world.nodes.map((node) => createReporter(world, node, costs.complete));
  const runJob = (node: Node, over: () => void) => {
    const complete = () =>
      completers[world.nodes.indexOf(node)]?.(() => {
        state.done++;
        state.at = simulation.now();
        over();
        // What follows costs the same machines, and nobody waits for it.
        if (workload.hasFullProtocol) world.request(node, costs.seal, () => {});
      });
    if (!workload.hasFullProtocol) return complete();
    const lines = () =>
      workload.linesPerJob === 0
        ? complete()
        : world.request(node, ofBatch(costs.logs, workload.linesPerJob), complete);
    beginners[world.nodes.indexOf(node)]?.(() => simulation.after(workload.workMs, lines));
  };
  const runRunner = (node: Node) => {
    const poll = () => {
      if (isOver()) return;
      const take = Math.min(workload.batch, ready.length);
      if (take === 0) {
        idle.push({ node, wake: poll });
        return;
      }
      const jobs = ready.splice(0, take);
      claimers[world.nodes.indexOf(node)]?.(take, () => {
        for (const from of jobs) state.waits.push(simulation.now() - from);
        let left = take;
        for (let n = 0; n < take; n++)
          runJob(node, () => {
            if (--left === 0) poll();
          });
      });
    };
    poll();
    if (workload.hasFullProtocol)
      every(simulation, random, HEARTBEAT_MS, () => world.request(node, costs.heartbeat, () => {}));
    if (workload.hasFullProtocol)
      every(simulation, random, POLL_MS, () => world.request(node, costs.emptyPoll, () => {}));
  };

  for (let n = 0; n < workload.runners; n++) runRunner(world.nodes[n % world.nodes.length] as Node);
  const starter = startArrivals(simulation, world.nodes, workload, random, startJob);
  starter();
  // In slices, so that a run may end once enough is done.
  for (let until = 0; until < workload.forMs && !isOver(); ) {
    until = Math.min(workload.forMs, until + 50);
    simulation.run(until);
  }
  const elapsed = isOver() ? state.at : workload.forMs;
  return {
    ...{ started: state.started, done: state.done, seconds: elapsed / 1000, waits: state.waits },
    nodeBusy: Math.max(...world.nodes.map(({ loop }) => loop.busyMs())) / elapsed,
    databaseBusy: world.databaseBusyMs() / (elapsed * topology.database.cores),
    logWritesPerSecond: (world.log.writes() / elapsed) * 1000,
    backlog: ready.length,
  };
}

function startArrivals(
  simulation: Simulation,
  nodes: readonly Node[],
  { jobsPerSecond, lanes, forMs }: Workload,
  random: Seeded,
  startJob: (node: Node, done: () => void) => void,
): () => void {
  let n = 0;
  const next = () => nodes[n++ % nodes.length] as Node;
  if (jobsPerSecond === null) {
    const lane = () => {
      if (simulation.now() < forMs) startJob(next(), lane);
    };
    return () => {
      for (let count = 0; count < lanes; count++) lane();
    };
  }
  const arrive = () => {
    if (simulation.now() >= forMs) return;
    startJob(next(), () => {});
    simulation.after((-Math.log(1 - random.next()) / jobsPerSecond) * 1000, arrive);
  };
  return jobsPerSecond === 0 ? () => {} : arrive;
}

function every(simulation: Simulation, random: Seeded, ms: number, work: () => void): void {
  const round = () => {
    work();
    simulation.after(ms, round);
  };
  simulation.after(random.next() * ms, round);
}
