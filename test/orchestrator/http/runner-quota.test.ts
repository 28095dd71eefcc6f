/** A runner that floods the server: refused with Retry-After, alone, without a query, and told in the audit chain. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  startTestRunner,
  startTestServer,
  type TestRunner,
  type TestServer,
} from '../../helpers/test-server.js';

const RPS = 4;
let now: number;
let server: TestServer;
let runner: TestRunner;
beforeEach(async () => {
  now = Date.now();
  server = await startTestServer({ clock: () => now, runnerRps: RPS });
  runner = await startTestRunner(server);
});
afterEach(() => server.close());

const beat = ({ token, sessionEpoch } = runner) =>
  server.send('runner.heartbeat', { token, body: { sessionEpoch, jobs: [] } });

const poll = ({ token, sessionEpoch } = runner) =>
  server.send('runner.poll', { token, body: { sessionEpoch, freeSlots: 1, waitMs: 0 } });

async function flood() {
  for (let n = 0; n < RPS * 5; n++) await poll();
}

describe('a runner that asks without end', () => {
  it('is told when to ask again, and may then', async () => {
    expect((await poll()).statusCode).toBe(200);
    await flood();
    const refused = await poll();
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'ROC_THROTTLED']);
    expect(refused.headers['retry-after']).toBe('1');
    now += 1000;
    expect((await poll()).statusCode).toBe(200);
  });

  it('keeps its leases: heartbeats are counted apart', async () => {
    await flood();
    for (let n = 0; n < RPS * 5; n++) expect((await beat()).statusCode).toBe(200);
    expect((await beat()).statusCode).toBe(429);
  });

  it('keeps no other runner and no person from asking', async () => {
    const other = await startTestRunner(server);
    await flood();
    expect((await poll(other)).statusCode).toBe(200);
    expect((await server.send('me.show', { token: await server.tokenOf('owner') })).statusCode).toBe(200);
  });

  it('is refused without a query', async () => {
    await flood();
    const { db } = server.parts.store;
    const asked = vi.spyOn(db.getExecutor(), 'executeQuery');
    const connections = vi.spyOn(db.getExecutor(), 'provideConnection');
    expect((await poll()).statusCode).toBe(429);
    expect([asked.mock.calls.length, connections.mock.calls.length]).toEqual([0, 0]);
    now += 10_000;
    await poll();
    expect(asked.mock.calls.length + connections.mock.calls.length).toBeGreaterThan(0);
  });

  it('cannot trade assertions without end, and nobody else can use up its tries', async () => {
    const trade = async (assertion: string) =>
      (await server.send('runner.token', { body: { assertion } })).statusCode;
    const bent = async () => `${(await runner.assertion()).slice(0, -8)}AAAAAAAA`;
    for (let n = 0; n < RPS * 6; n++) expect(await trade(await bent())).toBe(401);
    expect(await trade(await runner.assertion())).toBe(200);
    await flood();
    expect(await trade(await runner.assertion())).toBe(429);
  });

  it('is told in the chain', async () => {
    await flood();
    await poll();
    await server.parts.refusals.flush(true);
    const { items } = await server.ok('audit.list', {
      token: await server.tokenOf('owner'),
      query: { action: 'access.refuse' },
    });
    expect(items.length).toBeGreaterThan(0);
    expect(items[0]).toMatchObject({
      actor: { id: runner.id },
      after: { route: 'runner.poll', status: 429 },
    });
  });
});
