/** roc as a queueing model: requests that use a node's one thread, its connections, the database and its log. Pure. */
import { type Seeded, seeded } from '../../faults/seeded.js';
import { type Cost, type Costs, ofBatch, type Topology, times } from './costs.js';
import {
  createCommitLog,
  createResource,
  createSimulation,
  type Resource,
  type Simulation,
} from './simulation.js';

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
  /** Whose chains of audit events the starts of jobs wait for: each is written by one transaction at a time. */
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

const COMPLETER_LANES = 2;
const COMPLETER_BATCH = 100;
/** The last statements of a start append to the chain of its tenant, which is locked from then until it is committed. */
const CHAINED_STATEMENTS = 2;
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
  const idle: { node: Node; wake: () => void }[] = [];
  const isOver = () => state.done >= (workload.untilDone ?? Number.POSITIVE_INFINITY);

  const wakeOne = (from: Node) => {
    // Runners of the same node hear of it at once.
    const own = idle.findIndex(({ node }) => node === from);
    const [woken] = idle.splice(own === -1 ? 0 : own, 1);
    if (woken !== undefined) simulation.after(own === -1 ? LOOK_MS : 0, woken.wake);
  };
  const startJob = (node: Node, done: () => void) => {
    const from = simulation.now();
    const accepted = () => {
      state.started++;
      ready.push(from);
      wakeOne(node);
      done();
    };
    world.request(node, costs.enqueue, accepted, chains[tenant++ % chains.length]);
  };
  const completers = world.nodes.map((node) => createCompleter(world, node, costs));
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
    world.request(node, costs.started, () => simulation.after(workload.workMs, lines));
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
      world.request(node, ofBatch(costs.claim, take), () => {
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

interface Node {
  readonly loop: Resource;
  readonly cores: Resource;
  readonly connections: Resource;
}

type World = ReturnType<typeof buildWorld>;

function buildWorld(simulation: Simulation, topology: Topology) {
  const { node, database, isShared, roundTripMs } = topology;
  const shared = createResource(simulation, node.cores);
  const databaseCores = isShared ? shared : createResource(simulation, database.cores);
  const clients = createResource(simulation, 1);
  const log = createCommitLog(simulation, topology.syncMs);
  let databaseMs = 0;
  const nodes: Node[] = Array.from({ length: topology.nodes }, () => ({
    loop: createResource(simulation, 1),
    cores: isShared ? shared : createResource(simulation, node.cores),
    connections: createResource(simulation, topology.connections),
  }));
  /** A thread that works needs a core of its machine. */
  const onThread = (thread: Resource, cores: Resource, ms: number, done: () => void) =>
    thread.acquire(() =>
      cores.use(ms, () => {
        thread.release();
        done();
      }),
    );
  const atClient = (us: number, done: () => void) => {
    if (!isShared || us === 0) return done();
    onThread(clients, shared, us / 1000 / node.speed, done);
  };
  /** The statements of a transaction, one after the other, between two pieces of the node's own work. */
  const transaction = (at: Node, cost: Cost, done: () => void, chain?: Resource) => {
    const statements = Math.max(1, Math.round(cost.statements));
    const serverMs = cost.server / 1000 / node.speed / (statements + 1);
    const statementMs = cost.database / 1000 / database.speed / statements;
    const step = (left: number) => {
      if (left === 0) {
        const end = () => {
          chain?.release();
          at.connections.release();
          onThread(at.loop, at.cores, serverMs, done);
        };
        return cost.commits ? log.commit(end) : end();
      }
      const ask = () =>
        databaseCores.use(statementMs, () => {
          databaseMs += statementMs;
          step(left - 1);
        });
      onThread(at.loop, at.cores, serverMs, () =>
        simulation.after(roundTripMs, () =>
          chain !== undefined && left === CHAINED_STATEMENTS ? chain.acquire(ask) : ask(),
        ),
      );
    };
    if (cost.statements < 0.5) return onThread(at.loop, at.cores, cost.server / 1000 / node.speed, done);
    at.connections.acquire(() => step(statements));
  };
  const request = (at: Node, cost: Cost, done: () => void, chain?: Resource) =>
    atClient(cost.client / 2, () => transaction(at, cost, () => atClient(cost.client / 2, done), chain));
  return { nodes, log, request, transaction, atClient, databaseBusyMs: () => databaseMs, simulation };
}

/** As the server does it: results that arrive while others are being written wait, and are written together. */
function createCompleter(world: World, node: Node, costs: Costs) {
  const { once, each } = costs.complete;
  const waiting: (() => void)[] = [];
  let lanes = 0;
  const drain = () => {
    const batch = waiting.splice(0, COMPLETER_BATCH);
    if (batch.length === 0) {
      lanes--;
      return;
    }
    const inDatabase = { ...each, server: 0, client: 0 };
    const cost = ofBatch({ once: { ...once, client: 0 }, each: inDatabase }, batch.length);
    world.transaction(node, cost, () => {
      for (const done of batch) world.atClient(each.client / 2, done);
      drain();
    });
  };
  const overHttp: Cost = { ...each, database: 0, statements: 0, commits: false, client: each.client / 2 };
  return (done: () => void) =>
    world.request(node, times(overHttp, 1), () => {
      waiting.push(done);
      if (lanes >= COMPLETER_LANES) return;
      lanes++;
      drain();
    });
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
