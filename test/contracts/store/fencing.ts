/** A write under an epoch that has passed never gets through, and a repeated report gets the same answer. */
import { describe, expect, it } from 'vitest';
import { appendLogs } from '../../../src/orchestrator/jobs/append-logs.js';
import { complete } from '../../../src/orchestrator/jobs/complete.js';
import { heartbeat } from '../../../src/orchestrator/jobs/heartbeat.js';
import { leasedBlobKey } from '../../../src/orchestrator/jobs/leased-package.js';
import { releaseOffers } from '../../../src/orchestrator/jobs/release-offers.js';
import { started } from '../../../src/orchestrator/jobs/started.js';
import type { LeaseClaim } from '../../../src/orchestrator/store/job-leases.js';
import { codeOf, type Engine, useFixture } from './context.js';
import { type Driver, drive } from './driver.js';
import type { Fixture } from './fixture.js';

/** How a lease becomes a thing of the past. Each leaves the job with somebody else, or ended. */
const STALE: Record<string, (f: Fixture, first: Driver, second: Driver) => Promise<LeaseClaim>> = {
  'of a lost attempt that waits again': async (_f, first) => {
    const lease = await first.run();
    await first.lose();
    return lease;
  },
  'of a lost attempt that another runner repeats': async (_f, first, second) => {
    const lease = await first.run();
    await first.lose();
    await second.run();
    return lease;
  },
  'of a lost attempt that the same runner repeats': async (_f, first) => {
    const lease = await first.run();
    await first.lose();
    await first.run();
    return lease;
  },
  'of an offer that was taken back': async (_f, first, second) => {
    const lease = await first.claim();
    await first.lose();
    await second.claim();
    return lease;
  },
  'of an ended job': async (_f, first) => {
    const lease = await first.run();
    await first.finish(lease, 'succeeded');
    return lease;
  },
  'of another runner': async (_f, first, second) => ({
    ...(await first.run()),
    runnerId: second.runner.runnerId,
  }),
  'of an epoch to come': async (_f, first) => {
    const lease = await first.run();
    return { ...lease, epoch: lease.epoch + 1 };
  },
  'of no job': async (_f, first) => ({ ...(await first.run()), jobId: '01HZZZZZZZZZZZZZZZZZZZZZZZ' }),
};

export function fencingContract(engine: Engine): void {
  describe('fencing', () => {
    const fixture = useFixture(engine);

    it.each(Object.entries(STALE))('refuses every write %s', async (_name, makeStale) => {
      const f = fixture();
      const [first, second] = [await drive(f, 'first'), await drive(f, 'second')];
      await f.enqueue();
      const lease = await makeStale(f, first, second);
      const before = await dump(f);
      const line = { seq: 1, at: 0, stream: 'stdout' as const, text: 'late' };
      const report = { ...lease, resultId: 'another-result-id', outcome: 'failed' as const, error: null };
      expect(await codeOf(started(f.store, lease))).toBe('ROC_STALE_LEASE');
      expect(await codeOf(appendLogs(f.store, lease, [line]))).toBe('ROC_STALE_LEASE');
      expect(await codeOf(complete(f.store, report))).toBe('ROC_STALE_LEASE');
      expect(await codeOf(leasedBlobKey(f.store, lease))).toBe('ROC_STALE_LEASE');
      await releaseOffers(f.store, [lease]);
      const session = [first, second].find(({ runner }) => runner.runnerId === lease.runnerId);
      const answer = await heartbeat(f.store, { ...(session ?? first).runner, jobs: [lease] });
      expect(answer).toMatchObject({ renewed: [], lost: [{ jobId: lease.jobId, epoch: lease.epoch }] });
      expect(await dump(f)).toEqual(before);
    });

    it('answers a repeated report as the first time, whatever became of the job', async () => {
      const f = fixture();
      const r = await drive(f);
      await f.configure({ maxAttempts: 2 });
      await f.enqueue();
      const first = await r.run();
      expect(await r.finish(first, 'failed', 'result-one')).toEqual({ state: 'scheduled' });
      expect(await r.finish(first, 'failed', 'result-one')).toEqual({ state: 'scheduled' });
      expect(await codeOf(r.finish(first, 'failed', 'result-two'))).toBe('ROC_STALE_LEASE');
      await r.promoteAfter(60_000);
      const second = await r.run();
      expect(await r.finish(second, 'succeeded', 'result-one')).toEqual({ state: 'succeeded' });
      expect(await r.finish(first, 'failed', 'result-one')).toEqual({ state: 'scheduled' });
      expect(await r.finish(second, 'failed', 'result-one')).toEqual({ state: 'succeeded' });
      const stranger = { ...second, runnerId: (await drive(f, 'r2')).runner.runnerId };
      expect(await codeOf(r.finish(stranger, 'succeeded', 'result-one'))).toBe('ROC_STALE_LEASE');
    });

    it('answers one report that comes many times at once, and takes only one of several', async () => {
      const f = fixture();
      const r = await drive(f);
      await f.enqueue();
      const same = await r.run();
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => r.finish(same, 'succeeded', 'one-result')),
      );
      expect(answers).toEqual(answers.map(() => ({ state: 'succeeded' })));
      await f.enqueue();
      const lease = await r.run();
      const reports = await Promise.allSettled(
        ['a', 'b', 'c', 'd'].map((id) => r.finish(lease, id < 'c' ? 'succeeded' : 'failed', `result-${id}`)),
      );
      expect(reports.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });
  });
}

/** All rows of all tables that a runner may write to. */
async function dump({ store: { db } }: Fixture): Promise<unknown> {
  return [
    await db.selectFrom('job').selectAll().execute(),
    await db.selectFrom('job_lease').selectAll().execute(),
    await db.selectFrom('job_ready').selectAll().execute(),
    await db.selectFrom('job_event').selectAll().orderBy('seq').execute(),
    await db.selectFrom('job_log').selectAll().execute(),
    await db.selectFrom('job_result').selectAll().execute(),
  ];
}
