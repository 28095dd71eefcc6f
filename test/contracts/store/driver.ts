/** Short words for what a runner does, so that a test reads as a story. */
import { randomUUID } from 'node:crypto';
import type { Outcome } from '../../../src/orchestrator/decide/attempt-end.js';
import { cancel } from '../../../src/orchestrator/jobs/cancel.js';
import { claim } from '../../../src/orchestrator/jobs/claim.js';
import { complete } from '../../../src/orchestrator/jobs/complete.js';
import { LEASE_MS } from '../../../src/orchestrator/jobs/limits.js';
import { retry } from '../../../src/orchestrator/jobs/retry.js';
import { openSession } from '../../../src/orchestrator/jobs/sessions.js';
import { started } from '../../../src/orchestrator/jobs/started.js';
import { promote, reap } from '../../../src/orchestrator/jobs/sweep.js';
import type { LeaseClaim } from '../../../src/orchestrator/store/job-leases.js';
import { getJob, type Job } from '../../../src/orchestrator/store/jobs.js';
import type { JobState } from '../../../src/protocol/job-states.js';
import { type Fixture, HOST, type TestRunner } from './fixture.js';

export interface Driver {
  readonly runner: TestRunner;
  /** Claims one job; throws where none is ready. */
  claim(): Promise<LeaseClaim>;
  start(lease: LeaseClaim): Promise<void>;
  /** Claims and starts. */
  run(): Promise<LeaseClaim>;
  finish(lease: LeaseClaim, outcome: Outcome, resultId?: string): Promise<{ state: JobState }>;
  /** Lets every lease run out and reaps. */
  lose(): Promise<void>;
  /** Lets the time pass and promotes. */
  promoteAfter(ms: number): Promise<number>;
  cancel(jobId: string): Promise<Job>;
  retry(jobId: string): Promise<Job>;
  /** A new session of the runner, which works on what is given. */
  reconnect(running?: readonly LeaseClaim[]): Promise<{ adopt: unknown[]; abandon: unknown[] }>;
  state(jobId: string): Promise<JobState>;
}

export async function drive(f: Fixture, name = 'r1', host: Partial<typeof HOST> = {}): Promise<Driver> {
  let runner = await f.runner(name, host);
  const driver: Driver = {
    get runner() {
      return runner;
    },
    claim: async () => {
      const [offer] = (await claim(f.store, { ...runner, slots: 1 })).offers;
      if (offer === undefined) throw new TypeError('nothing to claim');
      return { jobId: offer.jobId, epoch: offer.epoch, runnerId: runner.runnerId };
    },
    start: (lease) => started(f.store, lease),
    run: async () => {
      const lease = await driver.claim();
      await driver.start(lease);
      return lease;
    },
    finish: (lease, outcome, resultId = randomUUID()) =>
      complete(f.store, {
        ...lease,
        resultId,
        outcome,
        output: outcome === 'succeeded' ? { rows: 3 } : undefined,
        error: outcome === 'succeeded' ? null : { kind: 'robot', message: `it ${outcome}`, exitCode: 1 },
      }),
    lose: async () => {
      f.clock.advance(LEASE_MS);
      await reap(f.store);
    },
    promoteAfter: (ms) => {
      f.clock.advance(ms);
      return promote(f.store);
    },
    cancel: (jobId) => f.store.transaction((tx) => cancel(tx, f.tenantId, jobId)),
    retry: (jobId) =>
      f.store.transaction((tx) =>
        retry(tx, { tenantId: f.tenantId, jobId, createdBy: 'admin@localhost', checkInput: () => {} }),
      ),
    reconnect: async (running = []) => {
      const { runnerId } = runner;
      const answer = await openSession(f.store, {
        runnerId,
        bootId: 'boot-2',
        host: { ...HOST, ...host },
        running,
      });
      runner = { runnerId, sessionEpoch: answer.sessionEpoch };
      return answer;
    },
    state: async (jobId) => (await getJob(f.store, f.tenantId, jobId)).state,
  };
  return driver;
}
