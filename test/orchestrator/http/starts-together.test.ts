import { afterAll, beforeAll, expect, it } from 'vitest';
import { deployTotals } from '../../helpers/deployed-robot.js';
import { startTestServer, type TestServer } from '../../helpers/test-server.js';

let server: TestServer;
let token: string;

beforeAll(async () => {
  server = await startTestServer();
  token = await server.tokenOf('owner');
  await deployTotals(server, token);
});
afterAll(() => server.close());

it('answers each of many starts at once for itself, and tells the audit of those that were made', async () => {
  const start = (n: number) =>
    server.send('jobs.start', {
      token,
      headers: n % 5 === 1 ? { 'idempotency-key': `same-${n % 2}` } : {},
      body: { process: n % 10 === 3 ? 'no-such' : 'totals', input: { n: n % 5 === 1 ? n % 2 : n } },
    });
  const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => start(n)));
  const codes = answers.map(({ statusCode }) => statusCode);
  expect(codes).toEqual(Array.from({ length: 60 }, (_, n) => (n % 10 === 3 ? 404 : 201)));
  const made = new Set(answers.filter(({ statusCode }) => statusCode === 201).map((one) => one.json().id));
  // 12 of them carry one of two keys, and 6 name no process.
  expect(made.size).toBe(60 - 6 - 12 + 2);
  const { items } = await server.ok('audit.list', { token, query: { action: 'job.start', limit: 100 } });
  expect(new Set(items.map(({ target }) => target?.id))).toEqual(made);
});
