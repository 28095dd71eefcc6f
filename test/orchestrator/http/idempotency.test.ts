import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takesIdempotencyKey } from '../../../src/orchestrator/http/idempotency.js';
import { ROUTES, type Route, type RouteId } from '../../../src/protocol/routes.js';
import { deployTotals } from '../../helpers/deployed-robot.js';
import { startTestServer, type TestServer } from '../../helpers/test-server.js';

let server: TestServer;
let token: string;
let n = 0;

beforeAll(async () => {
  server = await startTestServer();
  token = await server.tokenOf('owner');
  await deployTotals(server, token);
});
afterAll(() => server.close());

const freshKey = () => ({ 'idempotency-key': `key-${n++}` });
const start = (headers: Record<string, string>, input: unknown = { a: 1 }) =>
  server.send('jobs.start', { token, headers, body: { process: 'totals', input } });
const countJobs = async () => (await server.ok('jobs.list', { token })).items.length;

describe('Idempotency-Key', () => {
  it('is taken by every POST but those of signing in and of runners', () => {
    const without = (Object.entries(ROUTES) as [RouteId, Route][])
      .filter(([, route]) => route.method === 'POST' && !takesIdempotencyKey(route))
      .map(([id]) => id);
    expect(without.filter((id) => !id.startsWith('runner.'))).toEqual([
      'auth.login',
      'auth.refresh',
      'auth.sso',
      'auth.accept',
      'auth.recover',
    ]);
  });

  it('gives the same answer again, also for other spellings of the same request', async () => {
    const headers = freshKey();
    const first = await start(headers, { a: 1, b: 2 });
    const before = await countJobs();
    const second = await start(headers, { b: 2, a: 1 });
    expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
    expect(second.json()).toEqual(first.json());
    expect(await countJobs()).toBe(before);
  });

  it('does the work once when the same request comes many times at once', async () => {
    const before = await countJobs();
    const headers = freshKey();
    const answers = await Promise.all(Array.from({ length: 8 }, () => start(headers)));
    expect(new Set(answers.map((answer) => answer.json().id)).size).toBe(1);
    expect(await countJobs()).toBe(before + 1);
  });

  it('refuses another request under the same key', async () => {
    const headers = freshKey();
    await start(headers, { a: 1 });
    const other = await start(headers, { a: 2 });
    expect(other.statusCode).toBe(409);
    expect(other.json()).toMatchObject({ code: 'ROC_CONFLICT' });
  });

  it('is free again after a refusal, so that a corrected request may use it', async () => {
    const headers = freshKey();
    const wrong = await server.send('jobs.start', { token, headers, body: { process: 'no-such' } });
    expect(wrong.statusCode).toBe(404);
    expect((await start(headers)).statusCode).toBe(201);
  });

  it('is told apart by route', async () => {
    const headers = freshKey();
    const body = { name: `p-${n++}` };
    expect((await server.send('projects.create', { token, headers, body })).statusCode).toBe(201);
    expect((await server.send('pools.create', { token, headers, body })).statusCode).toBe(201);
    expect((await server.send('projects.create', { token, headers, body })).statusCode).toBe(201);
  });

  it('never repeats a secret', async () => {
    const headers = freshKey();
    const send = () => server.send('runners.token', { token, headers, body: {} });
    const first = (await send()).json();
    const second = await send();
    expect(second.statusCode).toBe(409);
    expect(second.json()).toMatchObject({ code: 'ROC_ALREADY_DONE', id: first.id });
    const rows = await server.parts.store.db.selectFrom('idempotency').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(first.token);
  });

  it.each(['', 'with space', 'x'.repeat(129), 'é'])('is refused when it is "%s"', async (key) => {
    const answer = await start({ 'idempotency-key': key });
    expect(answer.statusCode).toBe(422);
  });

  it('is free again after a day', async () => {
    const headers = freshKey();
    const first = (await start(headers)).json();
    await server.parts.store.db.updateTable('idempotency').set({ expires_at: 1 }).execute();
    expect((await start(headers)).json().id).not.toBe(first.id);
  });

  it('met no fault', () => expect(server.faults).toEqual([]));
});
