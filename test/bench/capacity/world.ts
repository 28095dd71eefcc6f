/** The machines that requests meet: a node's one thread and connections, the database's processors and its log. Pure. */
import type { Cost, Topology } from './costs.js';
import { createCommitLog, createResource, type Resource, type Simulation } from './simulation.js';

export interface Node {
  readonly loop: Resource;
  readonly cores: Resource;
  readonly connections: Resource;
}

/** A lock that a transaction takes on its way, and gives back once it is committed. */
export interface Turn {
  readonly at: Resource;
  /** Round trips that are left when it is taken, with the one that takes it. */
  readonly tripsLeft: number;
}

export type World = ReturnType<typeof buildWorld>;

export function buildWorld(simulation: Simulation, topology: Topology) {
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
  /** The packets of a transaction, one after the other, between pieces of the node's own work. */
  const transaction = (at: Node, cost: Cost, done: () => void, turn?: Turn) => {
    const trips = Math.max(1, Math.round(cost.roundTrips));
    const serverMs = cost.server / 1000 / node.speed / (trips + 1);
    const tripMs = cost.database / 1000 / database.speed / trips;
    const tripsAtTurn = Math.min(trips, turn?.tripsLeft ?? 0);
    const step = (left: number) => {
      if (left === 0) {
        const end = () => {
          turn?.at.release();
          at.connections.release();
          onThread(at.loop, at.cores, serverMs, done);
        };
        return cost.commits ? log.commit(end) : end();
      }
      const ask = () =>
        databaseCores.use(tripMs, () => {
          databaseMs += tripMs;
          step(left - 1);
        });
      onThread(at.loop, at.cores, serverMs, () =>
        simulation.after(roundTripMs, () =>
          turn !== undefined && left === tripsAtTurn ? turn.at.acquire(ask) : ask(),
        ),
      );
    };
    if (cost.roundTrips < 0.5) return onThread(at.loop, at.cores, cost.server / 1000 / node.speed, done);
    at.connections.acquire(() => step(trips));
  };
  const request = (at: Node, cost: Cost, done: () => void) =>
    atClient(cost.client / 2, () => transaction(at, cost, () => atClient(cost.client / 2, done)));
  return { nodes, log, request, transaction, atClient, databaseBusyMs: () => databaseMs, simulation };
}
