/** What comes together is one transaction, as in the server: starts of one tenant at a node, results at a node. Pure. */
import { type BatchCost, type Cost, ofBatch } from './costs.js';
import type { Resource } from './simulation.js';
import { createTogether } from './together.js';
import type { Node, World } from './world.js';

/** As in `src/orchestrator/jobs/complete-together.ts`. */
const RESULTS = { lanes: 2, most: 100 } as const;
/** As in `src/orchestrator/dispatch/shared-transactions.ts`: lanes of one tenant. */
const STARTS = { lanes: 1, most: 32 } as const;
/** An Idempotency-Key, which `roc jobs start` always sends: its row is inserted by a packet of its own. */
const KEY_TRIPS = 1;
/** The first start of a transaction locks the chain of its tenant by a packet of its own; COMMIT is the last packet. */
const CHAIN_TRIPS = 2;
/** Of a start's own work in the node: what is done before it has its turn (HTTP, token, permission). Assumed. */
const BEFORE_TURN = 0.5;

type Serve = (done: () => void) => void;

/** Results: each has its own request, and shares the transaction. */
export function createCompleter(world: World, node: Node, { once, each }: BatchCost): Serve {
  const http: Cost = { ...each, database: 0, roundTrips: 0, commits: false };
  return createSharing(world, node, RESULTS, { http, once, each: { ...each, server: 0 } });
}

/** Starts: each tenant has a lane of its own at each node, and one chain for all nodes. */
export function createStarter(
  world: World,
  node: Node,
  { once, each }: BatchCost,
  chains: readonly Resource[],
): (tenant: number, done: () => void) => void {
  const roundTrips = Math.min(each.roundTrips, KEY_TRIPS);
  const server = each.server * BEFORE_TURN;
  const http: Cost = { ...each, server, database: 0, roundTrips: each.roundTrips - roundTrips };
  const inTurn: Cost = { ...each, server: each.server - server, roundTrips };
  const tenants = chains.map((chain) =>
    createSharing(world, node, STARTS, { http, once, each: inTurn }, chain),
  );
  return (tenant, done) => tenants[tenant]?.(done);
}

interface Parts extends BatchCost {
  /** Of each, before it waits for its transaction. */
  readonly http: Cost;
}

function createSharing(
  world: World,
  node: Node,
  limits: { readonly lanes: number; readonly most: number },
  { http, once, each }: Parts,
  chain?: Resource,
): Serve {
  const answer = each.client / 2;
  const inDatabase = { once: { ...once, client: 0 }, each: { ...each, client: 0 } };
  const share = createTogether<() => void>(world.simulation, {
    ...limits,
    round: (batch, over) => {
      const whole = () => {
        for (const done of batch) world.atClient(answer, done);
        over();
      };
      // Those after the first append to a chain that is theirs already.
      const tripsLeft = CHAIN_TRIPS + Math.round(each.roundTrips * (batch.length - 1));
      const turn = chain === undefined ? undefined : { at: chain, tripsLeft };
      // What an answer that comes alone costs its client more than one among others.
      world.atClient(once.client, () => {});
      world.transaction(node, ofBatch(inDatabase, batch.length), whole, turn);
    },
  });
  return (done) =>
    world.atClient(answer, () => world.transaction(node, { ...http, client: 0 }, () => share(done)));
}
