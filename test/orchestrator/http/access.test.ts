import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLE_PERMISSIONS, ROLES } from '../../../src/orchestrator/decide/permissions.js';
import { guardRoutes } from '../../../src/orchestrator/http/access.js';
import { newUlid } from '../../../src/orchestrator/store/ids.js';
import { CONTRACTS, type Contract } from '../../../src/protocol/contracts.js';
import { ROUTES, type Route, type RouteId } from '../../../src/protocol/routes.js';
import { URL_CLASS_LIMITS, urlClassOf } from '../../../src/protocol/url-classes.js';
import { startTestRunner, startTestServer, type TestServer } from '../../helpers/test-server.js';

const rows = Object.entries(ROUTES) as [RouteId, Route][];
const closed = rows.filter(([, { access }]) => access !== 'public');
let server: TestServer;
let runnerToken: string;
let jobToken: string;

beforeAll(async () => {
  server = await startTestServer();
  const runner = await startTestRunner(server);
  runnerToken = runner.token;
  const job = { kind: 'job' as const, subject: newUlid(Date.now()), tenantId: server.tenantId, epoch: 1 };
  jobToken = (await server.parts.auth.accessTokens.issue({ ...job, sessionId: runner.id })).token;
});
afterAll(() => server.close());

/** A request whose only merit is its token. */
async function statusOf(id: RouteId, token?: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await server.send(id, {
    ...(token === undefined ? {} : { token }),
    params: {
      id: '01JA9V3R8WZQK4T6E5M2N7X0CB',
      robot: 'no-such',
      version: '1.0.0',
      process: 'no-such',
    } as never,
    headers,
  });
  return response.statusCode;
}

describe('every route of the table', () => {
  it.each(closed)('%s is closed without a token', async (id) => {
    expect(await statusOf(id)).toBe(401);
  });

  it.each(closed)('%s is closed for junk in the header', async (id) => {
    for (const authorization of [
      'Bearer',
      'Bearer ',
      'Bearer x y',
      'Basic YTpi',
      'Bearer a.b.c',
      `Bearer ${'x'.repeat(5000)}`,
    ]) {
      expect(await statusOf(id, undefined, { authorization })).toBe(401);
    }
  });

  it.each(closed.filter(([, { access }]) => access !== 'runner'))(
    "%s does not take a runner's token",
    async (id) => {
      expect(await statusOf(id, runnerToken)).toBe(403);
    },
  );

  it.each(closed.filter(([, { access }]) => access !== 'job'))(
    '%s does not take the token of a job',
    async (id) => {
      expect(await statusOf(id, jobToken)).toBe(403);
    },
  );

  it.each(closed.filter(([, { access }]) => access === 'runner' || access === 'job'))(
    "%s does not take a person's token",
    async (id) => {
      expect(await statusOf(id, await server.tokenOf('owner'))).toBe(403);
    },
  );

  it.each(ROLES.filter((role) => role !== 'runner'))(
    'opens to %s exactly as far as its permissions go',
    async (role) => {
      const token = await server.tokenOf(role);
      // Signing out would end the token of the rows that follow.
      for (const [id, { access }] of rows.filter(([id]) => id !== 'auth.logout')) {
        if (access === 'public' || access === 'runner' || access === 'job') continue;
        const mayPass = access === 'user' || access === 'caller' || ROLE_PERMISSIONS[role].includes(access);
        const status = await statusOf(id, token);
        expect(status === 403, `${role} ${id} answered ${status}`).toBe(!mayPass);
        expect(status, `${role} ${id}`).not.toBe(401);
        expect(status, `${role} ${id}`).toBeLessThan(500);
      }
    },
  );

  it.each(rows)('%s refuses a body beyond its class', async (id, route) => {
    if (route.method === 'GET' || route.method === 'DELETE' || id === 'versions.publish') return;
    const urlClass = urlClassOf(route.path.replace(/:\w+/g, 'x'));
    const { bodyBytes = URL_CLASS_LIMITS[urlClass].bodyBytes }: Contract = CONTRACTS[id];
    const tokens = { job: jobToken, runner: runnerToken } as Readonly<Record<string, string>>;
    const token = tokens[route.access] ?? (await server.tokenOf('owner'));
    const body = { junk: 'x'.repeat(bodyBytes) } as never;
    const response = await server.send(id, { token, body });
    expect(response.statusCode).toBe(413);
    expect(response.json()).toMatchObject({ code: 'ROC_TOO_LARGE', status: 413 });
  });
});

describe('a route that does not say where its permission must be held', () => {
  it.each([undefined, 'somewhere'])('stops the start (on %s)', (on) => {
    const app = Fastify();
    guardRoutes(app, () => Promise.reject(new TypeError('not asked')));
    const config = { access: 'jobs:read', on: on as never } as const;
    expect(() => app.get('/open', { config }, () => 'in')).toThrow(/where its permission must be held/);
  });
});

describe('a route that does not say who may call it', () => {
  it.each([undefined, 'everybody', ''])('stops the start (access %s)', (access) => {
    const app = Fastify();
    guardRoutes(app, () => Promise.reject(new TypeError('not asked')));
    expect(() => app.get('/open', { config: { access: access as never } }, () => 'in')).toThrow(/declare/);
  });

  it('is closed even where the start was not stopped', async () => {
    const app = Fastify();
    app.get('/before', () => 'in');
    guardRoutes(app, () => Promise.reject(new TypeError('not asked')));
    app.setErrorHandler((error, _request, reply) =>
      reply.code((error as { httpStatus?: number }).httpStatus ?? 500).send(),
    );
    expect((await app.inject('/before')).statusCode).toBe(403);
  });
});
