import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ReplyOf } from '../../../src/protocol/contracts.js';
import { type LiveServer, startLiveServer } from '../../helpers/live-server.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import { startTestRunner, startTestServer, type TestRunner } from '../../helpers/test-server.js';
import { until } from '../../helpers/until.js';

let server: LiveServer;
let owner: string;

beforeAll(async () => {
  server = await startLiveServer();
  owner = await server.tokenOf('owner');
  const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0') });
  await server.ok('versions.publish', {
    token: owner,
    params: { robot: 'totals', version: '1.0.0' },
    body: bytes,
  });
  await server.ok('deployments.create', { token: owner, body: { robot: 'totals', version: '1.0.0' } });
});
afterAll(() => server.close());

const startJob = () => server.ok('jobs.start', { token: owner, body: { process: 'totals' } });
const stateOf = async (id: string) => (await server.ok('jobs.show', { token: owner, params: { id } })).state;

function poll(runner: TestRunner, waitMs: number, signal?: AbortSignal) {
  return fetch(`${server.url}/api/v1/runner/poll`, {
    method: 'POST',
    headers: { authorization: `Bearer ${runner.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sessionEpoch: runner.sessionEpoch, freeSlots: 1, waitMs }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function finish(runner: TestRunner, offer: ReplyOf<'runner.poll'>['jobs'][number]): Promise<void> {
  const params = { id: offer.jobId };
  const { epoch } = offer;
  await server.ok('runner.started', { token: runner.token, params, body: { epoch } });
  const body = {
    epoch,
    resultId: randomBytes(8).toString('hex'),
    outcome: 'succeeded',
    output: 1,
    error: null,
  } as const;
  await server.ok('runner.complete', { token: runner.token, params, body });
}

async function poolOf({ id }: TestRunner): Promise<string> {
  const { db } = server.parts.store;
  const row = await db.selectFrom('runner').select('pool_id').where('id', '=', id).executeTakeFirstOrThrow();
  return row.pool_id;
}

describe('a long poll', () => {
  it('is answered at once when a job comes', async () => {
    const runner = await startTestRunner(server);
    const answer = poll(runner, 20_000);
    await until('the poll to wait', () => server.parts.waiters.waitingPools().length > 0);
    const from = performance.now();
    const job = await startJob();
    const { jobs } = (await (await answer).json()) as ReplyOf<'runner.poll'>;
    expect(jobs.map(({ jobId }) => jobId)).toEqual([job.id]);
    expect(performance.now() - from).toBeLessThan(1000);
    await finish(runner, jobs[0]!);
  });

  it('ends empty when its time is over, and does not count as latency', async () => {
    const runner = await startTestRunner(server);
    const held = () => /roc_api_latency_seconds_sum\{class="runner"\} (\S+)/;
    const before = Number(held().exec(await server.parts.metrics.scrape(async () => []))?.[1] ?? 0);
    const answer = (await (await poll(runner, 600)).json()) as ReplyOf<'runner.poll'>;
    expect(answer).toEqual({ jobs: [], drain: false });
    const after = Number(held().exec(await server.parts.metrics.scrape(async () => []))?.[1]);
    expect(after - before).toBeLessThan(0.4);
  });

  it('gives each of many jobs to one of many runners', async () => {
    const runners = await Promise.all(Array.from({ length: 4 }, () => startTestRunner(server)));
    const answers = runners.map((runner) => poll(runner, 20_000).then((answer) => answer.json()));
    await until('the polls to wait', () => server.parts.waiters.waitingPools().length > 0);
    const jobs = await Promise.all(Array.from({ length: 4 }, startJob));
    const offers = ((await Promise.all(answers)) as ReplyOf<'runner.poll'>[]).flatMap(
      (answer) => answer.jobs,
    );
    expect(offers.map(({ jobId }) => jobId).sort()).toEqual(jobs.map(({ id }) => id).sort());
    for (const [n, runner] of runners.entries()) {
      const offer = (await answers[n]) as ReplyOf<'runner.poll'>;
      await finish(runner, offer.jobs[0]!);
    }
  });

  it('asks no database where a look has just found nothing, and is woken as ever', async () => {
    const beside = await startTestServer({ beside: server });
    try {
      const { waiters } = server.parts;
      const runner = await startTestRunner(server);
      await poll(runner, 0);
      const poolId = await poolOf(runner);
      waiters.rememberEmpty(poolId, waiters.wakesOf(poolId), 60_000);
      // Another node's job: this one has not looked since.
      const job = await beside.ok('jobs.start', { token: owner, body: { process: 'totals' } });
      expect(await (await poll(runner, 300)).json()).toEqual({ jobs: [], drain: false });
      const held = poll(runner, 20_000);
      await until('the poll to wait', () => waiters.waitingPools().length > 0);
      waiters.wake(poolId);
      const { jobs } = (await (await held).json()) as ReplyOf<'runner.poll'>;
      expect(jobs.map(({ jobId }) => jobId)).toEqual([job.id]);
      await finish(runner, jobs[0]!);
      waiters.rememberEmpty(poolId, waiters.wakesOf(poolId), 60_000);
      await server.ok('runners.drain', { token: owner, params: { id: runner.id } });
      expect(await (await poll(runner, 20_000)).json()).toEqual({ jobs: [], drain: true });
      const host = { os: 'linux', arch: 'x64', version: '1', slots: 1 } as const;
      await server.ok('runner.session', { token: runner.token, body: { bootId: 'next', ...host } });
      expect((await poll(runner, 20_000)).status).toBe(410);
      // It asks although it need not: a look that finds nothing must not hide what came since for ever.
      expect((await poll({ ...runner, sessionEpoch: 2 }, 0)).status).toBe(200);
    } finally {
      await beside.close();
    }
  });

  it('whose client has gone takes no job with it', async () => {
    const [gone, other] = [await startTestRunner(server), await startTestRunner(server)];
    const cut = new AbortController();
    const first = poll(gone, 20_000, cut.signal).catch(() => null);
    await until('the poll to wait', () => server.parts.waiters.waitingPools().length > 0);
    cut.abort();
    await first;
    await until('the poll to end', () => server.parts.waiters.waitingPools().length === 0);
    const job = await startJob();
    const { jobs } = (await (await poll(other, 2000)).json()) as ReplyOf<'runner.poll'>;
    expect(jobs[0]?.jobId).toBe(job.id);
    await finish(other, jobs[0]!);
  });

  it('whose client goes while a job is claimed gives the job back at once, uncounted', async () => {
    const runner = await startTestRunner(server);
    const job = await startJob();
    const { blobs } = server.parts.packages;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = vi.spyOn(blobs, 'downloadUrl').mockImplementationOnce(async () => {
      await held;
      return null;
    });
    const cut = new AbortController();
    const first = poll(runner, 0, cut.signal).catch(() => null);
    await until('the claim', () => slow.mock.calls.length > 0);
    expect(await stateOf(job.id)).toBe('leased');
    cut.abort();
    await first;
    await until('the job to be back', async () => (await stateOf(job.id)) === 'queued');
    release();
    const { jobs } = (await (await poll(runner, 5000)).json()) as ReplyOf<'runner.poll'>;
    expect(jobs[0]).toMatchObject({ jobId: job.id, attempt: 1, epoch: 2 });
    await finish(runner, jobs[0]!);
  });

  it('of a former session is refused', async () => {
    const runner = await startTestRunner(server);
    const host = { os: 'linux' as const, arch: 'x64', version: '1', slots: 1, bootId: 'b' };
    await server.ok('runner.session', { token: runner.token, body: host });
    const answer = await poll(runner, 1000);
    expect(answer.status).toBe(410);
    expect(await answer.json()).toMatchObject({ code: 'ROC_GONE' });
  });
});
