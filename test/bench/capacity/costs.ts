/** What each request costs, as it was measured, and the machines that it is played on. */

/** Of one request: processor time, and what it asks of the database. */
export interface Cost {
  /** Microseconds of a node. */
  readonly server: number;
  /** Microseconds of the database. */
  readonly database: number;
  /** Microseconds of who asks; 0 where that is another machine. */
  readonly client: number;
  /** Packets to the database whose answer is waited for, one after the other; each may carry several statements. */
  readonly roundTrips: number;
  /** Whether it ends with a commit that must be on disk. */
  readonly commits: boolean;
}

/** A cost that grows with how many jobs are done at once: `once` for the batch, `each` for each job of it. */
export interface BatchCost {
  readonly once: Cost;
  readonly each: Cost;
}

export interface Costs {
  /** Starts of one tenant that come together are one transaction. */
  readonly enqueue: BatchCost;
  /** Polls that come together are one transaction; each is given one job. */
  readonly claim: BatchCost;
  /** Each further job of a poll. */
  readonly offer: Cost;
  /** Robots that are about to start together are told so in one transaction. */
  readonly started: BatchCost;
  /** Results that come together are written together. */
  readonly complete: BatchCost;
  /** A request with a hundred lines; a line is a hundredth of `each`. */
  readonly logs: BatchCost;
  readonly heartbeat: Cost;
  readonly emptyPoll: Cost;
  /** The history of an ended job put into the audit chain. */
  readonly seal: Cost;
}

export interface Machine {
  readonly cores: number;
  /** How fast a core is, where 1 is one of the machine on which the costs were measured. */
  readonly speed: number;
}

export interface Topology {
  readonly nodes: number;
  readonly node: Machine;
  readonly database: Machine;
  /** All on one machine, which the clients share, too: its cores are then `node.cores`. */
  readonly isShared: boolean;
  /** Milliseconds of a write of the database's log until it is safe. */
  readonly syncMs: number;
  /** Milliseconds between a node and the database, there and back. */
  readonly roundTripMs: number;
  /** Of each node. */
  readonly connections: number;
}

export function times(cost: Cost, factor: number): Cost {
  const { server, database, client, roundTrips, commits } = cost;
  return {
    ...{ server: server * factor, database: database * factor, client: client * factor, commits },
    roundTrips: roundTrips * factor,
  };
}

export function plus(a: Cost, b: Cost): Cost {
  return {
    server: a.server + b.server,
    database: a.database + b.database,
    client: a.client + b.client,
    roundTrips: a.roundTrips + b.roundTrips,
    commits: a.commits || b.commits,
  };
}

/** What a batch of this size costs as a whole. */
export function ofBatch({ once, each }: BatchCost, size: number): Cost {
  return plus(once, times(each, size));
}

/** Of two measurements of the same work, alone and `many` at once. Noise may not make either part negative. */
export function batchCost(alone: Cost, together: Cost, many: number): BatchCost {
  const part = (pick: (cost: Cost) => number) => {
    const each = Math.max(0, (pick(together) - pick(alone)) / (many - 1));
    return { each, once: Math.max(0, pick(alone) - each) };
  };
  const [server, database, client, roundTrips] = [
    part((cost) => cost.server),
    part((cost) => cost.database),
    part((cost) => cost.client),
    part((cost) => cost.roundTrips),
  ];
  const of = (which: 'once' | 'each'): Cost => ({
    ...{ server: server[which], database: database[which], client: client[which] },
    ...{ roundTrips: roundTrips[which], commits: which === 'once' && alone.commits },
  });
  return { once: of('once'), each: of('each') };
}

/** These costs, with the round trips of those: what was counted behind a relay, which costs processor time of its own. */
export function withRoundTrips(costs: Costs, counted: Costs): Costs {
  const of = (cost: Cost, { roundTrips }: Cost): Cost => ({ ...cost, roundTrips });
  const ofBoth = (batch: BatchCost, other: BatchCost): BatchCost => ({
    once: of(batch.once, other.once),
    each: of(batch.each, other.each),
  });
  return {
    enqueue: ofBoth(costs.enqueue, counted.enqueue),
    claim: ofBoth(costs.claim, counted.claim),
    complete: ofBoth(costs.complete, counted.complete),
    logs: ofBoth(costs.logs, counted.logs),
    started: ofBoth(costs.started, counted.started),
    offer: of(costs.offer, counted.offer),
    heartbeat: of(costs.heartbeat, counted.heartbeat),
    emptyPoll: of(costs.emptyPoll, counted.emptyPoll),
    seal: costs.seal,
  };
}
