/** Tokens that are forged, bent, stolen or late: each is 401, says nothing, and is counted in the audit chain. */
import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPerson } from '../../helpers/people.js';
import { PASSWORD, startTestRunner, startTestServer, type TestServer } from '../../helpers/test-server.js';

let server: TestServer;
let owner: string;
let key: KeyObject;
let kid: string;
let publicX: string;
let claims: Record<string, unknown>;
let runnerClaims: Record<string, unknown>;

const partOf = (token: string, at: 0 | 1) =>
  JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString()) as Record<string, unknown>;
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

beforeAll(async () => {
  server = await startTestServer();
  owner = await server.tokenOf('owner');
  const ring = JSON.parse(readFileSync(join(server.dataDir, 'keys', 'signing.json'), 'utf8')) as {
    keys: { kid: string; kty: string; crv: string; x: string; d: string }[];
  };
  const [own] = ring.keys;
  kid = own?.kid ?? '';
  publicX = own?.x ?? '';
  const { kty = '', crv = '', x = '', d = '' } = own ?? {};
  key = createPrivateKey({ key: { kty, crv, x, d }, format: 'jwk' });
  claims = partOf(owner, 1);
  runnerClaims = partOf((await startTestRunner(server)).token, 1);
});
afterAll(() => server.close());

const HEADER = () => ({ alg: 'EdDSA', typ: 'roc-at+jwt', kid });
const sign = (payload: Record<string, unknown>, header: Record<string, unknown> = {}, by: KeyObject = key) =>
  new SignJWT(payload).setProtectedHeader({ ...HEADER(), ...header } as { alg: string }).sign(by);
const now = () => Math.floor(Date.now() / 1000);
const hmac = (text: string, secret: Buffer | string) =>
  createHmac('sha256', secret).update(text).digest('base64url');
const withHmac = (secret: Buffer | string) => {
  const body = `${base64({ alg: 'HS256', typ: 'roc-at+jwt', kid })}.${base64(claims)}`;
  return `${body}.${hmac(body, secret)}`;
};

/** What would be taken, were it not bent; the suite is worth nothing if this is refused. */
it('takes a token that is signed in the same way and bent in nothing', async () => {
  expect((await server.send('me.show', { token: await sign(claims) })).statusCode).toBe(200);
});

const ATTACKS: readonly (readonly [string, () => Promise<string> | string])[] = [
  ['alg none', () => `${base64({ alg: 'none', typ: 'roc-at+jwt', kid })}.${base64(claims)}.`],
  ['alg NoNe', () => `${base64({ alg: 'NoNe', typ: 'roc-at+jwt', kid })}.${base64(claims)}.`],
  ['no signature', async () => `${(await sign(claims)).split('.').slice(0, 2).join('.')}.`],
  [
    'the signature of another token',
    async () => {
      const [head, body] = (await sign({ ...claims, sub: 'x' })).split('.');
      return `${head}.${body}.${owner.split('.')[2]}`;
    },
  ],
  ['HS256 with the raw public key', () => withHmac(Buffer.from(publicX, 'base64url'))],
  ['HS256 with the public key as text', () => withHmac(publicX)],
  [
    'HS256 with the public key as JWK',
    () => withHmac(JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: publicX })),
  ],
  ['HS256 with nothing', () => withHmac('')],
  ["the attacker's own key", () => sign(claims, {}, generateKeyPairSync('ed25519').privateKey)],
  [
    'a key in the header',
    () => {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      return sign(claims, { jwk: publicKey.export({ format: 'jwk' }) }, privateKey);
    },
  ],
  ['a key set elsewhere', () => sign(claims, { jku: 'https://evil.example/jwks.json', kid: 'theirs' })],
  ['an unknown kid', () => sign(claims, { kid: 'unknown' })],
  ['no kid', () => sign(claims, { kid: undefined })],
  ['a kid that is a path', () => sign(claims, { kid: '../../../../dev/null' })],
  ['a kid that is SQL', () => sign(claims, { kid: "' union select 'key" })],
  ['a kid of the prototype', () => sign(claims, { kid: '__proto__' })],
  ['typ JWT', () => sign(claims, { typ: 'JWT' })],
  ['no typ', () => sign(claims, { typ: undefined })],
  ['typ of a runner', () => sign(claims, { typ: 'roc-runner+jwt' })],
  ['typ of an assertion', () => sign(claims, { typ: 'roc-assertion+jwt' })],
  ['typ of a job', () => sign(claims, { typ: 'roc-job+jwt' })],
  ["a runner's claims as a person's", () => sign(runnerClaims)],
  ["a person's claims as a runner's", () => sign(claims, { typ: 'roc-runner+jwt' })],
  ['another issuer', () => sign({ ...claims, iss: 'urn:roc:another' })],
  ['no issuer', () => sign({ ...claims, iss: undefined })],
  ['another audience', () => sign({ ...claims, aud: 'urn:roc:another:api' })],
  ["the runners' audience", () => sign({ ...claims, aud: runnerClaims['aud'] })],
  ['no audience', () => sign({ ...claims, aud: undefined })],
  ['expired', () => sign({ ...claims, iat: now() - 1000, nbf: now() - 1000, exp: now() - 400 })],
  ['not yet valid', () => sign({ ...claims, iat: now() + 300, nbf: now() + 300, exp: now() + 900 })],
  ['for a year', () => sign({ ...claims, exp: now() + 365 * 86_400 })],
  ['without an end', () => sign({ ...claims, exp: undefined })],
  ['without a beginning', () => sign({ ...claims, nbf: undefined })],
  ['of nobody', () => sign({ ...claims, sub: undefined })],
  ['of another person in this session', () => sign({ ...claims, sub: '01JA9V3R8WZQK4T6E5M2N7X0CB' })],
  ['of no session', () => sign({ ...claims, sid: '01JA9V3R8WZQK4T6E5M2N7X0CB' })],
  ['of a session that is SQL', () => sign({ ...claims, sid: "' or 1=1 --" })],
  ['of a session that is no text', () => sign({ ...claims, sid: { $ne: '' } })],
  ['of another tenant', () => sign({ ...claims, tid: '01JA9V3R8WZQK4T6E5M2N7X0CB' })],
  [
    'a refresh token',
    async () => {
      const { refreshToken } = await server.ok('auth.login', {
        body: { email: 'owner@x', password: PASSWORD },
      });
      return refreshToken;
    },
  ],
];

describe('a token that is not one', () => {
  it.each(ATTACKS)('%s is refused in the same words', async (_, forge) => {
    const token = await forge();
    const answer = await server.send('me.show', { token });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    const { requestId: _random, ...body } = answer.json<Record<string, unknown>>();
    expect(body['code']).toBe('ROC_UNAUTHENTICATED');
    // Nothing of the token, the key, the claim or the library shows why.
    expect(JSON.stringify(body)).not.toMatch(
      /JWS|JWT|signature|kid|claim|alg|expired|"exp"|jose|at Object|node_modules/i,
    );
    if (token.length > 40) expect(answer.body).not.toContain(token.slice(0, 40));
  });

  it('opens no route of a runner, either', async () => {
    for (const [, forge] of ATTACKS) {
      const answer = await server.send('runner.poll', { token: await forge() });
      expect([401, 403]).toContain(answer.statusCode);
    }
  });

  it('of somebody who was deleted counts no longer', async () => {
    const token = await addPerson(server, { role: 'admin', email: 'gone@x' });
    expect((await server.send('me.show', { token })).statusCode).toBe(200);
    const { items } = await server.ok('users.list', { token: owner });
    await server.ok('users.revoke', {
      token: owner,
      params: { id: items.find(({ email }) => email === 'gone@x')?.id ?? '' },
    });
    expect((await server.send('me.show', { token })).statusCode).toBe(401);
    expect(
      await server.parts.store.db.selectFrom('user').select('id').where('email', '=', 'gone@x').execute(),
    ).toEqual([]);
  });

  it('is counted in the audit chain, with the address it came from', async () => {
    await server.send('me.show', { token: await sign(claims, { kid: 'unknown' }) });
    await server.parts.refusals.flush(true);
    const { items } = await server.ok('audit.list', { token: owner, query: { action: 'access.refuse' } });
    const counted = items.flatMap(
      ({ after }) => (after?.['refusals'] ?? []) as { status: number; count: number; address: string }[],
    );
    const refused = counted.filter(({ status }) => status === 401);
    expect(refused.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(ATTACKS.length);
    expect(refused.every(({ address }) => address === '127.0.0.1')).toBe(true);
  });

  it('that was traded before ends the session, and the chain says so', async () => {
    const first = await server.ok('auth.login', { body: { email: 'owner@x', password: PASSWORD } });
    const second = await server.ok('auth.refresh', { body: { refreshToken: first.refreshToken } });
    const third = await server.ok('auth.refresh', { body: { refreshToken: second.refreshToken } });
    expect(
      (await server.send('auth.refresh', { body: { refreshToken: first.refreshToken } })).statusCode,
    ).toBe(401);
    expect((await server.send('me.show', { token: third.accessToken })).statusCode).toBe(401);
    const { items } = await server.ok('audit.list', { token: owner, query: { action: 'session.reuse' } });
    expect(items).toMatchObject([{ outcome: 'refused' }]);
  });

  it('caused no fault of the server', () => {
    expect(server.faults).toEqual([]);
  });
});
