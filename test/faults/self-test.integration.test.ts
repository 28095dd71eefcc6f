import { expect, it } from 'vitest';
import { describeWith } from '../helpers/parts.js';
import { tempDirs } from '../helpers/temp-dirs.js';
import { buildMutant, type Mutation } from './mutant.js';
import { type Outcome, play, SETTLE_MS } from './play.js';
import type { Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

const newDir = tempDirs('mutant');
const SIZE = { runners: 2, jobs: 80, faults: 1 };

function scenarioOf(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new TypeError(`no scenario ${name}`);
  return found;
}

interface SelfTest {
  readonly without: string;
  readonly mutation: Mutation;
  readonly scenario: string;
  /** What the harness must see. */
  readonly isRed: (outcome: Outcome) => boolean;
}

const SELF_TESTS: readonly SelfTest[] = [
  {
    without: 'the fence of the epoch',
    mutation: {
      file: 'src/orchestrator/store/job-leases.ts',
      from: 'return lease.epoch === claim.epoch && lease.runner_id === claim.runnerId;',
      to: 'return lease.epoch > 0 && claim.epoch > 0;',
    },
    scenario: 'a result comes after its lease has ended',
    isRed: ({ lost, notOnce, unexplained }) => lost.length + notOnce.length + unexplained.length > 0,
  },
  {
    without: 'READ COMMITTED',
    mutation: {
      file: 'src/orchestrator/store/mysql.ts',
      from: "'set session transaction isolation level read committed'",
      to: "'set session transaction isolation level repeatable read'",
    },
    scenario: 'all claim at once',
    isRed: ({ deadlocks, complaints }) =>
      deadlocks > 0 || complaints.includes('a transaction ran at REPEATABLE READ'),
  },
  {
    without: 'the order in the index of the claim',
    mutation: {
      file: 'src/orchestrator/store/migrations/0003-jobs.ts',
      from: "index('job_ready', 'claim', ['tenant_id', 'pool_id', 'lane', 'priority', 'job_id'])",
      to: "index('job_ready', 'claim', ['tenant_id', 'pool_id', 'lane'])",
    },
    scenario: 'all claim at once',
    isRed: ({ rowsReadPerJob }) => rowsReadPerJob > MOST_ROWS,
  },
];

/** A sound build reads far fewer for a job, however many others wait; a sort reads all that wait, for each claim. */
const MOST_ROWS = 150;

const SEEDS = 2;

describeWith(['mariadbd', 'haproxy', 'aws'], 'the harness, on builds that are broken on purpose', () => {
  it.each(SELF_TESTS)(
    'goes red without $without',
    { timeout: SETTLE_MS * SEEDS, retry: 0 },
    async (selfTest) => {
      const root = buildMutant(newDir(), selfTest.mutation);
      const outcomes: Outcome[] = [];
      // Whether two meet is chance: what the fault does shows in one seed or the next.
      for (let seed = 1; seed <= SEEDS && !outcomes.some(selfTest.isRed); seed++)
        outcomes.push(await play(scenarioOf(selfTest.scenario), seed, SIZE, root));
      expect(outcomes, JSON.stringify(outcomes)).toSatisfy(() => outcomes.some(selfTest.isRed));
    },
  );

  it('stays green on a sound one, by the same measures', { timeout: SETTLE_MS * 2, retry: 0 }, async () => {
    const outcome = await play(scenarioOf('all claim at once'), 1, SIZE);
    expect(outcome).toMatchObject({ deadlocks: 0, complaints: [] });
    expect(outcome.rowsReadPerJob).toBeLessThan(MOST_ROWS);
  });
});
