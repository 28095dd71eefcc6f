/** Every route × every built-in role × own and foreign tenant × no token, held against the matrix. */
import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newUlid } from '../../../src/orchestrator/store/ids.js';
import { ROUTES, type RouteId } from '../../../src/protocol/routes.js';
import {
  type PersonRole,
  startTestRunner,
  startTestServer,
  type TestRequest,
  type TestRunner,
  type TestServer,
} from '../../helpers/test-server.js';
import { ACCESS_MATRIX } from './access-matrix.js';
import { SAMPLES, type Scene, setScene } from './access-samples.js';

const PEOPLE = {
  o: 'owner',
  a: 'admin',
  d: 'developer',
  p: 'operator',
  u: 'auditor',
  v: 'viewer',
} as const satisfies Record<string, PersonRole>;
const LETTERS = [...Object.keys(PEOPLE), 'r', 'j'] as (keyof typeof PEOPLE | 'r' | 'j')[];
const ids = Object.keys(ROUTES) as RouteId[];
const isOpen = (id: RouteId) => ACCESS_MATRIX[id].opens === '-';
const closed = ids.filter((id) => !isOpen(id));
/** Let in, and then refused for what was sent: nobody's telephone is at hand here. */
const REFUSED_LATER: Partial<Record<RouteId, number>> = { 'me.factor-confirm': 422, 'me.factor-remove': 409 };
const OWN = 'own';
const isGood = (status: number) => status >= 200 && status < 300;
const isLetIn = (id: RouteId, status: number) =>
  REFUSED_LATER[id] === undefined ? isGood(status) : status === REFUSED_LATER[id];

let server: TestServer;
let scene: Scene;
let foreignRunner: TestRunner;
let foreignTenant: string;

beforeAll(async () => {
  server = await startTestServer();
  scene = await setScene(server);
  foreignTenant = await server.addTenant('acme');
  foreignRunner = await startTestRunner(server, undefined, 'acme');
});
afterAll(() => server.close());

function tokenOf(letter: (typeof LETTERS)[number], tenant: 'default' | 'acme'): Promise<string> {
  const [runner, tenantId] =
    tenant === 'acme' ? [foreignRunner, foreignTenant] : [scene.runner, server.tenantId];
  if (letter === 'r') return Promise.resolve(runner.token);
  if (letter === 'j') return tokenOfJob(runner.id, tenantId);
  return server.tokenOf(PEOPLE[letter], tenant);
}

/** Of some job that this runner held. */
async function tokenOfJob(runnerId: string, tenantId: string): Promise<string> {
  const job = { kind: 'job' as const, subject: newUlid(Date.now()), tenantId, epoch: 1 };
  return (await server.parts.auth.accessTokens.issue({ ...job, sessionId: runnerId })).token;
}

async function ask(id: RouteId, token?: string): Promise<LightMyRequestResponse> {
  const request = (await SAMPLES[id](scene)) as TestRequest<RouteId>;
  // Signing out would end the token of all rows that follow; that it may be called is what is asked.
  if (id === 'auth.logout' && token !== undefined) return server.send('me.show', { token });
  const { token: own, ...rest } = request;
  // What asks for the token of one very job brings it along.
  const shown = token === OWN ? own : token;
  return server.send(id, { ...rest, ...(shown === undefined ? {} : { token: shown }) });
}

describe('the matrix', () => {
  it('has a row for every route, and a sample', () => {
    expect(Object.keys(ACCESS_MATRIX).sort()).toEqual([...ids].sort());
    expect(Object.keys(SAMPLES).sort()).toEqual([...ids].sort());
  });
});

describe('without a token', () => {
  it.each(closed)('%s is 401', async (id) => {
    const response = await ask(id);
    expect(response.statusCode, response.body).toBe(401);
    expect(response.json()).toMatchObject({ code: 'ROC_UNAUTHENTICATED' });
  });

  it.each(ids.filter(isOpen))('%s is judged by what it is sent', async (id) => {
    const { statusCode } = await ask(id);
    expect(id === 'auth.recover' ? 204 : [401, 410, 412]).toSatisfy((wanted) =>
      [wanted].flat().includes(statusCode),
    );
  });
});

describe.each(LETTERS)('%s in its own tenant', (letter) => {
  it.each(closed)('%s', async (id) => {
    const isOwnJob = letter === 'j' && ACCESS_MATRIX[id].opens === 'j';
    const response = await ask(id, isOwnJob ? OWN : await tokenOf(letter, 'default'));
    const context = `${id} as ${letter}: ${response.statusCode} ${response.body}`;
    if (ACCESS_MATRIX[id].opens.includes(letter))
      expect(isLetIn(id, response.statusCode), context).toBe(true);
    else expect(response.statusCode, context).toBe(403);
  });
});

describe.each(LETTERS)('%s of another tenant', (letter) => {
  it.each(closed)('%s', async (id) => {
    const { opens, foreign } = ACCESS_MATRIX[id];
    const response = await ask(id, await tokenOf(letter, 'acme'));
    const context = `${id} as foreign ${letter}: ${response.statusCode} ${response.body}`;
    if (!opens.includes(letter) || foreign === 'refused') {
      expect(response.statusCode, context).toBe(403);
    } else if (foreign === 'own') {
      // Another session's number is the runner's own affair: 409 says that it is not this runner's.
      expect(
        isLetIn(id, response.statusCode) || (letter === 'r' && response.statusCode === 410),
        context,
      ).toBe(true);
      expect(response.body, context).not.toMatch(new RegExp(`finance|totals|${server.tenantId}`));
    } else {
      // A runner's write about a job that it does not hold is stale, whosever job it is.
      const wanted = letter === 'r' ? [404, 409] : [404];
      expect(wanted, context).toContain(response.statusCode);
    }
  });
});
