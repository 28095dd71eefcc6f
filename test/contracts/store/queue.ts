/** Enqueueing, claiming in order and by platform, logs, heartbeats, sessions, lists, and why a job waits. */

import { describe, expect, it } from 'vitest';
import { ALL_LANES } from '../../../src/orchestrator/decide/lanes.js';
import { FULL_SIGHT } from '../../../src/orchestrator/decide/reach.js';
import { appendLogs } from '../../../src/orchestrator/jobs/append-logs.js';
import { claim } from '../../../src/orchestrator/jobs/claim.js';
import { heartbeat } from '../../../src/orchestrator/jobs/heartbeat.js';
import { LEASE_MS, OFFER_MS } from '../../../src/orchestrator/jobs/limits.js';
import { retry } from '../../../src/orchestrator/jobs/retry.js';
import { drainRunner, drainSession, leaveSession } from '../../../src/orchestrator/jobs/sessions.js';
import { promote, reap } from '../../../src/orchestrator/jobs/sweep.js';
import { why } from '../../../src/orchestrator/jobs/why.js';
import { listEvents } from '../../../src/orchestrator/store/job-events.js';
import { listLogLines } from '../../../src/orchestrator/store/job-logs.js';
import { peekReady } from '../../../src/orchestrator/store/job-ready.js';
import { getJob, listJobs } from '../../../src/orchestrator/store/jobs.js';
import { requirePlace } from '../../../src/orchestrator/store/places.js';
import { codeOf, type Engine, useFixture } from './context.js';
import { drive } from './driver.js';

const lines = (from: number, count: number, text = 'line') =>
  Array.from({ length: count }, (_, at) => ({
    seq: from + at,
    at: 1_700_000_000_000 + at,
    stream: 'stdout' as const,
    text: `${text} ${from + at}`,
  }));

export function queueContract(engine: Engine): void {
  describe('starting a job', () => {
    const fixture = useFixture(engine);

    it('pins what it will need', async () => {
      const f = fixture();
      await f.configure({ priority: 2, timeoutMs: 9000, maxAttempts: 4 });
      const job = await f.enqueue({ input: { ключ: ['ü', '🤖', null] } });
      await f.release('2.0.0', { idempotent: false });
      await f.configure({ priority: 7, timeoutMs: null, maxAttempts: 1, onLost: 'fail' });
      const { events, ...rest } = { ...(await getJob(f.store, f.tenantId, job.id)), events: null };
      expect(events).toBeNull();
      expect(rest).toEqual({
        id: job.id,
        project: 'default',
        process: 'invoices',
        robot: 'invoices',
        version: '1.0.0',
        environment: 'dev',
        pool: 'default',
        state: 'queued',
        attempt: 0,
        maxAttempts: 4,
        epoch: 0,
        priority: 2,
        onLost: 'retry',
        input: { ключ: ['ü', '🤖', null] },
        output: null,
        error: null,
        progress: null,
        runner: null,
        retryOf: null,
        createdBy: 'admin@localhost',
        createdAt: new Date(f.clock()).toISOString(),
        runAt: new Date(f.clock()).toISOString(),
        startedAt: null,
        finishedAt: null,
      });
      expect(await f.enqueue()).toMatchObject({ version: '2.0.0', onLost: 'fail', priority: 7 });
      const r = await drive(f);
      const { offers } = await claim(f.store, { ...r.runner, slots: 1 });
      expect(offers).toEqual([
        {
          jobId: job.id,
          epoch: 1,
          attempt: 1,
          tenantId: f.tenantId,
          project: 'default',
          process: 'invoices',
          environment: 'dev',
          robot: 'invoices',
          versionId: expect.any(String),
          version: '1.0.0',
          digest: 'sha256:1.0.0',
          sha256: 'a'.repeat(64),
          sizeBytes: 1234,
          blobKey: 'blob-1.0.0',
          entrypoint: ['node', 'main.js'],
          signature: null,
          input: { ключ: ['ü', '🤖', null] },
          timeoutMs: 9000,
        },
      ]);
    });

    it('holds a lost job of a robot that does not say it may run twice', async () => {
      const f = fixture();
      await f.release('2.0.0', { idempotent: false });
      expect((await f.enqueue()).onLost).toBe('hold');
    });

    it('is refused where nothing is deployed or nothing is known, and then nothing is left', async () => {
      const f = fixture();
      expect(await codeOf(f.enqueue({ environment: 'prod' }))).toBe('ROC_PRECONDITION_FAILED');
      expect(await codeOf(f.enqueue({ environment: 'moon' }))).toBe('ROC_NOT_FOUND');
      expect(await codeOf(f.enqueue({ process: 'none' }))).toBe('ROC_NOT_FOUND');
      expect(await codeOf(f.enqueue({ tenantId: 'another' }))).toBe('ROC_NOT_FOUND');
      const checkInput = () => {
        throw new TypeError('it does not fit');
      };
      await expect(f.enqueue({ checkInput })).rejects.toThrow('it does not fit');
      expect(await f.store.db.selectFrom('job').selectAll().execute()).toEqual([]);
      expect(f.woken).toEqual([]);
    });

    it('wakes its pool once it is committed, a scheduled one when its time comes', async () => {
      const f = fixture();
      const poolId = await requirePlace(f.store, 'pool', f.tenantId, 'default');
      await f.enqueue();
      await f.enqueue({ runAt: f.clock() + 60_000 });
      await f.enqueue({ runAt: f.clock() });
      expect(f.woken).toEqual([poolId, poolId]);
      f.clock.advance(60_000);
      await promote(f.store);
      expect(f.woken).toEqual([poolId, poolId, poolId]);
    });
  });

  describe('claiming', () => {
    const fixture = useFixture(engine);

    it('takes by priority, then age, never more than asked for', async () => {
      const f = fixture();
      const r = await drive(f);
      const [late, first, second] = [
        await f.enqueue({ priority: 9 }),
        await f.enqueue({ priority: 1 }),
        await f.enqueue({ priority: 1 }),
      ];
      const take = async (slots: number) =>
        (await claim(f.store, { ...r.runner, slots })).offers.map(({ jobId }) => jobId);
      expect(await take(2)).toEqual([first.id, second.id]);
      expect(await take(5)).toEqual([late.id]);
      expect(await take(5)).toEqual([]);
    });

    it('takes only what runs on the platform, in one order over all lanes', async () => {
      const f = fixture();
      const enqueueFor = async (platforms: ('linux' | 'macos' | 'windows')[], priority: number) => {
        await f.release(`1.${priority}.0`, { platforms });
        return (await f.enqueue({ priority })).id;
      };
      const windows = await enqueueFor(['windows'], 1);
      const both = await enqueueFor(['linux', 'windows'], 2);
      const any = await enqueueFor(['linux', 'macos', 'windows'], 3);
      const linux = await enqueueFor(['linux'], 4);
      const on = async (os: string) => (await drive(f, os, { os })).runner;
      const [mac, penguin] = [await on('macos'), await on('linux')];
      const take = async (runner: typeof mac, slots: number) =>
        (await claim(f.store, { ...runner, slots })).offers.map(({ jobId }) => jobId);
      const pool = {
        tenantId: f.tenantId,
        poolId: await requirePlace(f.store, 'pool', f.tenantId, 'default'),
      };
      const lanes = (limit: number) => peekReady(f.store, pool, ALL_LANES, limit);
      expect(await lanes(9)).toEqual(['windows', 'linux+windows', 'linux+macos+windows', 'linux']);
      expect(await lanes(2)).toEqual(['windows', 'linux+windows']);
      expect(await peekReady(f.store, { ...pool, tenantId: 'another' }, ALL_LANES, 1)).toEqual([]);
      expect(await take(penguin, 2)).toEqual([both, any]);
      expect(await take(mac, 9)).toEqual([]);
      expect(await take(penguin, 9)).toEqual([linux]);
      expect(await f.store.db.selectFrom('job_ready').select('job_id').execute()).toEqual([
        { job_id: windows },
      ]);
    });

    it('gives nothing to a draining runner, nor to a session that a newer one has replaced', async () => {
      const f = fixture();
      const r = await drive(f);
      await f.enqueue();
      const old = r.runner;
      await r.reconnect();
      expect(await codeOf(claim(f.store, { ...old, slots: 1 }))).toBe('ROC_GONE');
      expect(await codeOf(heartbeat(f.store, { ...old, jobs: [] }))).toBe('ROC_GONE');
      expect(await codeOf(drainSession(f.store, old))).toBe('ROC_GONE');
      await drainSession(f.store, r.runner);
      expect(await claim(f.store, { ...r.runner, slots: 1 })).toEqual({ offers: [], drain: true });
      await r.reconnect();
      await f.store.transaction((tx) => drainRunner(tx, f.tenantId, r.runner.runnerId));
      expect((await heartbeat(f.store, { ...r.runner, jobs: [] })).drain).toBe(true);
    });
  });

  describe('an offer and a lease', () => {
    const fixture = useFixture(engine);

    it('go back uncounted when the reply to the poll was lost, after 20 seconds', async () => {
      const f = fixture();
      const r = await drive(f);
      const { id } = await f.enqueue();
      await r.claim();
      f.clock.advance(OFFER_MS - 1);
      expect(await reap(f.store)).toBe(0);
      f.clock.advance(1);
      expect(await reap(f.store)).toBe(1);
      expect(await getJob(f.store, f.tenantId, id)).toMatchObject({
        state: 'queued',
        attempt: 0,
        epoch: 1,
        runner: null,
      });
      await r.run();
      expect(await getJob(f.store, f.tenantId, id)).toMatchObject({ attempt: 1, epoch: 2, runner: 'r1' });
    });

    it('live on heartbeats, which name job and epoch', async () => {
      const f = fixture();
      const r = await drive(f);
      const jobs = [await f.enqueue(), await f.enqueue(), await f.enqueue()];
      const offered = await r.claim();
      const [begun, silent] = [await r.run(), await r.run()];
      f.clock.advance(OFFER_MS - 1);
      const strange = [
        { jobId: begun.jobId, epoch: 7 },
        { jobId: 'none', epoch: 1 },
      ];
      const progress = { percent: 40, message: 'reading "sheet" 2' };
      const answer = await heartbeat(f.store, {
        ...r.runner,
        jobs: [offered, { ...begun, progress }, ...strange],
      });
      const ref = ({ jobId, epoch }: { jobId: string; epoch: number }) => ({ jobId, epoch });
      expect(answer).toEqual({
        renewed: [ref(offered), ref(begun)],
        cancel: [],
        lost: strange,
        drain: false,
      });
      expect((await getJob(f.store, f.tenantId, begun.jobId)).progress).toEqual(progress);
      f.clock.advance(LEASE_MS - OFFER_MS + 1);
      expect(await reap(f.store)).toBe(1);
      expect(await r.state(silent.jobId)).toBe('queued');
      await heartbeat(f.store, { ...r.runner, jobs: [begun] });
      expect((await getJob(f.store, f.tenantId, begun.jobId)).progress).toEqual(progress);
      await r.finish(begun, 'succeeded');
      expect(await getJob(f.store, f.tenantId, begun.jobId)).toMatchObject({ progress, output: { rows: 3 } });
      expect(jobs).toHaveLength(3);
    });

    it('tell the runner of a cancel at its next heartbeat; an offer that was canceled never starts', async () => {
      const f = fixture();
      const r = await drive(f);
      const { id } = await f.enqueue();
      const running = await r.run();
      await r.cancel(id);
      expect((await r.cancel(id)).state).toBe('canceling');
      const answer = await heartbeat(f.store, { ...r.runner, jobs: [running] });
      expect(answer).toMatchObject({ cancel: [{ jobId: id, epoch: 1 }], renewed: [{ jobId: id }] });
      await r.finish(running, 'canceled');
      const other = await f.enqueue();
      const offer = await r.claim();
      await r.cancel(other.id);
      expect(await codeOf(r.start(offer))).toBe('ROC_STALE_LEASE');
      expect(await r.state(other.id)).toBe('canceled');
    });

    it('end with the session, or go on in the next one', async () => {
      const f = fixture();
      const r = await drive(f);
      for (const _ of [1, 2, 3]) await f.enqueue();
      const [kept, gone] = [await r.run(), await r.run()];
      const offered = await r.claim();
      const stranger = { jobId: 'none', epoch: 3, runnerId: r.runner.runnerId };
      const { runnerId: _, ...keptRef } = kept;
      expect(await r.reconnect([kept, stranger])).toMatchObject({
        adopt: [keptRef],
        abandon: [{ jobId: 'none', epoch: 3 }],
      });
      expect(await r.state(gone.jobId)).toBe('queued');
      expect(await getJob(f.store, f.tenantId, gone.jobId)).toMatchObject({ attempt: 1 });
      expect(await getJob(f.store, f.tenantId, offered.jobId)).toMatchObject({ state: 'queued', attempt: 0 });
      expect(await r.finish(kept, 'succeeded')).toEqual({ state: 'succeeded' });
      const session = r.runner;
      await leaveSession(f.store, session);
      expect(await codeOf(claim(f.store, { ...session, slots: 1 }))).toBe('ROC_GONE');
    });
  });

  describe('logs', () => {
    const fixture = useFixture(engine);

    it('keep each line once, in order, whatever is repeated or missing', async () => {
      const f = fixture();
      const r = await drive(f);
      await f.enqueue();
      const lease = await r.run();
      expect(await appendLogs(f.store, lease, lines(1, 3))).toEqual({ nextSeq: 4 });
      expect(await appendLogs(f.store, lease, lines(1, 3, 'changed'))).toEqual({ nextSeq: 4 });
      expect(await appendLogs(f.store, lease, lines(2, 4))).toEqual({ nextSeq: 6 });
      expect(await appendLogs(f.store, lease, lines(8, 2))).toEqual({ nextSeq: 6 });
      const page = await listLogLines(f.store, { jobId: lease.jobId, limit: 4 });
      expect(page.items.map(({ text }) => text)).toEqual(['line 1', 'line 2', 'line 3', 'line 4']);
      const rest = await listLogLines(f.store, {
        jobId: lease.jobId,
        limit: 4,
        cursor: page.nextCursor ?? '',
      });
      expect(rest).toEqual({
        items: [{ attempt: 1, seq: 5, at: '2023-11-14T22:13:20.003Z', stream: 'stdout', text: 'line 5' }],
        nextCursor: null,
      });
    });

    it('keep both attempts apart, and what an uncounted one wrote goes', async () => {
      const f = fixture();
      const r = await drive(f);
      const { id } = await f.enqueue();
      const offer = await r.claim();
      await appendLogs(f.store, offer, lines(1, 1, 'unpacking'));
      await r.lose();
      await appendLogs(f.store, await r.run(), lines(1, 2, 'one'));
      await r.lose();
      await appendLogs(f.store, await r.run(), lines(1, 1, 'two'));
      const texts = async (attempt?: number) =>
        (await listLogLines(f.store, { jobId: id, attempt, limit: 9 })).items.map(({ text }) => text);
      expect(await texts()).toEqual(['one 1', 'one 2', 'two 1']);
      expect(await texts(2)).toEqual(['two 1']);
    });

    it('are cut at the limit of the job, over all its attempts, with a line that says so', async () => {
      const f = fixture();
      const r = await drive(f);
      const { id } = await f.enqueue();
      const limits = { lines: 4, bytes: 1e6 };
      await appendLogs(f.store, await r.run(), lines(1, 2), limits);
      await r.lose();
      const second = await r.run();
      expect(await appendLogs(f.store, second, lines(1, 9), limits)).toEqual({ nextSeq: 10 });
      expect(await appendLogs(f.store, second, lines(10, 1), limits)).toEqual({ nextSeq: 11 });
      const { items } = await listLogLines(f.store, { jobId: id, limit: 99 });
      expect(items.map(({ attempt, seq, stream }) => [attempt, seq, stream])).toEqual([
        [1, 1, 'stdout'],
        [1, 2, 'stdout'],
        [2, 1, 'stdout'],
        [2, 2, 'system'],
      ]);
      expect(items.at(-1)?.text).toMatch(/^log cut here/);
    });

    it('hold any text', async () => {
      const f = fixture();
      const r = await drive(f);
      await f.enqueue();
      const lease = await r.run();
      const texts = ['', '🤖 ü ﷽ \u001b[31m', 'x'.repeat(8192), '漢'.repeat(8192)];
      await appendLogs(
        f.store,
        lease,
        texts.map((text, at) => ({ seq: at + 1, at: 0, stream: 'stderr', text })),
      );
      const { items } = await listLogLines(f.store, { jobId: lease.jobId, limit: 9 });
      expect(items.map(({ text }) => text)).toEqual(texts);
      await appendLogs(f.store, lease, [{ seq: 5, at: 0, stream: 'stdout', text: 'a\u0000b\ud800' }]);
      const [odd] = (await listLogLines(f.store, { jobId: lease.jobId, limit: 9 })).items.slice(4);
      expect(odd?.text).toBe('a\uFFFDb\uFFFD');
    });
  });

  describe('lists and reasons', () => {
    const fixture = useFixture(engine);

    it('list jobs newest first, by state, process and environment, page by page', async () => {
      const f = fixture();
      const r = await drive(f);
      const ids: string[] = [];
      for (let at = 0; at < 5; at++) ids.unshift((await f.enqueue()).id);
      await r.finish(await r.run(), 'succeeded');
      const list = (query: object) =>
        listJobs(f.store, { tenantId: f.tenantId, sight: FULL_SIGHT, limit: 2, ...query });
      const first = await list({});
      const second = await list({ cursor: first.nextCursor });
      const third = await list({ cursor: second.nextCursor });
      expect([...first.items, ...second.items, ...third.items].map(({ id }) => id)).toEqual(ids);
      expect(third.nextCursor).toBeNull();
      expect((await list({ state: 'succeeded' })).items.map(({ id }) => id)).toEqual([ids.at(-1)]);
      expect(
        (await list({ process: 'invoices', environment: 'dev', project: 'default', limit: 9 })).items,
      ).toHaveLength(5);
      expect((await list({ environment: 'prod' })).items).toEqual([]);
      expect((await list({ tenantId: 'another' })).items).toEqual([]);
      expect(await codeOf(getJob(f.store, 'another', ids[0] ?? ''))).toBe('ROC_NOT_FOUND');
    });

    it('tell the whole history of a job', async () => {
      const f = fixture();
      const r = await drive(f);
      const { id } = await f.enqueue();
      await r.claim();
      await r.lose();
      await r.run();
      await r.lose();
      await r.finish(await r.run(), 'failed');
      const events = await listEvents(f.store, id);
      expect(events.map(({ type, state, attempt, epoch }) => [type, state, attempt, epoch])).toEqual([
        ['enqueued', 'queued', 0, 0],
        ['leased', 'leased', 1, 1],
        ['released', 'queued', 0, 1],
        ['leased', 'leased', 1, 2],
        ['started', 'running', 1, 2],
        ['lost', 'running', 1, 2],
        ['requeued', 'queued', 1, 2],
        ['leased', 'leased', 2, 3],
        ['started', 'running', 2, 3],
        ['finished', 'failed', 2, 3],
      ]);
      expect((await listEvents(f.store, id, 8)).map(({ type }) => type)).toEqual(['started', 'finished']);
    });

    it('say why a job waits', async () => {
      const f = fixture();
      await f.release('1.1.0', { platforms: ['windows'] });
      const ahead = await f.enqueue({ priority: 1 });
      const { id } = await f.enqueue();
      const codes = async (jobId = id) => {
        const { reasons, ...rest } = await why(f.store, f.tenantId, jobId);
        for (const { message, fix } of reasons) expect(message.length * fix.length).toBeGreaterThan(0);
        return { ...rest, codes: reasons.map(({ code }) => code) };
      };
      const waits = { state: 'queued', waiting: true, position: 1 };
      expect(await codes()).toEqual({ ...waits, eligibleRunners: 0, codes: ['no_runner'] });
      const linux = await drive(f, 'linux');
      expect((await codes()).codes).toEqual(['no_platform_match']);
      const r = await drive(f, 'windows', { os: 'windows', slots: 1 });
      expect(await codes()).toEqual({ ...waits, eligibleRunners: 1, codes: ['about_to_start'] });
      await r.run();
      expect(await codes()).toEqual({ ...waits, position: 0, eligibleRunners: 1, codes: ['all_busy'] });
      await drainSession(f.store, r.runner);
      expect((await codes()).codes).toEqual(['all_draining']);
      expect(await codes(ahead.id)).toEqual({
        state: 'running',
        waiting: false,
        position: null,
        eligibleRunners: 0,
        codes: [],
      });
      f.clock.advance(60_000);
      expect((await codes()).codes).toEqual(['no_runner_online']);
      const later = await f.enqueue({ runAt: f.clock() + 1000 });
      expect((await codes(later.id)).codes).toEqual(['scheduled_for_later', 'no_runner_online']);
      expect(await codeOf(why(f.store, 'another', id))).toBe('ROC_NOT_FOUND');
      expect(linux.runner.sessionEpoch).toBe(1);
    });

    it('say what a held job and one that backs off wait for', async () => {
      const f = fixture();
      await f.configure({ onLost: 'hold', maxAttempts: 2 });
      const r = await drive(f);
      const lost = await f.enqueue();
      await r.run();
      await r.lose();
      expect(await why(f.store, f.tenantId, lost.id)).toMatchObject({
        state: 'held',
        waiting: true,
        reasons: [{ code: 'held', message: expect.stringContaining('its runner went away') }],
      });
      const failed = await f.enqueue();
      await r.finish(await r.run(), 'failed');
      const { reasons } = await why(f.store, f.tenantId, failed.id);
      expect(reasons[0]).toMatchObject({
        code: 'backing_off',
        message: expect.stringContaining('attempt 2'),
      });
    });
  });

  describe('running again', () => {
    const fixture = useFixture(engine);

    it('takes a held job up where it stopped, and an ended one as a new job of what is deployed now', async () => {
      const f = fixture();
      await f.configure({ onLost: 'hold' });
      const r = await drive(f);
      const held = await f.enqueue({ priority: 3 });
      await r.run();
      await r.lose();
      await f.release('2.0.0');
      expect(await r.retry(held.id)).toMatchObject({
        id: held.id,
        state: 'queued',
        version: '1.0.0',
        error: null,
      });
      await r.finish(await r.run(), 'failed');
      const again = await r.retry(held.id);
      expect(again).toMatchObject({
        retryOf: held.id,
        state: 'queued',
        version: '2.0.0',
        priority: 3,
        input: { month: 5 },
        attempt: 0,
      });
      expect(again.id).not.toBe(held.id);
      expect(await getJob(f.store, f.tenantId, held.id)).toMatchObject({
        state: 'failed',
        attempt: 2,
        error: { kind: 'robot', message: 'it failed', exitCode: 1 },
      });
      const foreign = f.store.transaction((tx) =>
        retry(tx, { tenantId: 'another', jobId: held.id, createdBy: 'x', checkInput: () => {} }),
      );
      expect(await codeOf(foreign)).toBe('ROC_NOT_FOUND');
    });

    it('fails a failing robot at once unless its process allows attempts, with growing pauses', async () => {
      const f = fixture();
      const r = await drive(f);
      await f.configure({ maxAttempts: 3 });
      const { id } = await f.enqueue();
      const pauses: number[] = [];
      for (const attempt of [1, 2]) {
        expect(await r.finish(await r.run(), 'failed')).toEqual({ state: 'scheduled' });
        const { runAt, error } = await getJob(f.store, f.tenantId, id);
        expect(error?.message).toBe('it failed');
        pauses.push(Date.parse(runAt) - f.clock());
        await r.promoteAfter(pauses[attempt - 1] ?? 0);
      }
      // Jitter is none here: half of 5 s, doubled.
      expect(pauses).toEqual([2500, 5000]);
      expect(await r.finish(await r.run(), 'failed')).toEqual({ state: 'failed' });
    });
  });
}
