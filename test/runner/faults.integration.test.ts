import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, type TestContext } from 'vitest';
import {
  type FakeJob,
  type FakeOrchestrator,
  type Fault,
  type RunnerRoute,
  startFakeOrchestrator,
} from '../helpers/fake-orchestrator.js';
import { fakePackage } from '../helpers/fake-packages.js';
import { goneSoon } from '../helpers/processes.js';
import { POLITE, pidsIn, STUBBORN } from '../helpers/robot-scripts.js';
import { startTestAgent, type TestAgent } from '../helpers/runner-agent.js';
import { tempDirs } from '../helpers/temp-dirs.js';
import { until } from '../helpers/until.js';

const newDir = tempDirs('faults');
const EMPTY_POLL = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: '{"jobs":[],"drain":false}',
};

interface Scene {
  readonly fake: FakeOrchestrator;
  readonly stateDir: string;
  start(options?: Parameters<typeof startTestAgent>[2]): TestAgent;
  enqueue(script: string, options?: { input?: unknown; timeoutMs?: number }): Promise<FakeJob>;
  /** Results that wait on disk. */
  spooled(): string[];
}

async function scene(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  terms: Parameters<typeof startFakeOrchestrator>[0] = {},
): Promise<Scene> {
  const fake = await startFakeOrchestrator(terms);
  const agents: TestAgent[] = [];
  const stateDir = newDir();
  onTestFinished(async () => {
    fake.heal();
    for (const agent of agents) await agent.stop().catch(() => {});
    await fake.close();
  });
  return {
    fake,
    stateDir,
    start: (options = {}) => {
      const agent = startTestAgent(fake, stateDir, { answerTimeoutMs: 400, drainTimeoutMs: 300, ...options });
      agents.push(agent);
      return agent;
    },
    enqueue: async (script, options = {}) =>
      fake.enqueue(await fakePackage({ files: { 'main.js': script } }), options),
    spooled: () => readdirSync(join(stateDir, 'spool')).filter((name) => name.endsWith('.json')),
  };
}

const resultOf = (job: FakeJob) => until(`the result of ${job.id}`, () => job.result, { timeoutMs: 20_000 });

function pidsOf(fake: FakeOrchestrator, job: FakeJob): Promise<number[]> {
  return until('the robot’s start', () =>
    pidsIn(fake.textOf(job)).length > 0 ? pidsIn(fake.textOf(job)) : null,
  );
}

const ROUTES: RunnerRoute[] = [
  'runner.token',
  'runner.session',
  'runner.poll',
  'runner.heartbeat',
  'runner.started',
  'runner.package',
  'runner.logs',
  'runner.complete',
];
const long = process.env['ROC_TEST_SIZE'] === 'long';
const FAULTS: [string, Fault][] = [
  ['a reset connection', 'reset'],
  ['no answer at all', 'hang'],
  ['an answer that gets lost', 'lost'],
  ['a 500', { status: 500 }],
  ['a 404 of a load balancer', { status: 404, body: '<html>no such site</html>' }],
];
const MORE_FAULTS: [string, Fault][] = [
  ['a 503 without a word', { status: 503, body: '<html>maintenance</html>' }],
  ['a 429', { status: 429, code: 'ROC_THROTTLED', headers: { 'retry-after': '0' } }],
  ['a page of some proxy', { status: 200, body: '<html>sign in</html>' }],
];

describe('faults (against a fake orchestrator)', () => {
  describe.each(ROUTES)('%s meets', (route) => {
    it.concurrent.for(long || route === 'runner.poll' ? [...FAULTS, ...MORE_FAULTS] : FAULTS)(
      '%s, twice: the job is done once all the same',
      async ([, fault], context) => {
        const { fake, start, enqueue, spooled } = await scene(context, { leaseMs: 3000 });
        fake.breakRoute(route, fault, 2);
        start();
        const job = await enqueue("console.log('ran')", { input: 1 });
        // A poll whose answer is lost leases; the server takes such an offer back.
        if (route === 'runner.poll' && fault === 'lost')
          for (let lost = 1; lost <= 2; lost++) {
            await until('the lost offer', () => job.epoch === lost && job.state === 'leased');
            fake.loseLease(job);
          }
        // A download cannot tell a page from a package before it is opened.
        if (route === 'runner.package' && typeof fault === 'object' && fault.status === 200) {
          expect(await resultOf(job)).toMatchObject({ outcome: 'failed', error: { kind: 'package' } });
          return;
        }
        expect(await resultOf(job)).toMatchObject({ outcome: 'succeeded' });
        expect(job.completions).toBe(1);
        expect(fake.textOf(job)).toEqual(['ran']);
        await until('an empty spool', () => spooled().length === 0);
      },
    );
  });

  it('asks no more often than a second or so when polls are answered at once with nothing', async (context) => {
    const { fake, start } = await scene(context);
    fake.breakRoute('runner.poll', EMPTY_POLL);
    start();
    await until('the first poll', () => fake.callsOf('runner.poll').length > 0);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(fake.callsOf('runner.poll').length).toBeLessThan(8);
  });

  it('waits as long as the server asks it to', async (context) => {
    const { fake, start } = await scene(context);
    fake.breakRoute(
      'runner.poll',
      { status: 503, code: 'ROC_UNAVAILABLE', headers: { 'retry-after': '2' } },
      1,
    );
    start();
    const [first, second] = await until('two polls', () => {
      const polls = fake.callsOf('runner.poll');
      return polls.length > 1 ? polls : null;
    });
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(1900);
  });

  it('tells people once that the server is away, and once that it is back', async (context) => {
    const { fake, start } = await scene(context);
    const agent = start();
    await agent.event('waiting');
    fake.breakRoute('runner.poll', 'reset');
    fake.breakRoute('runner.heartbeat', 'reset');
    await agent.event('unreachable');
    await until('a few failures', () => fake.callsOf('runner.heartbeat').length > 5);
    fake.heal();
    await agent.event('reachable');
    expect(agent.events.filter(({ event }) => event === 'unreachable')).toHaveLength(1);
  });

  it.for<[string, RunnerRoute]>([
    ['started', 'runner.started'],
    ['its package', 'runner.package'],
    ['its log', 'runner.logs'],
    ['its result', 'runner.complete'],
  ])('a stale epoch at %s ends the attempt, and the next one does the job', async ([, route], context) => {
    const { fake, start, enqueue, spooled } = await scene(context);
    fake.breakRoute(route, { status: 409, code: 'ROC_STALE_LEASE' }, 1);
    const agent = start();
    const job = await enqueue("console.log('pid robot ' + process.pid); setTimeout(() => {}, 700)");
    await until('the refusal', () => fake.callsOf(route).length > 0);
    fake.loseLease(job);
    expect(await resultOf(job)).toMatchObject({ outcome: 'succeeded', epoch: 2 });
    expect(job.completions).toBe(1);
    const ends = agent.events.filter((event) => event.event === 'job-ended');
    if (route !== 'runner.complete') expect(ends[0]).toMatchObject({ outcome: 'lost' });
    await until('an empty spool', () => spooled().length === 0);
  });

  it('goes on with its jobs in a new session when another one took the place of the old', async (context) => {
    const { fake, start, enqueue } = await scene(context);
    start();
    const job = await enqueue("setTimeout(() => console.log('done'), 1200)");
    await until('its start', () => job.state === 'running');
    fake.sessionEpoch += 1;
    expect(await resultOf(job)).toMatchObject({ outcome: 'succeeded', epoch: 1 });
    const sessions = fake.callsOf('runner.session');
    expect(sessions.length).toBe(2);
    expect(sessions[1]?.body.running).toEqual([{ jobId: job.id, epoch: 1 }]);
    expect(sessions[1]?.body.bootId).toBe(sessions[0]?.body.bootId);
  });

  it('kills what a new session does not let it go on with', async (context) => {
    const { fake, start, enqueue } = await scene(context);
    start();
    const job = await enqueue(STUBBORN);
    const pids = await pidsOf(fake, job);
    fake.loseLease(job);
    job.state = 'done';
    fake.sessionEpoch += 1;
    await goneSoon(pids);
  });

  it('does not fight a twin for the session as fast as it can', async (context) => {
    const { fake, start } = await scene(context);
    start();
    const taker = setInterval(() => {
      fake.sessionEpoch += 1;
    }, 50);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    clearInterval(taker);
    expect(fake.callsOf('runner.session').length).toBeLessThan(8);
  });

  it('fences itself: the robot is dead before the lease ends, and nothing is said of it', async (context) => {
    const { fake, start, enqueue } = await scene(context, { leaseMs: 1500, heartbeatMs: 300 });
    const agent = start();
    const job = await enqueue(STUBBORN);
    const pids = await pidsOf(fake, job);
    const lastBeat = () => fake.callsOf('runner.heartbeat').at(-1)?.at ?? 0;
    await until('a heartbeat with the job', () =>
      fake.callsOf('runner.heartbeat').some(({ body }) => body.jobs.length > 0),
    );
    const renewedAt = lastBeat();
    for (const route of ['runner.heartbeat', 'runner.poll', 'runner.session'] as const)
      fake.breakRoute(route, 'hang');
    await goneSoon(pids);
    expect(performance.now() - renewedAt).toBeLessThan(1500 + 300);
    expect(await agent.event('job-ended')).toMatchObject({ outcome: 'fenced' });
    fake.heal();
    fake.loseLease(job);
    await until('the next attempt', () => job.attempt === 2 && job.state === 'running');
    expect(fake.callsOf('runner.complete')).toEqual([]);
  });

  it('is not fenced while heartbeats come through', async (context) => {
    const { start, enqueue } = await scene(context, { leaseMs: 900, heartbeatMs: 200 });
    start();
    const job = await enqueue("setTimeout(() => console.log('done'), 2500)");
    expect(await resultOf(job)).toMatchObject({ outcome: 'succeeded', epoch: 1 });
  });

  it.for([7_200_000, -7_200_000])('works on a host whose clock is %i ms off', async (skew, context) => {
    const { fake, start, enqueue } = await scene(context);
    fake.clockSkewMs = skew;
    start();
    const job = await enqueue("console.log('ran')");
    expect(await resultOf(job)).toMatchObject({ outcome: 'succeeded' });
  });

  it('renews its token before it ends, and takes a new one where the server forgot it', async (context) => {
    const { fake, start, enqueue } = await scene(context);
    fake.tokenLifeMs = 600;
    start();
    await until('a few tokens', () => fake.callsOf('runner.token').length > 2);
    fake.tokenLifeMs = 600_000;
    // The call that was counted last may already have got the long one: longer than a short life, and there is one.
    await sleep(800);
    fake.accessTokens.clear();
    const job = await enqueue("console.log('ran')");
    expect(await resultOf(job)).toMatchObject({ outcome: 'succeeded' });
  });

  it('fails no jobs where its disk takes nothing: it leaves them to others until it does again', async (context) => {
    const { fake, stateDir, start, enqueue } = await scene(context);
    start();
    // It asks already, and is answered when its disk has become useless.
    await until('a poll', () => fake.callsOf('runner.poll').length > 0);
    const work = join(stateDir, 'work');
    rmSync(work, { recursive: true });
    writeFileSync(work, 'no folder');
    const job = await enqueue("console.log('ran')");
    await until('the offer', () => job.state === 'leased');
    const polls = fake.callsOf('runner.poll').length;
    fake.loseLease(job);
    await sleep(1500);
    expect([job.state, job.completions, fake.callsOf('runner.poll').length]).toEqual(['queued', 0, polls]);
    rmSync(work);
    mkdirSync(work, { mode: 0o700 });
    expect(await resultOf(job)).toMatchObject({ outcome: 'succeeded' });
  });

  it('leaves when the server has removed it, and takes its robots along', async (context) => {
    const { fake, start, enqueue } = await scene(context);
    const agent = start();
    const job = await enqueue(STUBBORN);
    const pids = await pidsOf(fake, job);
    fake.runner = null;
    fake.accessTokens.clear();
    await expect(agent.ended).rejects.toMatchObject({ code: 'ROC_UNAUTHENTICATED' });
    await goneSoon(pids);
  });

  it('leaves with a word when the server wants a newer runner', async (context) => {
    const { fake, start } = await scene(context);
    fake.breakRoute('runner.poll', { status: 426, code: 'ROC_USAGE' });
    const agent = start();
    await expect(agent.ended).rejects.toMatchObject({
      code: 'ROC_REFUSED',
      message: expect.stringContaining('wants a newer runner'),
    });
  });

  describe('a result', () => {
    it('that the server does not take now is kept on disk, and delivered by the next agent under the same id', async (context) => {
      const { fake, stateDir, start, enqueue, spooled } = await scene(context);
      fake.breakRoute('runner.complete', { status: 500 });
      const first = start({ drainTimeoutMs: 300 });
      const job = await enqueue(
        "require('fs').writeFileSync(process.env.ROC_OUTPUT, '[1]'); console.log('ran')",
      );
      await until('a try', () => fake.callsOf('runner.complete').length > 0);
      await first.stop();
      expect(spooled()).toEqual([`${job.id}.1.json`]);
      const [tried] = fake.callsOf('runner.complete');
      fake.heal();
      const second = start();
      expect(await resultOf(job)).toMatchObject({
        outcome: 'succeeded',
        output: [1],
        resultId: tried?.body.resultId,
      });
      await second.event('results-found');
      await until('an empty spool', () => readdirSync(join(stateDir, 'spool')).length === 0);
      expect(job.completions).toBe(1);
      expect(job.attempt).toBe(1);
    });

    it('whose log the server has not taken yet brings its log along', async (context) => {
      const { fake, start, enqueue } = await scene(context);
      for (const route of ['runner.complete', 'runner.logs'] as const) fake.breakRoute(route, 'reset');
      const first = start({ drainTimeoutMs: 300 });
      const job = await enqueue("console.log('one'); console.log('two')");
      await until('a try', () => fake.callsOf('runner.logs').length > 0);
      await first.event('job-ended');
      await first.stop();
      fake.heal();
      start();
      expect(await resultOf(job)).toMatchObject({ outcome: 'succeeded' });
      expect(fake.textOf(job)).toEqual(['one', 'two']);
    });

    it('that nobody wants any more is dropped', async (context) => {
      const { fake, stateDir, start, enqueue, spooled } = await scene(context);
      fake.breakRoute('runner.complete', { status: 500 });
      const first = start({ drainTimeoutMs: 300 });
      const job = await enqueue('');
      await until('a try', () => fake.callsOf('runner.complete').length > 0);
      await first.stop();
      expect(spooled()).toHaveLength(1);
      fake.heal();
      job.state = 'done';
      const second = start();
      await second.event('waiting');
      await until('an empty spool', () => readdirSync(join(stateDir, 'spool')).length === 0);
      expect(job.completions).toBe(0);
    });

    it('that the server will never take is told as a failure of the runner', async (context) => {
      const { fake, start, enqueue } = await scene(context);
      fake.breakRoute('runner.complete', { status: 413, code: 'ROC_TOO_LARGE' }, 1);
      start();
      const job = await enqueue("require('fs').writeFileSync(process.env.ROC_OUTPUT, '[1]')");
      expect(await resultOf(job)).toMatchObject({
        outcome: 'failed',
        error: { kind: 'runner', message: expect.stringContaining('did not take the result') },
      });
      expect(fake.callsOf('runner.complete').map(({ body }) => body.resultId)).toHaveLength(2);
    });

    it('is not sent for ever where even that is refused', async (context) => {
      const { fake, stateDir, start, enqueue } = await scene(context);
      fake.breakRoute('runner.complete', { status: 422 });
      start();
      await enqueue('');
      await until('two tries', () => fake.callsOf('runner.complete').length === 2);
      await until('an empty spool', () => readdirSync(join(stateDir, 'spool')).length === 0);
    });
  });

  it('keeps a log without gaps where the server refuses some of its lines', async (context) => {
    const { fake, start, enqueue } = await scene(context);
    fake.breakRoute('runner.logs', { status: 400, code: 'ROC_USAGE' }, 1);
    const agent = start();
    const job = await enqueue("console.log('one'); setTimeout(() => console.log('two'), 600)");
    await resultOf(job);
    expect(fake.textOf(job)).toContain('two');
    expect(fake.textOf(job, 'system')).toContain('a line that the server refused');
    expect(agent.events).toContainEqual(expect.objectContaining({ event: 'warning' }));
  });

  it('lets a robot go on printing where its log will never be taken', async (context) => {
    const { fake, start, enqueue } = await scene(context);
    fake.breakRoute('runner.logs', { status: 400, code: 'ROC_USAGE' });
    start();
    const job = await enqueue(
      "const line = 'x'.repeat(8000); for (let i = 0; i < 9000; i++) console.log(line)",
    );
    expect(await resultOf(job)).toMatchObject({ outcome: 'succeeded' });
  });

  describe('an interrupt', () => {
    it('lets a robot end, takes no new job, and leaves the session', async (context) => {
      const { fake, start, enqueue } = await scene(context);
      const agent = start({ drainTimeoutMs: 5000 });
      const job = await enqueue("setTimeout(() => console.log('done'), 800)");
      await until('its start', () => job.state === 'running');
      const ending = agent.stop();
      const late = await enqueue('');
      expect(await ending).toEqual({ jobs: 1, lastOutcome: 'succeeded' });
      expect(job.result).toMatchObject({ outcome: 'succeeded' });
      expect(late.epoch).toBe(0);
      expect(fake.callsOf('runner.drain')).toHaveLength(1);
      expect(fake.callsOf('runner.leave')).toHaveLength(1);
    });

    it('ends a robot that takes too long, and gives its job back unreported', async (context) => {
      const { fake, start, enqueue } = await scene(context);
      const agent = start({ drainTimeoutMs: 200 });
      const job = await enqueue(POLITE);
      const pids = await pidsOf(fake, job);
      expect(await agent.stop()).toEqual({ jobs: 1, lastOutcome: 'shutdown' });
      await goneSoon(pids);
      expect(fake.callsOf('runner.complete')).toEqual([]);
      expect(job.state).toBe('queued');
    });

    it.for<RunnerRoute>(['runner.session', 'runner.token', 'runner.poll'])(
      'is heard while %s is not answered',
      async (route, context) => {
        const { fake, start } = await scene(context);
        fake.breakRoute(route, 'hang');
        const agent = start({ answerTimeoutMs: 60_000 });
        await until('the call', () => fake.callsOf(route).length > 0);
        const at = performance.now();
        setTimeout(() => fake.heal(), 100);
        await agent.stop();
        expect(performance.now() - at).toBeLessThan(3500);
      },
    );
  });

  describe('once', () => {
    it.for([
      ['', 'succeeded'],
      ['process.exit(1)', 'failed'],
    ] as const)('takes one job of two and ends (%j)', async ([script, lastOutcome], context) => {
      const { fake, start, enqueue } = await scene(context);
      const jobs = [await enqueue(script), await enqueue(script)];
      const agent = start({ once: true });
      expect(await agent.ended).toEqual({ jobs: 1, lastOutcome });
      expect(jobs.map(({ epoch }) => epoch).sort()).toEqual([0, 1]);
      expect(fake.callsOf('runner.leave')).toHaveLength(1);
    });

    it('ends without a job where the server wants it drained', async (context) => {
      const { fake, start } = await scene(context);
      fake.isDraining = true;
      const agent = start({ once: true });
      expect(await agent.ended).toEqual({ jobs: 0, lastOutcome: null });
    });
  });

  it('stays when the server drains it, takes nothing, and works on once it may', async (context) => {
    const { fake, start, enqueue } = await scene(context);
    fake.isDraining = true;
    const agent = start();
    expect(await agent.event('draining')).toMatchObject({ by: 'server' });
    const job = await enqueue('');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(job.epoch).toBe(0);
    fake.isDraining = false;
    expect(await resultOf(job)).toMatchObject({ outcome: 'succeeded' });
  });
});
