/** Polls that are served together: each gets what it could have got alone, no job goes to two, and none is kept back. */
import { describe, expect, it } from 'vitest';
import type { ClaimArgs, Claimed } from '../../../src/orchestrator/jobs/claim.js';
import { createClaimer } from '../../../src/orchestrator/jobs/claim-together.js';
import { drainRunner, removeRunner } from '../../../src/orchestrator/jobs/sessions.js';
import { getJob } from '../../../src/orchestrator/store/jobs.js';
import { type Engine, useFixture } from './context.js';
import type { Fixture, TestRunner } from './fixture.js';

export function claimsTogetherContract(engine: Engine): void {
  describe('claims that come together', () => {
    const fixture = useFixture(engine);

    it('share the jobs evenly, best first, each under the name of its own runner', async () => {
      const f = fixture();
      const low = [await f.enqueue({ priority: 7 }), await f.enqueue({ priority: 7 })];
      const high = [await f.enqueue({ priority: 1 }), await f.enqueue({ priority: 1 })];
      const runners = [await f.runner('one'), await f.runner('two')];
      const [one, two] = await claims(
        f,
        runners.map((runner) => ({ ...runner, slots: 10 })),
      );
      expect(idsOf(one)).toEqual([high[0]?.id, low[0]?.id]);
      expect(idsOf(two)).toEqual([high[1]?.id, low[1]?.id]);
      for (const [claimed, name] of [
        [one, 'one'],
        [two, 'two'],
      ] as const)
        for (const { jobId, epoch, attempt } of (claimed as Claimed).offers) {
          expect({ epoch, attempt }).toEqual({ epoch: 1, attempt: 1 });
          const job = await getJob(f.store, f.tenantId, jobId);
          expect(job).toMatchObject({ state: 'leased', runner: name, attempt: 1, epoch: 1 });
          expect(await detailOfLease(f, jobId)).toBe(name);
        }
    });

    it('give each job to one, however many ask, and leave nobody out while there is work', async () => {
      const f = fixture();
      const made = new Set<string>();
      for (let n = 0; n < 30; n++) made.add((await f.enqueue()).id);
      const runners: TestRunner[] = [];
      for (let n = 0; n < 12; n++) runners.push(await f.runner(`r${n}`));
      const rounds = await claims(
        f,
        [...runners, ...runners].map((runner) => ({ ...runner, slots: 2 })),
      );
      const given = rounds.flatMap(idsOf);
      expect(given.length).toBe(30);
      expect(new Set(given)).toEqual(made);
      expect((await claims(f, [{ ...runners[0], slots: 2 } as ClaimArgs])).flatMap(idsOf)).toEqual([]);
    });

    it('answer each for itself: a former session, a removed runner, one that drains, one of another platform', async () => {
      const f = fixture();
      await f.release('1.1.0', { platforms: ['linux'] });
      const job = await f.enqueue();
      await f.release('2.0.0', { platforms: ['windows'] });
      const forWindows = await f.enqueue();
      const good = await f.runner('good');
      const old = { ...(await f.runner('old')), sessionEpoch: 99 };
      const gone = await f.runner('gone');
      await f.store.transaction((tx) => removeRunner(tx, f.tenantId, gone.runnerId));
      const draining = await f.runner('draining');
      await f.store.transaction((tx) => drainRunner(tx, f.tenantId, draining.runnerId));
      const windows = await f.runner('windows', { os: 'windows' });
      const asked = [old, gone, draining, windows, good].map((runner) => ({ ...runner, slots: 5 }));
      const claim = createClaimer(f.store);
      const answers = await Promise.allSettled(asked.map((args) => claim('all', args)));
      expect(answers.map(codeOrIds)).toEqual([
        'ROC_GONE',
        'ROC_UNAUTHENTICATED',
        'drain',
        [forWindows.id],
        [job.id],
      ]);
    });

    it('that cannot be served are all told so, and the next ones are served', async () => {
      const f = fixture();
      const [job, runner] = [await f.enqueue(), await f.runner('r1')];
      const claim = createClaimer(f.store);
      // A row that no claim may take: the whole transaction is undone.
      await f.store.db.updateTable('job').set({ state: 'held' }).where('id', '=', job.id).execute();
      const ask = () => claim('all', { ...runner, slots: 1 });
      const answers = await Promise.allSettled([ask(), ask(), ask()]);
      expect(answers.map(codeOrIds)).toEqual(['ROC_CONFLICT', 'ROC_CONFLICT', 'ROC_CONFLICT']);
      await f.store.db.updateTable('job').set({ state: 'queued' }).where('id', '=', job.id).execute();
      expect(idsOf(await ask())).toEqual([job.id]);
    });
  });
}

function claims(f: Fixture, asked: readonly ClaimArgs[]): Promise<Claimed[]> {
  const claim = createClaimer(f.store);
  return Promise.all(asked.map((args) => claim('all', args)));
}

function idsOf(claimed: Claimed | undefined): string[] {
  return claimed?.offers.map(({ jobId }) => jobId) ?? [];
}

function codeOrIds(answer: PromiseSettledResult<Claimed>): unknown {
  if (answer.status === 'rejected') return (answer.reason as { code?: string }).code;
  return answer.value.drain ? 'drain' : idsOf(answer.value);
}

async function detailOfLease({ store }: Fixture, jobId: string): Promise<string | null | undefined> {
  const row = await store.db
    .selectFrom('job_event')
    .select('detail')
    .where('job_id', '=', jobId)
    .where('type', '=', 'leased')
    .executeTakeFirst();
  return row?.detail;
}
