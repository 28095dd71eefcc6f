import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES, type Route, type RouteId } from '../../../src/protocol/routes.js';
import { problemSchema } from '../../../src/protocol/schemas.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import { startTestRunner, startTestServer, type TestServer } from '../../helpers/test-server.js';

const rows = Object.entries(ROUTES) as [RouteId, Route][];
const ID = '01JA9V3R8WZQK4T6E5M2N7X0CB';
const RUNS = process.env['ROC_TEST_SIZE'] === 'long' ? 300 : 15;
let server: TestServer;
let owner: string;
let runner: string;

beforeAll(async () => {
  server = await startTestServer();
  owner = await server.tokenOf('owner');
  runner = (await startTestRunner(server)).token;
});
afterAll(() => server.close());

const tokenFor = (route: Route) => (route.access === 'runner' ? runner : owner);

/** What a caller may see of a refusal: a problem with all its parts, and nothing of the server's inside. */
function expectProblem(response: {
  statusCode: number;
  body: string;
  headers: Record<string, unknown>;
}): void {
  expect(response.statusCode, response.body).toBeGreaterThanOrEqual(400);
  expect(response.statusCode, response.body).toBeLessThan(500);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  const problem = problemSchema.strict().parse(JSON.parse(response.body));
  expect(problem.status).toBe(response.statusCode);
  expect(problem.hint).not.toBe('');
  expect(response.body).not.toMatch(/SQLITE|select .* from|node_modules|\.ts:|\.js:\d|at async/i);
}

describe('a request that is not valid', () => {
  it.each<[string, RouteId, object, number, RegExp]>([
    ['an unknown field', 'projects.create', { body: { name: 'a', admin: true } }, 422, /"\/admin"/],
    ['a bad name', 'projects.create', { body: { name: '../etc' } }, 422, /"\/name"/],
    ['a missing field', 'jobs.start', { body: {} }, 422, /"\/process"/],
    ['a list for an object', 'jobs.start', { body: [] }, 422, /ROC_INVALID_INPUT/],
    ['null for an object', 'jobs.start', { body: null }, 422, /ROC_INVALID_INPUT/],
    ['a bad id', 'jobs.show', { params: { id: 'x' } }, 422, /"\/id"/],
    [
      'a path for a robot',
      'versions.show',
      { params: { robot: '../x', version: '1.0.0' } },
      422,
      /"\/robot"/,
    ],
    ['a bad version', 'versions.show', { params: { robot: 'x', version: '1' } }, 422, /"\/version"/],
    ['a bad limit', 'jobs.list', { query: { limit: 0 } }, 422, /"\/limit"/],
    ['a made-up cursor', 'jobs.list', { query: { cursor: '!' } }, 422, /cursor/],
    ['an unknown job', 'jobs.show', { params: { id: ID } }, 404, /ROC_NOT_FOUND/],
    ['an unknown robot', 'versions.list', { params: { robot: 'no-such' } }, 404, /ROC_NOT_FOUND/],
    [
      'a project that is not there',
      'versions.list',
      { params: { robot: 'x' }, query: { project: 'no' } },
      404,
      /ROC_NOT_FOUND/,
    ],
    ['a name in use', 'projects.create', { body: { name: 'default' } }, 409, /ROC_CONFLICT/],
    ['a process that is not there', 'jobs.start', { body: { process: 'x' } }, 404, /ROC_NOT_FOUND/],
    ['a pool that is not there', 'runners.token', { body: { pool: 'x' } }, 404, /ROC_NOT_FOUND/],
    ['a bad priority', 'jobs.start', { body: { process: 'x', priority: 10 } }, 422, /"\/priority"/],
    [
      'a password beyond measure',
      'auth.login',
      { body: { email: 'a@b', password: 'x'.repeat(257) } },
      422,
      /"\/password"/,
    ],
    [
      'a bad registration token',
      'runner.register',
      {
        body: {
          token: 'x',
          name: 'n',
          signKey: 'A'.repeat(43),
          boxKey: 'A'.repeat(43),
          os: 'linux',
          arch: 'x64',
          version: '1',
        },
      },
      401,
      /ROC_UNAUTHENTICATED/,
    ],
  ])('%s', async (_, id, request, status, says) => {
    const response = await server.send(id, { token: tokenFor(ROUTES[id]), ...request });
    expectProblem(response);
    expect(response.statusCode).toBe(status);
    expect(response.body).toMatch(says);
  });

  it.each<[string, string, string, number]>([
    ['no JSON', 'application/json', '{', 400],
    ['a wrong content type', 'text/plain', 'name=x', 415],
    ['a form', 'application/x-www-form-urlencoded', 'name=x', 415],
    ['JSON for a package type', 'application/zip', '{}', 415],
    ['a prototype key', 'application/json', '{"__proto__":{"name":"a"}}', 400],
    ['a constructor key', 'application/json', '{"constructor":{"prototype":{}}}', 400],
    ['JSON 10,000 deep', 'application/json', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 422],
    ['objects 10,000 deep', 'application/json', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 422],
  ])('%s', async (_, type, payload, status) => {
    const headers = { authorization: `Bearer ${owner}`, 'content-type': type };
    const response = await server.app.inject({ method: 'POST', url: '/api/v1/projects', headers, payload });
    expectProblem(response);
    expect(response.statusCode).toBe(status);
  });

  it.each([
    '/nope',
    '/api/v1/',
    '/api/v1/jobs/',
    '/api/v2/jobs',
    '/%2e%2e/etc/passwd',
    '//',
    '/api/v1/robots/a%2fb/versions',
    `/${'x'.repeat(3000)}`,
  ])('nothing is at %s', async (url) => {
    const response = await server.app.inject({ url, headers: { authorization: `Bearer ${owner}` } });
    expectProblem(response);
  });

  it('an address that does not decode', async () => {
    expectProblem(await server.app.inject({ url: '/api/v1/jobs/%zz' }));
  });

  it.each([
    ['POST', '/healthz', 'GET, HEAD'],
    ['DELETE', '/api/v1/jobs', 'GET, POST'],
    ['HEAD', '/api/v1/jobs', 'GET, POST'],
    ['OPTIONS', '/api/v1/me', 'GET'],
    ['PATCH', `/api/v1/jobs/${ID}`, 'GET'],
  ] as const)('%s %s is a method that is not taken', async (method, url, allow) => {
    const response = await server.app.inject({ method, url });
    expect(response.statusCode).toBe(405);
    expect(response.headers['allow']).toBe(allow);
  });
});

describe('junk', () => {
  it.each(rows)('in params, query and body of %s is never a fault', async (id, route) => {
    const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom("' or 1=1--", '\0', '..', ID, '1.0.0'),
    );
    const junk = fc.record({
      params: fc.record(Object.fromEntries(names.map((name) => [name, text]))),
      query: fc.dictionary(
        fc.oneof(fc.string(), fc.constantFrom('limit', 'cursor', 'project', 'epoch', 'state')),
        text,
      ),
      body: fc.option(fc.jsonValue({ maxDepth: 4 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(junk, async (request) => {
        const response = await server.send(id, { token: tokenFor(route), ...(request as object) });
        if (response.statusCode >= 400) expectProblem(response);
      }),
      { numRuns: id === 'auth.logout' ? 0 : RUNS },
    );
    expect(server.faults).toEqual([]);
  });

  it('in headers is never a fault', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('x-request-id', 'last-event-id', 'authorization', 'accept'),
        fc.string(),
        async (name, value) => {
          const headers = { authorization: `Bearer ${owner}`, [name]: value };
          const response = await server.app.inject({ url: '/api/v1/me', headers });
          expect(response.statusCode).toBeLessThan(500);
          expect(response.headers['x-request-id']).toMatch(/^[A-Za-z0-9._-]{8,64}$/);
        },
      ),
      { numRuns: RUNS * 5 },
    );
  });
});

describe('the input of a job', () => {
  const INPUTS = `inputs:
  type: object
  properties:
    amount: { type: integer }
    code: { type: string, pattern: "^(a|a)*$" }
    kind: { enum: [one, two] }
    rows: { type: array, uniqueItems: true, items: { type: object } }
  required: [amount]
  additionalProperties: false
`;
  beforeAll(async () => {
    const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0', INPUTS) });
    await server.ok('versions.publish', {
      token: owner,
      params: { robot: 'totals', version: '1.0.0' },
      body: bytes,
    });
    await server.ok('deployments.create', { token: owner, body: { robot: 'totals', version: '1.0.0' } });
  });
  const start = (input: unknown) =>
    server.send('jobs.start', { token: owner, body: { process: 'totals', input } });

  it.each<[string, unknown, number, RegExp]>([
    ['fits', { amount: 1 }, 201, /queued/],
    ['is not there', undefined, 422, /\/input\/amount","message":"is missing/],
    ['has a wrong type', { amount: '1' }, 422, /\/input\/amount/],
    ['has an unknown field', { amount: 1, x: 1 }, 422, /\/input\/x","message":"unknown field/],
    ['is outside a list', { amount: 1, kind: 'three' }, 422, /\/input\/kind.*one.*two/],
    [
      'repeats itself',
      {
        amount: 1,
        rows: [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      },
      422,
      /\/input\/rows/,
    ],
    [
      'makes a pattern backtrack for ever',
      { amount: 1, code: `${'a'.repeat(50)}!` },
      422,
      /gave? up|given up/,
    ],
    ['is too large', { amount: 1, rows: [{ x: 'x'.repeat(300_000) }] }, 413, /ROC_TOO_LARGE/],
  ])('%s', async (_, input, status, says) => {
    const response = await start(input);
    expect(response.body).toMatch(says);
    expect(response.statusCode).toBe(status);
  });

  it('is nested as deep as a robot may need, and no deeper', async () => {
    const deep = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) as unknown;
    expect((await start({ amount: 1, rows: deep(60) })).body).toContain('/input/rows');
    const response = await start({ amount: 1, rows: deep(64) });
    expect(response.statusCode).toBe(422);
    expect(response.body).toContain('nested deeper than 64 levels');
  });

  it('holds the server up for a moment only, whatever its pattern', async () => {
    const from = performance.now();
    await start({ amount: 1, code: `${'a'.repeat(50)}!` });
    expect(performance.now() - from).toBeLessThan(1500);
  });

  it.each<[string, string]>([
    ['refers elsewhere', 'inputs: { $ref: "https://example.com/x.json" }\n'],
    ['refers to a file', 'inputs: { $ref: "other.json#/a" }\n'],
    ['is of an unknown draft', 'inputs: { $schema: "http://json-schema.org/draft-04/schema#" }\n'],
    ['has a broken pattern', 'inputs: { type: string, pattern: "(" }\n'],
    ['has a pattern beyond measure', `inputs: { type: string, pattern: "${'a'.repeat(600)}" }\n`],
    ['has an unknown type', 'inputs: { type: money }\n'],
    ['has a dangling reference', 'inputs: { $ref: "#/$defs/none" }\n'],
  ])('cannot be checked where the schema %s, so that is refused when it is published', async (_, more) => {
    const before = await server.parts.store.db.selectFrom('robot_version').select('id').execute();
    const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('9.0.0', more) });
    const params = { robot: 'totals', version: '9.0.0' };
    const response = await server.send('versions.publish', { token: owner, params, body: bytes });
    expectProblem(response);
    expect(response.json()).toMatchObject({ code: 'ROC_PACKAGE_INVALID' });
    expect(await server.parts.store.db.selectFrom('robot_version').select('id').execute()).toEqual(before);
  });
});
