/** Hostile text in every string of every route: a clear 4xx or harmless data, never a fault, a leak or a header. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES, type RouteId } from '../../../src/protocol/routes.js';
import { PASSWORD, startTestServer, type TestRequest, type TestServer } from '../../helpers/test-server.js';
import { SAMPLES, type Scene, setScene } from './access-samples.js';

const TEXTS: Readonly<Record<string, string>> = {
  SQL: "' or '1'='1' -- ",
  'stacked SQL': "x'; drop table user; -- ",
  'a header': 'x\r\nSet-Cookie: roc=evil\r\n\r\n<html>',
  'a NUL': 'a\u0000b',
  'half a pair': 'a\ud800b',
  'a path': '../../../../etc/passwd',
  'the prototype': '__proto__',
  'a look-alike': 'оwner@x',
  'text of two directions': '\u202eowner@x\u2066',
  'a template': '{{7*7}}<%= 7 %>',
  markup: '<script>alert(1)</script>',
  'much of it': 'x'.repeat(100_000),
};

let server: TestServer;
let scene: Scene;
const ids = Object.keys(ROUTES) as RouteId[];
// Its answer is a stream, or ends the session that asks.
const LEFT_OUT: readonly RouteId[] = ['auth.logout', 'me.password'];

beforeAll(async () => {
  server = await startTestServer();
  scene = await setScene(server);
});
afterAll(() => server.close());

interface Place {
  readonly part: 'params' | 'query' | 'body';
  readonly path: readonly string[];
}

function placesIn(request: TestRequest<RouteId>): Place[] {
  const found: Place[] = [];
  const walk = (part: Place['part'], value: unknown, path: readonly string[]) => {
    if (typeof value === 'string') found.push({ part, path });
    else if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value)) {
      for (const [name, inner] of Object.entries(value)) walk(part, inner, [...path, name]);
    }
  };
  for (const part of ['params', 'query', 'body'] as const) walk(part, request[part], []);
  return found;
}

function bent(request: TestRequest<RouteId>, { part, path }: Place, text: string): TestRequest<RouteId> {
  const copy = structuredClone({
    ...request,
    body: Buffer.isBuffer(request.body) ? undefined : request.body,
  });
  let at = copy[part] as unknown as Record<string, unknown>;
  for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>;
  at[path.at(-1) ?? ''] = text;
  return copy as TestRequest<RouteId>;
}

describe('hostile text', () => {
  it.each(ids.filter((id) => !LEFT_OUT.includes(id)))('in %s does no harm', async (id) => {
    const request = (await SAMPLES[id](scene)) as TestRequest<RouteId>;
    const token = ROUTES[id].access === 'runner' ? scene.runner.token : scene.owner;
    for (const place of placesIn(request)) {
      for (const [name, text] of Object.entries(TEXTS)) {
        // An address cannot hold it.
        if (name === 'half a pair' && place.part !== 'body') continue;
        const answer = await server.send(id, { ...bent(request, place, text), token });
        const context = `${id} ${place.part}.${place.path.join('.')} with ${name}: ${answer.statusCode} ${answer.body.slice(0, 300)}`;
        expect(answer.statusCode, context).toBeLessThan(500);
        expect(answer.headers['set-cookie'], context).toBeUndefined();
        expect(answer.body, context).not.toMatch(
          /SQLITE|ER_[A-Z]|syntax error|node_modules|\/src\/|\bat \w+ \(/,
        );
        if (answer.statusCode >= 400)
          expect(answer.headers['content-type'], context).toMatch(/^application\/problem\+json/);
      }
    }
  });

  it('left the tables and the accounts as they were, and no fault behind', async () => {
    expect(server.faults).toEqual([]);
    const { rows } = await sql<{ n: number }>`select count(*) as n from user`.execute(server.parts.store.db);
    expect(Number(rows[0]?.n)).toBeGreaterThan(0);
    const login = { email: 'owner@x', password: PASSWORD };
    await server.parts.store.db.deleteFrom('sign_in_bucket').execute();
    expect((await server.send('auth.login', { body: login })).statusCode).toBe(200);
  });
});

describe('what is too large', () => {
  it.each(['auth.login', 'me.factor-enrol'] as const)(
    'a password of a megabyte is refused by %s before it is hashed',
    async (id) => {
      const password = 'x'.repeat(1_000_000);
      const from = performance.now();
      const answer = await server.send(id, {
        token: scene.owner,
        body: { email: 'owner@x', password } as never,
      });
      expect(answer.statusCode).toBe(422);
      expect(answer.body).not.toContain('xxxx');
      expect(performance.now() - from).toBeLessThan(1000);
    },
  );

  it('JSON of ten thousand levels is refused by every route that takes JSON', async () => {
    const payload = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    const headers = { authorization: `Bearer ${scene.owner}`, 'content-type': 'application/json' };
    for (const id of ids) {
      const { method, path, access } = ROUTES[id];
      const isMachines = access === 'runner' || access === 'job';
      if (method === 'GET' || method === 'DELETE' || isMachines || id === 'versions.publish') continue;
      const url = path.replace(/:\w+/g, 'x');
      const answer = await server.app.inject({ method, url, headers, payload });
      expect([400, 422], `${id} ${answer.statusCode}`).toContain(answer.statusCode);
    }
  });
});

describe('the time of an answer', () => {
  /** The quickest of several, asked in turns: what else the machine does adds to both, and only ever adds. */
  async function quickest(asks: readonly ((n: number) => Promise<unknown>)[]): Promise<number[]> {
    const best = asks.map(() => Number.POSITIVE_INFINITY);
    for (let n = 0; n < 12; n++) {
      for (const [i, ask] of asks.entries()) {
        const from = performance.now();
        await ask(n);
        best[i] = Math.min(best[i] ?? 0, performance.now() - from);
      }
    }
    return best;
  }

  it('does not tell an account from an address that has none', async () => {
    const ask = (email: string) => async () => {
      await server.parts.store.db.deleteFrom('sign_in_bucket').execute();
      const answer = await server.send('auth.login', { body: { email, password: 'wrong' } });
      expect(answer.statusCode).toBe(401);
    };
    const [known = 0, unknown = 0] = await quickest([ask('owner@x'), ask('nobody@x')]);
    expect(known / unknown).toBeGreaterThan(0.6);
    expect(known / unknown).toBeLessThan(1.7);
  });

  it('to a forgotten password does not, either', async () => {
    const ask = (prefix: string) => async (n: number) => {
      await server.parts.store.db.deleteFrom('sign_in_bucket').execute();
      const body = { email: prefix === 'owner' ? 'owner@x' : `nobody${n}@x`, what: 'password' } as const;
      expect((await server.send('auth.recover', { body })).statusCode).toBe(204);
    };
    const [known = 0, unknown = 0] = await quickest([ask('owner'), ask('nobody')]);
    await server.parts.errands.idle();
    expect(Math.abs(known - unknown)).toBeLessThan(15);
  });
});
