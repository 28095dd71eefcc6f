/** What may be done to the job engine, each done to the model and to the real one, and compared. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { isRocError } from '../../../src/kernel/errors.js';
import { appendLogs } from '../../../src/orchestrator/jobs/append-logs.js';
import { cancel } from '../../../src/orchestrator/jobs/cancel.js';
import { claim } from '../../../src/orchestrator/jobs/claim.js';
import { complete } from '../../../src/orchestrator/jobs/complete.js';
import { heartbeat } from '../../../src/orchestrator/jobs/heartbeat.js';
import { retry } from '../../../src/orchestrator/jobs/retry.js';
import { drainSession, leaveSession, openSession } from '../../../src/orchestrator/jobs/sessions.js';
import { started } from '../../../src/orchestrator/jobs/started.js';
import { promote, reap } from '../../../src/orchestrator/jobs/sweep.js';
import { setProcess } from '../../../src/orchestrator/store/processes.js';
import { type Fixture, HOST, type TestRunner } from '../../contracts/store/fixture.js';
import { brokenInvariants } from '../../contracts/store/invariants.js';
import type { JobModel, ModelJob, OnLost, Outcome } from './job-model.js';

export interface Real {
  readonly f: Fixture;
  readonly runners: TestRunner[];
}

/** Robots of these names exist, for these platforms. */
export const ROBOTS: Readonly<Record<string, readonly ('linux' | 'macos' | 'windows')[]>> = {
  anywhere: ['linux', 'macos', 'windows'],
  penguin: ['linux'],
  desk: ['macos', 'windows'],
};
export const RUNNERS = ['linux', 'linux', 'windows'] as const;

type Act = (model: JobModel, real: Real) => Promise<void>;

class Command implements fc.AsyncCommand<JobModel, Real> {
  private readonly name: string;
  private readonly act: Act;
  private readonly needsJob: boolean;

  constructor(name: string, act: Act, needsJob: boolean) {
    this.name = name;
    this.act = act;
    this.needsJob = needsJob;
  }

  check(model: Readonly<JobModel>): boolean {
    return !this.needsJob || model.jobs.length > 0;
  }

  async run(model: JobModel, real: Real): Promise<void> {
    await this.act(model, real);
    await compare(model, real);
  }

  toString(): string {
    return this.name;
  }
}

type AnyCommand = fc.Arbitrary<fc.AsyncCommand<JobModel, Real>>;

/** A command that is drawn as many times as often as another. */
function often(times: number, command: AnyCommand): AnyCommand[] {
  return Array.from({ length: times }, () => command);
}

export const COMMANDS: AnyCommand[] = [
  ...often(
    4,
    command(
      'enqueue',
      [
        fc.constantFrom(...Object.keys(ROBOTS)),
        fc.integer({ min: 0, max: 2 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom<OnLost>('retry', 'hold', 'fail'),
        fc.constantFrom(0, 0, 0, 30_000),
      ],
      (process, priority, maxAttempts, onLost, delay) =>
        async (model, { f }) => {
          const ref = { tenantId: f.tenantId, project: 'default', process };
          await f.store.transaction((tx) => setProcess(tx, ref, { priority, maxAttempts, onLost }));
          const runAt = f.clock() + delay;
          const { id } = await f.enqueue({ process, runAt });
          model.add({ id, process, platforms: ROBOTS[process] ?? [], priority, maxAttempts, onLost, runAt });
        },
    ),
  ),
  command('claim', [runnerAt(), fc.integer({ min: 1, max: 4 })], (at, slots) => async (model, real) => {
    const expected = model.claim(at, slots);
    const got = await outcomeOf(claim(real.f.store, { ...runnerOf(real, at), slots }));
    expect(typeof got === 'string' ? got : got.offers.map(({ jobId }) => jobId)).toEqual(expected);
  }),
  onLease('start', [], () => async (model, { f }, job, lease, at) => {
    const expected = model.start(job, at, lease.epoch);
    expect((await outcomeOf(started(f.store, lease))) ?? 'ok').toEqual(expected);
  }),
  onLease(
    'log',
    [fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 })],
    (from, count) =>
      async (model, { f }, job, lease, at) => {
        const lines = Array.from({ length: count }, (_, n) => ({
          seq: from + n,
          at: 0,
          stream: 'stdout' as const,
          text: 'x',
        }));
        const expected = model.log(job, at, lease.epoch, from, count);
        const got = await outcomeOf(appendLogs(f.store, lease, lines));
        expect(typeof got === 'string' ? got : got.nextSeq).toEqual(expected);
      },
  ),
  ...often(
    4,
    onLease(
      'complete',
      [
        fc.constantFrom<Outcome>('succeeded', 'failed', 'timed_out', 'canceled'),
        fc.constantFrom('one', 'two'),
      ],
      (outcome, word) =>
        async (model, { f }, job, lease, at) => {
          const resultId = `result-${word}-of-an-attempt`;
          const expected = model.complete(job, at, lease.epoch, resultId, outcome);
          const got = await outcomeOf(
            complete(f.store, { ...lease, resultId, outcome, output: null, error: null }),
          );
          expect(typeof got === 'string' ? got : got.state).toEqual(expected);
        },
    ),
  ),
  ...often(
    4,
    command('run', [runnerAt(), fc.integer({ min: 1, max: 4 })], (at, slots) => async (model, real) => {
      const ids = model.claim(at, slots);
      const got = await outcomeOf(claim(real.f.store, { ...runnerOf(real, at), slots }));
      expect(typeof got === 'string' ? got : got.offers.map(({ jobId }) => jobId)).toEqual(ids);
      for (const job of model.jobs.filter(({ id }) => ids.includes(id))) {
        expect(model.start(job, at, job.epoch)).toBe('ok');
        await started(real.f.store, { jobId: job.id, epoch: job.epoch, ...runnerOf(real, at) });
      }
    }),
  ),
  command('expire', [], () => async (model, { f }) => {
    model.now += 60_000;
    f.clock.advance(60_000);
    expect(await reap(f.store)).toBe(model.reap());
    expect(await promote(f.store)).toBe(model.promote());
  }),
  command('heartbeat', [runnerAt(), fc.integer({ min: -1, max: 0 })], (at, shift) => async (model, real) => {
    const named = model.jobs
      .filter(({ epoch }) => epoch + shift >= 1)
      .map((job) => ({ job, epoch: job.epoch + shift }));
    const expected = model.heartbeat(at, named);
    const jobs = named.map(({ job, epoch }) => ({ jobId: job.id, epoch }));
    const got = await outcomeOf(heartbeat(real.f.store, { ...runnerOf(real, at), jobs }));
    if (typeof got === 'string') expect(got).toEqual(expected);
    else {
      const told = jobs.map(({ jobId }) => {
        if (got.lost.some((ref) => ref.jobId === jobId)) return 'lost';
        return got.cancel.some((ref) => ref.jobId === jobId) ? 'cancel' : 'renewed';
      });
      expect(told).toEqual(expected);
    }
  }),
  onJob('cancel', (job) => async (model, { f }) => {
    const expected = model.cancel(job);
    const got = await outcomeOf(f.store.transaction((tx) => cancel(tx, f.tenantId, job.id)));
    expect(typeof got === 'string' ? got : got.state).toEqual(expected);
  }),
  onJob('retry', (job) => async (model, { f }) => {
    const expected = model.retry(job);
    const args = { tenantId: f.tenantId, jobId: job.id, createdBy: 'x', checkInput: () => {} };
    const got = await outcomeOf(f.store.transaction((tx) => retry(tx, args)));
    if (typeof got === 'string') expect(got).toEqual(expected);
    else if (expected === 'again') {
      expect(got.retryOf).toBe(job.id);
      const { maxAttempts, onLost } = got;
      const { process, platforms, priority } = job;
      model.add({ id: got.id, process, platforms, priority, maxAttempts, onLost, runAt: model.now });
    } else expect([got.id, expected]).toEqual([job.id, 'ok']);
  }),
  command('wait', [fc.constantFrom(1, 2500, 5000, 20_000, 30_000, 60_000)], (ms) => async (model, { f }) => {
    model.now += ms;
    f.clock.advance(ms);
  }),
  command('reap', [], () => async (model, { f }) => {
    expect(await reap(f.store)).toBe(model.reap());
  }),
  command('promote', [], () => async (model, { f }) => {
    expect(await promote(f.store)).toBe(model.promote());
  }),
  ...often(
    2,
    command('reconnect', [runnerAt(), fc.boolean()], (at, keepsOdd) => async (model, { f, runners }) => {
      const kept = model.jobs.filter((job, n) => job.lease?.runner === at && (n % 2 === 1) === keepsOdd);
      model.reconnect(at, (job) => kept.includes(job));
      const { runnerId } = runnerOf({ runners }, at);
      const running = kept.map(({ id, epoch }) => ({ jobId: id, epoch }));
      const host = { ...HOST, os: RUNNERS[at] ?? 'linux' };
      const { sessionEpoch, adopt } = await openSession(f.store, { runnerId, bootId: 'b', host, running });
      expect(adopt.map(({ jobId }) => jobId).sort()).toEqual(running.map(({ jobId }) => jobId).sort());
      runners[at] = { runnerId, sessionEpoch };
    }),
  ),
  command('leave', [runnerAt()], (at) => async (model, real) => {
    const expected = model.leave(at);
    expect((await outcomeOf(leaveSession(real.f.store, runnerOf(real, at)))) ?? 'ok').toBe(expected);
  }),
  command('drain', [runnerAt()], (at) => async (model, real) => {
    const expected = model.drain(at);
    expect((await outcomeOf(drainSession(real.f.store, runnerOf(real, at)))) ?? 'ok').toBe(expected);
  }),
];

/** The engine's rows tell what the model tells, and fit together. */
async function compare(model: JobModel, { f, runners }: Real): Promise<void> {
  const jobs = await f.store.db.selectFrom('job').selectAll().orderBy('id').execute();
  const leases = await f.store.db.selectFrom('job_lease').selectAll().execute();
  const real = jobs.map((job) => {
    const lease = leases.find(({ job_id }) => job_id === job.id);
    return {
      id: job.id,
      state: job.state,
      attempt: job.attempt,
      epoch: job.epoch,
      runAt: job.run_at,
      lease:
        lease === undefined
          ? null
          : {
              runner: runners.findIndex(({ runnerId }) => runnerId === lease.runner_id),
              until: lease.lease_until,
              started: lease.started_at !== null,
              nextLog: lease.next_log_seq,
            },
    };
  });
  const told = model.jobs.map(({ id, state, attempt, epoch, runAt, lease }) => ({
    id,
    state,
    attempt,
    epoch,
    runAt,
    lease,
  }));
  for (const { state } of model.jobs) model.visited.add(state);
  expect(real).toEqual(told.sort((a, b) => (a.id < b.id ? -1 : 1)));
  expect(await brokenInvariants(f.store)).toEqual([]);
}

type Values<A extends readonly fc.Arbitrary<unknown>[]> = {
  [K in keyof A]: A[K] extends fc.Arbitrary<infer T> ? T : never;
};

function command<A extends readonly fc.Arbitrary<unknown>[]>(
  name: string,
  given: readonly [...A],
  act: (...values: Values<A>) => Act,
  needsJob = false,
): fc.Arbitrary<fc.AsyncCommand<JobModel, Real>> {
  return fc
    .tuple(...given)
    .map((values) => new Command(`${name}(${values.join(', ')})`, act(...(values as Values<A>)), needsJob));
}

function onJob(name: string, act: (job: ModelJob) => Act): fc.Arbitrary<fc.AsyncCommand<JobModel, Real>> {
  return command(name, [fc.nat(50)], (n) => (model, real) => act(jobOf(model, n))(model, real), true);
}

type LeaseAct = (
  model: JobModel,
  real: Real,
  job: ModelJob,
  lease: { jobId: string; epoch: number; runnerId: string },
  at: number,
) => Promise<void>;

/** Mostly the lease that there is, sometimes a former epoch's, or under another runner's name. */
function onLease<A extends readonly fc.Arbitrary<unknown>[]>(
  name: string,
  given: readonly [...A],
  act: (...values: Values<A>) => LeaseAct,
): fc.Arbitrary<fc.AsyncCommand<JobModel, Real>> {
  const which = [fc.nat(50), fc.constantFrom(0, 0, 0, 1), fc.constantFrom(0, 0, 0, 1)] as const;
  return command(
    name,
    [...which, ...given],
    (...values) =>
      async (model, real) => {
        const [n, old, strange, ...rest] = values as unknown as [number, number, number, ...unknown[]];
        const job = jobOf(model, n);
        const at = ((job.lease?.runner ?? 0) + strange) % RUNNERS.length;
        const lease = { jobId: job.id, epoch: job.epoch - old, runnerId: runnerOf(real, at).runnerId };
        await act(...(rest as unknown as Values<A>))(model, real, job, lease, at);
      },
    true,
  );
}

function runnerAt() {
  return fc.nat(RUNNERS.length - 1);
}

/** The jobs that can still change come first, so that most commands meet one of them. */
function jobOf(model: JobModel, n: number): ModelJob {
  const live = model.jobs.filter(({ lease, state }) => lease !== null || state === 'held');
  const from = live.length > 0 && n % 4 !== 0 ? live : model.jobs;
  const job = from[n % from.length];
  if (job === undefined) throw new TypeError('there is no job');
  return job;
}

function runnerOf({ runners }: Pick<Real, 'runners'>, at: number): TestRunner {
  const runner = runners[at];
  if (runner === undefined) throw new TypeError(`no runner ${at}`);
  return runner;
}

/** The value, or the code of the refusal. */
function outcomeOf<T>(promise: Promise<T>): Promise<T | string> {
  return promise.catch((error: unknown) => {
    if (isRocError(error)) return error.code;
    throw error;
  });
}
