/** What comes together at a node is one transaction, as in the server: starts of one tenant, polls, beginnings, results. Pure. */
import { type BatchCost, type Cost, ofBatch, plus, times } from './costs.js';
import type { Resource } from './simulation.js';
import { createTogether } from './together.js';
import type { Node, World } from './world.js';

/** As in `src/orchestrator/jobs/complete-together.ts` and `start-together.ts` there. */
const REPORTS = { lanes: 2, most: 100 } as const;
/** As in `src/orchestrator/jobs/claim-together.ts`, but for its limit of a hundred jobs. */
const POLLS = { lanes: 2, most: 32 } as const;
/** As in `src/orchestrator/dispatch/shared-transactions.ts`: lanes of one tenant. */
const STARTS = { lanes: 1, most: 32 } as const;
/** An Idempotency-Key, which `roc jobs start` always sends: its row is inserted by a packet of its own. */
const KEY_TRIPS = 1;
/** The first start of a transaction locks the chain of its tenant by a packet of its own; COMMIT is the last packet. */
const CHAIN_TRIPS = 2;
/** Of a start's own work in the node: what is done before it has its turn (HTTP, token, permission). Assumed. */
const BEFORE_TURN = 0.5;

type Serve = (done: () => void, further?: number) => void;

/** What runners tell of a job: each has its own request, and shares the transaction. */
export function createReporter(world: World, node: Node, cost: BatchCost): Serve {
  return createSharing(world, node, REPORTS, apart(cost));
}

/** Polls of a pool: each has its own request, and shares the transaction. */
export function createClaimer(
  world: World,
  node: Node,
  cost: BatchCost,
  offer: Cost,
): (jobs: number, done: () => void) => void {
  const serve = createSharing(world, node, POLLS, { ...apart(cost), further: offer });
  return (jobs, done) => serve(done, jobs - 1);
}

function apart({ once, each }: BatchCost): Parts {
  const http: Cost = { ...each, database: 0, roundTrips: 0, commits: false };
  return { http, once, each: { ...each, server: 0 } };
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
  /** Of what one asks for beyond its first. */
  readonly further?: Cost;
}

interface Asked {
  readonly done: () => void;
  readonly further: number;
}

function createSharing(
  world: World,
  node: Node,
  limits: { readonly lanes: number; readonly most: number },
  { http, once, each, further: furtherCost = NOTHING }: Parts,
  chain?: Resource,
): Serve {
  const answer = each.client / 2;
  const inDatabase = { once: { ...once, client: 0 }, each: { ...each, client: 0 } };
  const share = createTogether<Asked>(world.simulation, {
    ...limits,
    round: (batch, over) => {
      const whole = () => {
        for (const { done } of batch) world.atClient(answer, done);
        over();
      };
      // Those after the first append to a chain that is theirs already.
      const tripsLeft = CHAIN_TRIPS + Math.round(each.roundTrips * (batch.length - 1));
      const turn = chain === undefined ? undefined : { at: chain, tripsLeft };
      // What an answer that comes alone costs its client more than one among others.
      world.atClient(once.client, () => {});
      const further = batch.reduce((sum, one) => sum + one.further, 0);
      const cost = plus(ofBatch(inDatabase, batch.length), times(furtherCost, further));
      world.transaction(node, { ...cost, client: 0 }, whole, turn);
    },
  });
  return (done, further = 0) => {
    const ask = () => share({ done, further });
    world.atClient(answer, () => world.transaction(node, { ...http, client: 0 }, ask));
  };
}

const NOTHING: Cost = { server: 0, database: 0, client: 0, roundTrips: 0, commits: false };
