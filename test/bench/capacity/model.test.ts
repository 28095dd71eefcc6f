import { describe, expect, it } from 'vitest';
import { batchCost, type Cost, type Costs, ofBatch, type Topology } from './costs.js';
import { simulate, type Workload } from './model.js';

const cost = (server: number, database: number, statements: number, commits: boolean): Cost => ({
  ...{ server, database, statements, commits, client: 0 },
});
const NOTHING = cost(0, 0, 0, false);
const COSTS: Costs = {
  enqueue: cost(1000, 500, 10, true),
  claim: { once: cost(400, 200, 5, true), each: cost(50, 20, 0, false) },
  complete: { once: cost(300, 200, 5, true), each: cost(100, 20, 0, false) },
  started: cost(400, 200, 6, true),
  logs: { once: cost(300, 200, 5, true), each: cost(9, 16, 0, false) },
  heartbeat: cost(400, 300, 7, true),
  emptyPoll: cost(200, 60, 1, false),
  seal: cost(50, 45, 1, false),
};
const TOPOLOGY: Topology = {
  ...{ nodes: 1, node: { cores: 2, speed: 1 }, database: { cores: 4, speed: 1 } },
  ...{ isShared: false, syncMs: 1, roundTripMs: 0.2, connections: 10 },
};
const WORKLOAD: Workload = {
  ...{
    jobsPerSecond: 100,
    lanes: 0,
    queued: 0,
    runners: 200,
    batch: 1,
    workMs: 100,
    linesPerJob: 10,
    tenants: 50,
  },
  ...{ hasFullProtocol: true, forMs: 20_000 },
};
const play = (topology: Partial<Topology>, workload: Partial<Workload>) =>
  simulate(COSTS, { ...TOPOLOGY, ...topology }, { ...WORKLOAD, ...workload });

describe('below saturation', () => {
  it('serves what is asked, and keeps its threads as busy as the sum of the costs', () => {
    const { started, done, backlog, nodeBusy } = play({}, {});
    expect(started / 20).toBeGreaterThan(90);
    expect(done).toBeGreaterThan(started - 60);
    expect(backlog).toBeLessThan(5);
    // Enqueue, claim, started, log, complete, seal; and a beat each 15 s and a poll each 25 s of 200 runners.
    const perJob = 1000 + 450 + 400 + 390 + 400 + 50;
    const expected = (100 * perJob + 200 * (400 / 15 + 200 / 25)) / 1e6;
    expect(Math.abs(nodeBusy / expected - 1)).toBeLessThan(0.1);
  });

  it('is the same for the same seed', () => {
    expect(play({}, { forMs: 2000 })).toEqual(play({}, { forMs: 2000 }));
  });
});

describe('at saturation', () => {
  it('one thread serves no more than its processor time allows', () => {
    const { done, nodeBusy } = play({}, { jobsPerSecond: 2000, forMs: 10_000 });
    expect(nodeBusy).toBeGreaterThan(0.95);
    expect(done / 10).toBeLessThan(1e6 / 2690);
  });

  it('a second node nearly doubles it, until the database is full', () => {
    const rate = (nodes: number, cores: number) =>
      play(
        { nodes, database: { cores, speed: 1 } },
        { jobsPerSecond: null, lanes: 64, queued: 20_000, runners: 400, forMs: 5000 },
      );
    const [one, two, narrow] = [rate(1, 16), rate(2, 16), rate(8, 1)];
    const all = ({ started, done }: { started: number; done: number }) => started + done;
    expect(all(two) / all(one)).toBeGreaterThan(1.7);
    expect(narrow.databaseBusy).toBeGreaterThan(0.95);
  });

  it('one tenant starts no more jobs than its chain takes, one commit after the other', () => {
    const started = (tenants: number) =>
      play({ nodes: 4, syncMs: 5, connections: 40 }, { tenants, jobsPerSecond: 400, forMs: 5000 }).started /
      5;
    expect(started(1)).toBeLessThan(1000 / 5.5);
    expect(started(10)).toBeGreaterThan(380);
  });

  it('few connections and a slow log hold it back before any processor does', () => {
    const { nodeBusy, databaseBusy } = play(
      { connections: 2, syncMs: 20 },
      { jobsPerSecond: 500, forMs: 5000 },
    );
    expect(Math.max(nodeBusy, databaseBusy)).toBeLessThan(0.7);
  });
});

describe('the cost of a batch', () => {
  it('is found again from two measurements', () => {
    const whole = { once: cost(400, 200, 5, true), each: cost(50, 20, 0, false) };
    const found = batchCost(ofBatch(whole, 1), ofBatch(whole, 10), 10);
    expect(ofBatch(found, 32)).toEqual(ofBatch(whole, 32));
  });

  it('is never negative, however noisy the measurements are', () => {
    const { once, each } = batchCost(cost(100, 100, 5, true), cost(50, 2000, 3, true), 10);
    expect(each.server).toBe(0);
    expect(once.database).toBe(0);
    expect(ofBatch({ once, each }, 1).commits).toBe(true);
    expect(NOTHING.commits).toBe(false);
  });
});
