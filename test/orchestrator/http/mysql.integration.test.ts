import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHousekeeping } from '../../../src/orchestrator/loops/housekeeping.js';
import { everyRouteContract } from '../../contracts/every-route.js';
import { type LiveServer, startLiveServer } from '../../helpers/live-server.js';
import { type Mariadb, startMariadb } from '../../helpers/mariadb.js';
import { describeWith } from '../../helpers/parts.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import { startTestRunner, startTestServer } from '../../helpers/test-server.js';
import { until } from '../../helpers/until.js';

describeWith('mysql', 'the server on MariaDB', () => {
  let mariadb: Mariadb;
  beforeAll(async () => {
    mariadb = await startMariadb();
  });
  afterAll(() => mariadb?.stop());

  everyRouteContract(async () => startTestServer({ database: await mariadb.createDatabase() }));

  describe('two nodes', () => {
    let one: LiveServer;
    let two: LiveServer;
    let token: string;
    let stopLoops: () => Promise<void>;

    beforeAll(async () => {
      const database = await mariadb.createDatabase();
      one = await startLiveServer({ database });
      two = await startLiveServer({ database, beside: one });
      token = await one.tokenOf('owner');
      const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0') });
      await one.ok('versions.publish', { token, params: { robot: 'totals', version: '1.0.0' }, body: bytes });
      await two.ok('deployments.create', { token, body: { robot: 'totals', version: '1.0.0' } });
      stopLoops = startHousekeeping({ ...two.parts, random: Math.random }).stop;
    });
    afterAll(async () => {
      await stopLoops();
      await two.close();
      await one.close();
    });

    it("take one another's tokens, and end sessions for one another", async () => {
      const session = await one.ok('auth.login', {
        body: { email: 'owner@x', password: 'correct horse battery staple' },
      });
      expect((await two.send('me.show', { token: session.accessToken })).statusCode).toBe(200);
      await one.ok('auth.logout', { token: session.accessToken });
      const refused = async () =>
        (await two.send('me.show', { token: session.accessToken })).statusCode === 401;
      await until('the other node to notice', refused, { timeoutMs: 6000 });
    });

    it('wake polls for jobs of the other within a quarter of a second or so, and tell its events', async () => {
      const runner = await startTestRunner(two);
      const { sessionEpoch } = runner;
      const poll = two.ok('runner.poll', {
        token: runner.token,
        body: { sessionEpoch, freeSlots: 1, waitMs: 20_000 },
      });
      await until('the poll to wait', () => two.parts.waiters.waitingPools().length > 0);
      const job = await one.ok('jobs.start', { token, body: { process: 'totals' } });
      const from = performance.now();
      const { jobs } = await poll;
      expect(jobs.map(({ jobId }) => jobId)).toEqual([job.id]);
      expect(performance.now() - from).toBeLessThan(2000);
      const stream = fetch(`${one.url}/api/v1/jobs/${job.id}/events`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const text = (await stream).text();
      const params = { id: job.id };
      const { epoch } = jobs[0]!;
      await two.ok('runner.started', { token: runner.token, params, body: { epoch } });
      const done = { resultId: 'r'.repeat(16), outcome: 'succeeded', output: 1, error: null } as const;
      await two.ok('runner.complete', { token: runner.token, params, body: { epoch, ...done } });
      expect(await text).toMatch(/"state":"succeeded"[\s\S]*event: end/);
    });

    it('do the work of one key once, whichever of them is asked', async () => {
      const headers = { 'idempotency-key': 'both' };
      const ask = (node: LiveServer) =>
        node.send('jobs.start', { token, headers, body: { process: 'totals' } });
      const answers = await Promise.all([one, two, one, two, one, two].map(ask));
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201, 201, 201, 201, 201]);
      expect(new Set(answers.map((answer) => answer.json().id)).size).toBe(1);
    });

    it('refresh one session together without losing it', async () => {
      const { refreshToken } = await one.ok('auth.login', {
        body: { email: 'owner@x', password: 'correct horse battery staple' },
      });
      const ask = (node: LiveServer) => node.send('auth.refresh', { body: { refreshToken } });
      const answers = await Promise.all([one, two, one, two].map(ask));
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
      expect(new Set(answers.map((answer) => answer.json().refreshToken)).size).toBe(1);
    });

    it('met no fault', () => expect([...one.faults, ...two.faults]).toEqual([]));
  });
});

describeWith('mariadbd', 'the server while its database is away', () => {
  it('answers 503 with a time to come back, and goes on by itself', async () => {
    const mariadb = await startMariadb({ own: true });
    const server = await startLiveServer({ database: await mariadb.createDatabase() });
    const loops = startHousekeeping({ ...server.parts, random: Math.random });
    try {
      const token = await server.tokenOf('owner');
      const ask = () => fetch(`${server.url}/api/v1/jobs`, { headers: { authorization: `Bearer ${token}` } });
      const seen = new Map<number, Response>();
      let isBack = false;
      const asking = (async () => {
        while (!isBack) {
          const response = await ask();
          await response.text();
          seen.set(response.status, response);
        }
      })();
      await mariadb.crashAndRestart();
      await until('the server to go on', async () => (await ask()).status === 200, { timeoutMs: 20_000 });
      isBack = true;
      await asking;
      expect([...seen.keys()].sort()).toEqual([200, 503]);
      expect(seen.get(503)?.headers.get('retry-after')).toBe('5');
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      expect(server.faults).toEqual([]);
    } finally {
      await loops.stop();
      await server.close();
      await mariadb.stop();
    }
  });
});
