import { describe, expect, it } from 'vitest';
import { batchCost, type Cost, type Costs, ofBatch, type Topology, withRoundTrips } from './costs.js';
import { simulate, type Workload } from './model.js';

const cost = (server: number, database: number, roundTrips: number, commits: boolean): Cost => ({
  ...{ server, database, roundTrips, commits, client: 0 },
});
const NOTHING = cost(0, 0, 0, false);
const COSTS: Costs = {
  enqueue: { once: cost(600, 300, 5, true), each: cost(400, 200, 1, false) },
  claim: { once: cost(400, 200, 5, true), each: cost(50, 20, 0, false) },
  complete: { once: cost(300, 200, 5, true), each: cost(100, 20, 0, false) },
  offer: cost(50, 20, 0, false),
  started: { once: cost(300, 150, 4, true), each: cost(100, 50, 0, false) },
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
    // What each costs of its own, however many share the rest.
    expect(done / 10).toBeLessThan(1e6 / (400 + 50 + 100 + 390 + 100 + 50));
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

  it('few connections and a slow log hold it back before any processor does', () => {
    const { nodeBusy, databaseBusy } = play(
      { connections: 2, syncMs: 20 },
      { jobsPerSecond: 500, forMs: 5000 },
    );
    expect(Math.max(nodeBusy, databaseBusy)).toBeLessThan(0.7);
  });
});

it('polls, beginnings and results that come together share connections and commits', () => {
  const bare = { jobsPerSecond: 0, queued: 20_000, workMs: 0, linesPerJob: 0, forMs: 5000 };
  const done = (runners: number, hasFullProtocol: boolean) =>
    play({ connections: 2, syncMs: 20 }, { ...bare, runners, hasFullProtocol }).done / 5;
  // Two commits a job, each 20 ms on one of two connections: alone they would be 50 a second.
  expect(done(64, false)).toBeGreaterThan(400);
  expect(done(64, true)).toBeGreaterThan(60);
  expect(done(1, false)).toBeLessThan(25);
});

describe('starts of one tenant', () => {
  const started = (topology: Partial<Topology>, workload: Partial<Workload>) =>
    play(
      {
        nodes: 4,
        node: { cores: 2, speed: 4 },
        database: { cores: 16, speed: 1 },
        connections: 40,
        ...topology,
      },
      { tenants: 1, runners: 0, hasFullProtocol: false, forMs: 5000, ...workload },
    ).started / 5;

  it('share the turns at its chain, each of which ends with a commit on disk', () => {
    const all = (lanes: number) => started({ nodes: 1, syncMs: 10 }, { jobsPerSecond: null, lanes });
    const [alone, eight, many] = [all(1), all(8), all(32)];
    expect(alone).toBeLessThan(1000 / 10);
    expect(eight / alone).toBeGreaterThan(3);
    expect(many).toBeGreaterThan(700);
  });

  it('are never more in a turn than the server takes', () => {
    const all = (syncMs: number) => started({ syncMs }, { jobsPerSecond: null, lanes: 1000 });
    expect(all(200)).toBeLessThanOrEqual((32 * 1000) / 200);
    // One turn after the other, whichever node it is of.
    expect(all(200)).toBeGreaterThan((32 * 1000) / 200 / 2);
  });

  it('each pay the way to the database for their key, and the rest of the way together', () => {
    const far = { syncMs: 0, roundTripMs: 5 };
    const all = (nodes: number) => started({ ...far, nodes }, { jobsPerSecond: null, lanes: 320 });
    // A whole batch: five round trips, and one for each key.
    const most = 32 / (0.005 * (5 + 32));
    expect(all(1)).toBeLessThan(most);
    expect(all(1)).toBeGreaterThan(most * 0.7);
  });

  it('do not wait for those of other tenants', () => {
    const offered = (tenants: number) => started({ syncMs: 50 }, { jobsPerSecond: 1000, tenants });
    expect(offered(1)).toBeLessThanOrEqual((32 * 1000) / 50);
    expect(offered(20)).toBeGreaterThan(800);
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

  it('takes processor times of one measurement, and round trips of another', () => {
    const far = withRoundTrips(COSTS, { ...COSTS, heartbeat: cost(9, 9, 2, true), logs: COSTS.claim });
    expect(far.heartbeat).toEqual(cost(400, 300, 2, true));
    expect(far.logs).toEqual({ once: cost(300, 200, 5, true), each: cost(9, 16, 0, false) });
    expect(far.enqueue).toEqual(COSTS.enqueue);
  });
});
