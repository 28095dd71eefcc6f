/** Signing in through an OpenID provider: the whole way of browser and command, and each way in which it may be bent. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signInBySso } from '../../../src/cli/sso.js';
import { oidcSettingsSchema } from '../../../src/orchestrator/sso/settings.js';
import type { ReplyOf } from '../../../src/protocol/contracts.js';
import { freePort } from '../../helpers/free-port.js';
import { type LiveServer, startLiveServer } from '../../helpers/live-server.js';
import { startTestProvider, type TestProvider } from '../../helpers/oidc-provider.js';
import { startTestServer } from '../../helpers/test-server.js';

let provider: TestProvider;
let server: LiveServer;
let url: string;

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  provider = await startTestProvider(() => `${url}/auth/sso/callback`);
  const oidc = oidcSettingsSchema.parse({
    ...{ issuer: provider.issuer, clientId: 'roc', clientSecret: 'secret of the client' },
    roles: { 'robot-operators': 'operator', auditors: 'auditor', 'runners-of-things': 'runner' },
  });
  const made = await startTestServer({ oidc, publicUrl: () => url });
  await made.app.listen({ host: '127.0.0.1', port });
  server = { ...made, port, url };
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

let verifier: string;
beforeEach(() => {
  verifier = randomBytes(32).toString('base64url');
  provider.person = { sub: 'ana', email: 'ana@example.com', verified: true, groups: ['robot-operators'] };
});

const challengeOf = (secret: string) => createHash('sha256').update(secret).digest('base64url');
const startUrl = (port = 4567) => `${url}/auth/sso/start?challenge=${challengeOf(verifier)}&port=${port}`;
const isLoopback = ({ port }: URL) => port === '4567';
const walk = () => provider.browse(startUrl(), isLoopback);
const trade = (code: string, secret = verifier) =>
  server.send('auth.sso', { body: { code, verifier: secret } });

async function signIn(): Promise<ReplyOf<'auth.sso'>> {
  const { url: end, body } = await walk();
  expect(end.origin, body).toBe('http://127.0.0.1:4567');
  const answer = await trade(end.searchParams.get('code') ?? '');
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}
const rolesNow = async () => {
  const { accessToken } = await signIn();
  return (await server.ok('me.show', { token: accessToken })).roles;
};

describe('signing in through the provider', () => {
  it('gives the roles of the groups, and takes them when the group is lost', async () => {
    expect(await rolesNow()).toEqual(['operator']);
    provider.person = { ...provider.person, groups: ['robot-operators', 'auditors', 'others'] };
    expect(await rolesNow()).toEqual(['auditor', 'operator']);
    const { accessToken } = await signIn();
    provider.person = { ...provider.person, groups: ['auditors'] };
    expect(await rolesNow()).toEqual(['auditor']);
    // The session of before has lost it, too.
    expect((await server.ok('me.show', { token: accessToken })).roles).toEqual(['auditor']);
    provider.person = { ...provider.person, groups: [] };
    const refused = await walk();
    expect(refused.status, refused.body).toBe(403);
    expect((await server.send('me.show', { token: accessToken })).json().roles ?? []).toEqual([]);
  });

  it('leaves what was given by hand alone', async () => {
    await signIn();
    const owner = await server.tokenOf('owner');
    const body = { user: 'ana@example.com' };
    await server.ok('roles.grant', { token: owner, params: { role: 'developer' }, body });
    provider.person = { ...provider.person, groups: [] };
    expect(await rolesNow()).toEqual(['developer']);
    await server.ok('roles.revoke', { token: owner, params: { role: 'developer' }, body });
  });

  it('is told in the audit chain', async () => {
    provider.person = { sub: 'bea', email: 'bea@example.com', verified: true, groups: ['auditors'] };
    await signIn();
    const { items } = await server.ok('audit.list', {
      token: await server.tokenOf('owner'),
      query: { limit: 5 },
    });
    expect(items.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['session.begin', 'role.grant']),
    );
  });

  it('makes a session that ends for good within half a day, however often it is renewed', async () => {
    const { refreshToken } = await signIn();
    const renewed = await server.ok('auth.refresh', { body: { refreshToken } });
    expect(renewed.tenant).toBe('default');
    const sessions = await server.parts.store.db.selectFrom('session').selectAll().execute();
    const fixed = sessions.filter(({ ends_at }) => ends_at !== null);
    expect(fixed.length).toBeGreaterThan(0);
    for (const { expires_at, ends_at, created_at } of fixed) {
      expect(expires_at).toBe(ends_at);
      expect(expires_at - created_at).toBe(12 * 3_600_000);
    }
  });

  it('takes nobody whose address the provider does not vouch for, and makes no runner', async () => {
    provider.person = { sub: 'eve', email: 'owner@x', verified: false, groups: ['robot-operators'] };
    expect((await walk()).status).toBe(403);
    provider.person = { sub: 'rob', email: 'rob@example.com', verified: true, groups: ['runners-of-things'] };
    expect((await walk()).status).toBe(403);
  });

  it('knows people by what the provider calls them, not by an address that somebody else has now', async () => {
    const first = await signIn();
    provider.person = { ...provider.person, email: 'owner@x' };
    const second = await signIn();
    expect(second.user).toEqual(first.user);
  });
});

describe('a sign-in that was bent', () => {
  it('gives a code that counts once, for who began, and soon', async () => {
    const { url: end } = await walk();
    const code = end.searchParams.get('code') ?? '';
    expect((await trade(code, randomBytes(32).toString('base64url'))).statusCode).toBe(401);
    expect((await trade(code)).statusCode, 'a wrong try uses it up').toBe(401);
    const again = (await walk()).url.searchParams.get('code') ?? '';
    expect((await trade(again)).statusCode).toBe(200);
    expect((await trade(again)).statusCode).toBe(401);
    const late = (await walk()).url.searchParams.get('code') ?? '';
    await server.parts.store.db.updateTable('sso_attempt').set({ expires_at: 1 }).execute();
    expect((await trade(late)).statusCode).toBe(401);
  });

  it('comes to nothing without the cookie of its browser, or a second time', async () => {
    const { url: callback, cookies } = await provider.browse(
      startUrl(),
      ({ pathname }) => pathname === '/auth/sso/callback',
    );
    expect((await fetch(callback, { redirect: 'manual' })).status).toBe(401);
    const headers = { cookie: `roc_sso=${cookies.get('roc_sso')}` };
    const foreign = { cookie: `roc_sso=${'A'.repeat(43)}` };
    expect((await fetch(callback, { redirect: 'manual', headers: foreign })).status).toBe(401);
    expect((await fetch(callback, { redirect: 'manual', headers })).status).toBe(302);
    expect((await fetch(callback, { redirect: 'manual', headers })).status).toBe(401);
  });

  it.each([
    ['another state', (to: URL) => to.searchParams.set('state', 'another')],
    ['no state', (to: URL) => to.searchParams.delete('state')],
    ['another issuer', (to: URL) => to.searchParams.set('iss', 'http://evil.example')],
    ['a made-up code', (to: URL) => to.searchParams.set('code', 'made up')],
    ['no code', (to: URL) => to.searchParams.delete('code')],
    ['an error', (to: URL) => to.searchParams.set('error', 'access_denied')],
  ])('is refused with %s', async (_, bend) => {
    const { url: callback, cookies } = await provider.browse(
      startUrl(),
      ({ pathname }) => pathname === '/auth/sso/callback',
    );
    bend(callback);
    const headers = { cookie: `roc_sso=${cookies.get('roc_sso')}` };
    const answer = await fetch(callback, { redirect: 'manual', headers });
    expect(answer.status).toBe(401);
    expect(await answer.text()).not.toMatch(/made up|evil/);
  });

  it("is not finished with another browser's code", async () => {
    const stop = ({ pathname }: URL) => pathname === '/auth/sso/callback';
    const mine = await provider.browse(startUrl(), stop);
    const theirs = await provider.browse(startUrl(), stop);
    const headers = { cookie: `roc_sso=${mine.cookies.get('roc_sso')}` };
    expect((await fetch(theirs.url, { redirect: 'manual', headers })).status).toBe(401);
  });

  it('leads to no other place than the loopback address', async () => {
    for (const bad of ['port=80', 'port=0', 'port=70000', 'port=1.2.3.4', 'port=4567@evil.example', '']) {
      const start = `${url}/auth/sso/start?challenge=${challengeOf(verifier)}&${bad}`;
      expect((await fetch(start, { redirect: 'manual' })).status, bad).toBe(422);
    }
  });

  it('has a cookie that scripts do not see and other sites do not send', async () => {
    const { headers } = await fetch(startUrl(), { redirect: 'manual' });
    expect(headers.get('set-cookie')).toMatch(
      /^roc_sso=[A-Za-z0-9_-]{43}; Path=\/auth\/sso; HttpOnly; SameSite=Lax; Max-Age=600$/,
    );
    const location = new URL(headers.get('location') ?? '');
    expect(location.searchParams.get('code_challenge_method')).toBe('S256');
    expect(location.searchParams.get('nonce')).toMatch(/^.{43}$/);
  });
});

describe('the settings', () => {
  const settings = { clientId: 'roc', roles: {} };
  it.each([
    ['https://id.example.com', true],
    ['http://localhost:3000', true],
    ['http://127.0.0.1:3000', true],
    ['http://id.example.com', false],
    ['http://localhost.evil.example', false],
    ['ftp://localhost', false],
  ])('take the issuer %s: %s', (issuer, isTaken) => {
    expect(oidcSettingsSchema.safeParse({ ...settings, issuer }).success).toBe(isTaken);
  });

  it('that are missing leave the way closed', async () => {
    const plain = await startLiveServer();
    const start = `${plain.url}/auth/sso/start?challenge=${'c'.repeat(43)}&port=4567`;
    expect((await fetch(start)).status).toBe(412);
    // And a command says so at once, instead of waiting for a browser.
    const shown: string[] = [];
    const asking = signInBySso({ url: plain.url, userAgent: 'test', show: (text) => shown.push(text) });
    await expect(asking).rejects.toMatchObject({ code: 'ROC_PRECONDITION_FAILED' });
    expect(shown).toEqual([]);
    await plain.close();
  });
});
