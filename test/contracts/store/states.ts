/** The job state machine: every arrow of the table is walked, and every operation is tried in every state. */
import { describe, expect, it } from 'vitest';
import { isRocError } from '../../../src/kernel/errors.js';
import { LOST_ATTEMPTS, MAX_UNSTARTED_OFFERS } from '../../../src/orchestrator/decide/attempt-end.js';
import { claim } from '../../../src/orchestrator/jobs/claim.js';
import { LEASE_MS, OFFER_MS } from '../../../src/orchestrator/jobs/limits.js';
import { leaveSession } from '../../../src/orchestrator/jobs/sessions.js';
import { promote, reap } from '../../../src/orchestrator/jobs/sweep.js';
import { transition } from '../../../src/orchestrator/jobs/transition.js';
import { listEvents } from '../../../src/orchestrator/store/job-events.js';
import { lockJobs } from '../../../src/orchestrator/store/job-heads.js';
import { canFollow, JOB_STATE_NAMES, JOB_STATES, type JobState } from '../../../src/protocol/job-states.js';
import { codeOf, type Engine, useFixture } from './context.js';
import { type Driver, drive } from './driver.js';
import type { Fixture } from './fixture.js';

/** How a job gets over each arrow. */
const WALKS: Record<string, (f: Fixture, r: Driver) => Promise<unknown>> = {
  'scheduled>queued': async (f, r) => {
    await f.enqueue({ runAt: f.clock() + 1000 });
    expect(await r.promoteAfter(999)).toBe(0);
    expect(await r.promoteAfter(1)).toBe(1);
  },
  'scheduled>canceled': async (f, r) => r.cancel((await f.enqueue({ runAt: f.clock() + 1000 })).id),
  'queued>leased': async (f, r) => [await f.enqueue(), await r.claim()],
  'queued>canceled': async (f, r) => r.cancel((await f.enqueue()).id),
  'leased>running': async (f, r) => [await f.enqueue(), await r.run()],
  'leased>queued': async (f, r) => [await f.enqueue(), await r.claim(), await r.lose()],
  'leased>scheduled': async (f, r) => {
    await f.configure({ maxAttempts: 2 });
    await f.enqueue();
    await r.finish(await r.claim(), 'failed');
  },
  'leased>canceling': async (f, r) => {
    const { id } = await f.enqueue();
    await r.claim();
    await r.cancel(id);
  },
  'leased>succeeded': async (f, r) => [await f.enqueue(), await r.finish(await r.claim(), 'succeeded')],
  'leased>failed': async (f, r) => [await f.enqueue(), await r.finish(await r.claim(), 'failed')],
  'leased>timed_out': async (f, r) => [await f.enqueue(), await r.finish(await r.claim(), 'timed_out')],
  'leased>canceled': async (f, r) => [await f.enqueue(), await r.finish(await r.claim(), 'canceled')],
  'leased>held': async (f, r) => {
    await f.enqueue();
    for (let offer = 0; offer < MAX_UNSTARTED_OFFERS; offer++) {
      await r.claim();
      await r.lose();
    }
  },
  'running>queued': async (f, r) => [await f.enqueue(), await r.run(), await r.lose()],
  'running>scheduled': async (f, r) => {
    await f.configure({ maxAttempts: 2 });
    await f.enqueue();
    await r.finish(await r.run(), 'failed');
  },
  'running>canceling': async (f, r) => {
    const { id } = await f.enqueue();
    await r.run();
    await r.cancel(id);
  },
  'running>succeeded': async (f, r) => [await f.enqueue(), await r.finish(await r.run(), 'succeeded')],
  'running>failed': async (f, r) => {
    await f.configure({ onLost: 'fail' });
    await f.enqueue();
    await r.run();
    await r.lose();
  },
  'running>timed_out': async (f, r) => [await f.enqueue(), await r.finish(await r.run(), 'timed_out')],
  'running>canceled': async (f, r) => [await f.enqueue(), await r.finish(await r.run(), 'canceled')],
  'running>held': async (f, r) => {
    await f.configure({ onLost: 'hold' });
    await f.enqueue();
    await r.run();
    await r.lose();
  },
  'running>dead': async (f, r) => {
    await f.enqueue();
    for (let attempt = 1; attempt <= LOST_ATTEMPTS; attempt++) {
      await r.promoteAfter(60_000);
      await r.run();
      await r.lose();
    }
  },
  'canceling>canceled': async (f, r) => {
    const { id } = await f.enqueue();
    await r.run();
    await r.cancel(id);
    await r.lose();
  },
  'canceling>succeeded': (f, r) => endWhileCanceling(f, r, 'succeeded'),
  'canceling>failed': (f, r) => endWhileCanceling(f, r, 'failed'),
  'canceling>timed_out': (f, r) => endWhileCanceling(f, r, 'timed_out'),
  'held>queued': async (f, r) => r.retry(await held(f, r)),
  'held>canceled': async (f, r) => r.cancel(await held(f, r)),
};

async function drivenState({ store: { db } }: Fixture, id: string): Promise<JobState> {
  return (await db.selectFrom('job').select('state').where('id', '=', id).executeTakeFirstOrThrow()).state;
}

async function endWhileCanceling(f: Fixture, r: Driver, outcome: 'succeeded' | 'failed' | 'timed_out') {
  await f.configure({ maxAttempts: 5 });
  const { id } = await f.enqueue();
  const lease = await r.run();
  await r.cancel(id);
  await r.finish(lease, outcome);
}

async function held(f: Fixture, r: Driver): Promise<string> {
  await f.configure({ onLost: 'hold' });
  const { id } = await f.enqueue();
  await r.run();
  await r.lose();
  return id;
}

/** One job in each state, by the same doings. */
const REACH: Record<JobState, string | null> = {
  scheduled: 'running>scheduled',
  queued: null,
  leased: 'queued>leased',
  running: 'leased>running',
  canceling: 'running>canceling',
  held: 'running>held',
  succeeded: 'running>succeeded',
  failed: 'running>failed',
  canceled: 'running>canceled',
  timed_out: 'running>timed_out',
  dead: 'running>dead',
};

type Operation = (f: Fixture, r: Driver, jobId: string) => Promise<unknown>;

const lease = async (f: Fixture, r: Driver, jobId: string) => {
  const { epoch } = await f.store.db
    .selectFrom('job')
    .select('epoch')
    .where('id', '=', jobId)
    .executeTakeFirstOrThrow();
  return { jobId, epoch, runnerId: r.runner.runnerId };
};

const OPERATIONS = {
  cancel: (_f, r, id) => r.cancel(id),
  retry: (_f, r, id) => r.retry(id),
  claim: (f, r) => claim(f.store, { ...r.runner, slots: 1 }),
  started: async (f, r, id) => r.start(await lease(f, r, id)),
  succeed: async (f, r, id) => r.finish(await lease(f, r, id), 'succeeded'),
  fail: async (f, r, id) => r.finish(await lease(f, r, id), 'failed'),
  timeOut: async (f, r, id) => r.finish(await lease(f, r, id), 'timed_out'),
  stop: async (f, r, id) => r.finish(await lease(f, r, id), 'canceled'),
  reap: (f) => reap(f.store),
  reapLate: (_f, r) => r.lose(),
  promoteLate: async (f) => {
    f.clock.advance(OFFER_MS + LEASE_MS);
    await promote(f.store);
  },
  leave: (f, r) => leaveSession(f.store, r.runner),
  adopt: async (f, r, id) => r.reconnect([await lease(f, r, id)]),
  forget: (_f, r) => r.reconnect(),
} satisfies Record<string, Operation>;

type OperationName = keyof typeof OPERATIONS;

const REFUSED_BY_FENCE = {
  started: 'ROC_STALE_LEASE',
  succeed: 'ROC_STALE_LEASE',
  fail: 'ROC_STALE_LEASE',
  timeOut: 'ROC_STALE_LEASE',
  stop: 'ROC_STALE_LEASE',
} as const;
const ENDED = { ...REFUSED_BY_FENCE, cancel: 'ROC_CONFLICT' } as const;
const REPORTS = { succeed: 'succeeded', fail: 'failed', timeOut: 'timed_out', stop: 'canceled' } as const;

/** The state after the operation, or the code of its refusal; what is not named leaves the job as it is. */
const EXPECTED: Record<JobState, Partial<Record<OperationName, string>>> = {
  scheduled: { ...REFUSED_BY_FENCE, cancel: 'canceled', retry: 'ROC_CONFLICT', promoteLate: 'queued' },
  queued: { ...REFUSED_BY_FENCE, cancel: 'canceled', retry: 'ROC_CONFLICT', claim: 'leased' },
  leased: {
    ...REPORTS,
    cancel: 'canceling',
    retry: 'ROC_CONFLICT',
    started: 'running',
    reapLate: 'queued',
    leave: 'queued',
    forget: 'queued',
  },
  running: {
    ...REPORTS,
    cancel: 'canceling',
    retry: 'ROC_CONFLICT',
    reapLate: 'queued',
    leave: 'queued',
    forget: 'queued',
  },
  canceling: {
    ...REPORTS,
    retry: 'ROC_CONFLICT',
    reapLate: 'canceled',
    leave: 'canceled',
    forget: 'canceled',
  },
  held: { ...REFUSED_BY_FENCE, cancel: 'canceled', retry: 'queued' },
  succeeded: ENDED,
  failed: ENDED,
  canceled: ENDED,
  timed_out: ENDED,
  dead: ENDED,
};

export function statesContract(engine: Engine): void {
  describe('job states', () => {
    const fixture = useFixture(engine);

    it('has a walk for every arrow of the table and for no other', () => {
      const arrows = JOB_STATE_NAMES.flatMap((from) => JOB_STATES[from].map((to) => `${from}>${to}`));
      expect(Object.keys(WALKS).sort()).toEqual(arrows.sort());
    });

    it.each(Object.entries(WALKS))('goes %s', async (arrow, walk) => {
      const f = fixture();
      await walk(f, await drive(f));
      const { id } = await f.store.db.selectFrom('job').select('id').executeTakeFirstOrThrow();
      const states = (await listEvents(f.store, id)).map(({ state }) => state);
      const walked = states.slice(1).map((to, at) => `${states[at]}>${to}`);
      expect(walked).toContain(arrow);
    });

    it('takes no step that is not an arrow of the table, nor one from a state that has passed', async () => {
      const f = fixture();
      const { id } = await f.enqueue();
      const { db } = f.store;
      const attempt = (from: JobState, to: JobState) =>
        f.store.transaction(async (tx) => {
          const [job] = await lockJobs(tx, [id]);
          return transition(tx, job === undefined ? [] : [{ ...job, state: from }], {
            to,
            event: 'requeued',
          });
        });
      for (const from of JOB_STATE_NAMES) {
        for (const to of JOB_STATE_NAMES) {
          await db.updateTable('job').set({ state: from }).where('id', '=', id).execute();
          await db.deleteFrom('job_seal').execute();
          if (canFollow(from, to)) await attempt(from, to);
          else expect(await codeOf(attempt(from, to)), `${from} > ${to}`).toBe('ROC_CONFLICT');
          expect(await drivenState(f, id)).toBe(canFollow(from, to) ? to : from);
        }
      }
      await db.updateTable('job').set({ state: 'held' }).where('id', '=', id).execute();
      expect(await codeOf(attempt('queued', 'leased'))).toBe('ROC_CONFLICT');
      for (const table of ['job', 'job_ready', 'job_event'] as const) await db.deleteFrom(table).execute();
    });

    const cases = JOB_STATE_NAMES.flatMap((state) =>
      (Object.keys(OPERATIONS) as OperationName[]).map((operation) => ({
        state,
        operation,
        expected: EXPECTED[state][operation] ?? state,
      })),
    );
    it.each(cases)('$state, $operation: $expected', async ({ state, operation, expected }) => {
      const f = fixture();
      const r = await drive(f);
      const walk = REACH[state];
      if (walk === null) await f.enqueue();
      else await WALKS[walk]?.(f, r);
      const { id } = await f.store.db.selectFrom('job').select('id').executeTakeFirstOrThrow();
      expect(await r.state(id)).toBe(state);
      const outcome = await OPERATIONS[operation](f, r, id).then(
        () => null,
        (error: unknown) => error,
      );
      if (outcome !== null && !isRocError(outcome)) throw outcome;
      const isRefusal = expected.startsWith('ROC_');
      expect(outcome === null ? null : outcome.code).toBe(isRefusal ? expected : null);
      expect(await r.state(id)).toBe(isRefusal ? state : expected);
    });
  });
}
