/** Results that are written together: every one gets the answer that it would have got alone, and leaves the same rows. */
import { describe, expect, it, vi } from 'vitest';
import { type Completion, complete } from '../../../src/orchestrator/jobs/complete.js';
import { createCompleter } from '../../../src/orchestrator/jobs/complete-together.js';
import { createStarter } from '../../../src/orchestrator/jobs/start-together.js';
import { listEvents } from '../../../src/orchestrator/store/job-events.js';
import type { LeaseClaim } from '../../../src/orchestrator/store/job-leases.js';
import { getJob } from '../../../src/orchestrator/store/jobs.js';
import { type Engine, useFixture } from './context.js';
import { drive } from './driver.js';
import type { Fixture } from './fixture.js';

const FAILURE = { kind: 'robot', message: 'no', exitCode: 1 } as const;

export function togetherContract(engine: Engine): void {
  describe('starts that come together', () => startsContract(useFixture(engine)));

  describe('results that come together', () => {
    const fixture = useFixture(engine);

    it('get the answers that they would get alone, each of its own', async () => {
      const f = fixture();
      const r = await drive(f, 'r1', { slots: 64 });
      await f.configure({ maxAttempts: 2 });
      const leases: LeaseClaim[] = [];
      for (let n = 0; n < 40; n++) {
        await f.enqueue();
        leases.push(await r.run());
      }
      const stale = leases[0] as LeaseClaim;
      await r.cancel((leases[1] as LeaseClaim).jobId);
      const reports = leases.map((lease, n): Completion => {
        const base = { ...lease, resultId: `result-of-job-${n}` };
        if (n % 7 === 3) return { ...base, outcome: 'failed', error: FAILURE };
        if (n === 5) return { ...base, outcome: 'succeeded', output: 'x'.repeat(40_000), error: null };
        return { ...base, outcome: 'succeeded', output: { n }, error: null };
      });
      const [first] = reports as [Completion, ...Completion[]];
      const all: Completion[] = [
        ...reports,
        // Sent again, from elsewhere, too early, too late.
        first,
        { ...first, resultId: 'another-result' },
        { ...first, runnerId: '01HZZZZZZZZZZZZZZZZZZZZZZZ' },
        { ...(reports[2] as Completion), epoch: 99 },
        {
          ...stale,
          jobId: '01HZZZZZZZZZZZZZZZZZZZZZZZ',
          resultId: 'r'.repeat(16),
          outcome: 'succeeded',
          error: null,
        },
      ];
      const answers = await Promise.allSettled(all.map(createCompleter(f.store)));
      const told = answers.map((answer) =>
        answer.status === 'fulfilled'
          ? answer.value.state
          : String((answer.reason as { code?: string }).code),
      );
      expect(told).toEqual([
        ...reports.map(({ outcome }) => (outcome === 'failed' ? 'scheduled' : 'succeeded')),
        'succeeded',
        ...Array.from({ length: 4 }, () => 'ROC_STALE_LEASE'),
      ]);
      for (const [n, { jobId, outcome }] of reports.entries()) {
        const job = await getJob(f.store, f.tenantId, jobId);
        expect(job.state).toBe(outcome === 'failed' ? 'scheduled' : 'succeeded');
        if (outcome === 'succeeded' && n !== 5) expect(job.output).toEqual({ n });
      }
      expect(await ends(f)).toEqual(reports.filter(({ outcome }) => outcome === 'succeeded').length);
    });

    it('begin no transaction each for jobs that nobody was given', async () => {
      const f = fixture();
      const transaction = vi.spyOn(f.store, 'transaction');
      const invented = Array.from({ length: 50 }, (_, n): Completion => {
        const jobId = `01HZZZZZZZZZZZZZZZZZZZZZ${n + 10}`;
        const claim = { jobId, epoch: 1, runnerId: '01HZZZZZZZZZZZZZZZZZZZZZZZ' };
        return { ...claim, resultId: `result-number-${n}`, outcome: 'succeeded', output: 1, error: null };
      });
      const answers = await Promise.allSettled(invented.map(createCompleter(f.store)));
      const begun = transaction.mock.calls.length;
      transaction.mockRestore();
      expect(begun).toBe(1);
      for (const answer of answers)
        expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'ROC_STALE_LEASE' } });
    });

    it('leave the rows that one alone leaves', async () => {
      const f = fixture();
      const r = await drive(f, 'r1', { slots: 8 });
      const leases: LeaseClaim[] = [];
      for (let n = 0; n < 4; n++) {
        await f.enqueue();
        leases.push(await r.run());
      }
      const report = (lease: LeaseClaim, n: number): Completion => ({
        ...lease,
        ...{ resultId: `result-number-${n}`, outcome: 'succeeded', output: 1, error: null },
      });
      const [alone, ...others] = leases as [LeaseClaim, ...LeaseClaim[]];
      await complete(f.store, report(alone, 0));
      await Promise.all(others.map((lease, n) => createdOnce(f)(report(lease, n + 1))));
      const rows = await f.store.db.selectFrom('job').selectAll().orderBy('id').execute();
      const same = rows.map(({ id, deployment_id, created_at, ...row }) => row);
      for (const row of same) expect(row).toEqual(same[0]);
    });
  });
}

function startsContract(fixture: () => Fixture): void {
  it('start the jobs that they would start alone, and refuse what they would refuse', async () => {
    const f = fixture();
    const r = await drive(f, 'r1', { slots: 64 });
    const leases: LeaseClaim[] = [];
    for (let n = 0; n < 8; n++) {
      await f.enqueue();
      leases.push(await r.claim());
    }
    const [alone, begun, canceled, ...fresh] = leases as [
      LeaseClaim,
      LeaseClaim,
      LeaseClaim,
      ...LeaseClaim[],
    ];
    await r.start(alone);
    await r.start(begun);
    await r.cancel(canceled.jobId);
    const [first, second] = fresh as [LeaseClaim, LeaseClaim];
    const other = { ...first, runnerId: '01HZZZZZZZZZZZZZZZZZZZZZZZ' };
    const late = { ...second, epoch: 99 };
    const start = createStarter(f.store);
    const all = [...fresh, begun, canceled, other, late, first];
    const answers = await Promise.allSettled(all.map(start));
    expect(
      answers.map((one) => (one.status === 'fulfilled' ? 'yes' : (one.reason as { code?: string }).code)),
    ).toEqual([...fresh.map(() => 'yes'), 'yes', ...Array(3).fill('ROC_STALE_LEASE'), 'yes']);
    expect(await r.state(canceled.jobId)).toBe('canceled');
    const rows = await f.store.db
      .selectFrom('job')
      .innerJoin('job_lease', 'job_lease.job_id', 'job.id')
      .selectAll('job')
      .select(['job_lease.started_at as lease_started', 'job_lease.lease_until'])
      .orderBy('job.id')
      .execute();
    expect(rows.length).toBe(7);
    for (const { id, ...row } of rows) expect({ ...row, id: rows[0]?.id }).toEqual(rows[0]);
    for (const { jobId } of fresh) {
      const types = (await listEvents(f.store, jobId)).map(({ type }) => type);
      expect(types).toEqual(['enqueued', 'leased', 'started']);
    }
  });
}

const completers = new WeakMap<Fixture, ReturnType<typeof createCompleter>>();

function createdOnce(f: Fixture): ReturnType<typeof createCompleter> {
  const known = completers.get(f) ?? createCompleter(f.store);
  completers.set(f, known);
  return known;
}

async function ends({ store }: Fixture): Promise<number> {
  const { n } = await store.db
    .selectFrom('job_event')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('type', '=', 'finished')
    .executeTakeFirstOrThrow();
  return Number(n);
}
