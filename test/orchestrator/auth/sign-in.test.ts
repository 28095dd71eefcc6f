import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { grantRole, insertUser } from '../../../src/orchestrator/store/users.js';
import type { ReplyOf } from '../../../src/protocol/contracts.js';
import { PASSWORD, startTestServer, type TestServer } from '../../helpers/test-server.js';

const servers: TestServer[] = [];
let server: TestServer;
let time: number;

beforeEach(async () => {
  time = Date.UTC(2026, 4, 1);
  server = await startTestServer({ clock: () => time });
  servers.push(server);
});
afterAll(() => Promise.all(servers.map((one) => one.close())));

type Session = ReplyOf<'auth.login'>;
const login = (email = 'owner@x', password = PASSWORD, tenant?: string) =>
  server.send('auth.login', { body: { email, password, ...(tenant === undefined ? {} : { tenant }) } });
const refresh = (refreshToken: string) => server.send('auth.refresh', { body: { refreshToken } });
const me = async (token: string) => (await server.send('me.show', { token })).statusCode;

async function addUser(email: string, role: string | null): Promise<string> {
  const passwordHash = await server.parts.auth.passwords.hash(PASSWORD);
  return server.parts.store.transaction(async (tx) => {
    const id = await insertUser(tx, { email, passwordHash });
    if (role !== null) await grantRole(tx, server.tenantId, id, role);
    return id;
  });
}

describe('signing in', () => {
  it('answers a wrong password and an unknown address alike, after the same work', async () => {
    const matches = vi.spyOn(server.parts.auth.passwords, 'matches');
    const wrong = await login('owner@x', 'wrong');
    const unknown = await login('nobody@x', 'wrong');
    expect(wrong.statusCode).toBe(401);
    const { requestId: _, ...first } = wrong.json();
    const { requestId: __, ...second } = unknown.json();
    expect(second).toEqual(first);
    expect(matches).toHaveBeenCalledTimes(2);
    expect(matches.mock.calls[1]).toEqual([null, 'wrong']);
  });

  it('pauses after ten tries for one account, known or not, also for the right password then', async () => {
    for (const email of ['owner@x', 'nobody@x']) {
      for (let n = 0; n < 10; n++) expect((await login(email, 'wrong')).statusCode).toBe(401);
      const eleventh = await login(email, PASSWORD);
      expect(eleventh.statusCode).toBe(429);
      expect(Number(eleventh.headers['retry-after'])).toBe(30);
    }
    time += 30_000;
    expect((await login()).statusCode).toBe(200);
  });

  it('counts spellings of one address as one account', async () => {
    for (let n = 0; n < 10; n++) await login(n % 2 === 0 ? ' OWNER@x' : 'owner@X ', 'wrong');
    expect((await login()).statusCode).toBe(429);
  });

  it('never pauses for right passwords', async () => {
    for (let n = 0; n < 30; n++) expect((await login()).statusCode).toBe(200);
  });

  it('refuses a disabled account as if the password were wrong', async () => {
    await server.parts.store.db.updateTable('user').set({ disabled_at: 1 }).execute();
    expect((await login()).json()).toMatchObject({ code: 'ROC_UNAUTHENTICATED' });
  });

  it('needs a membership, and a choice among several', async () => {
    await addUser('lonely@x', null);
    expect((await login('lonely@x')).statusCode).toBe(403);
    const { store } = server.parts;
    const other = '01JA9V3R8WZQK4T6E5M2N7X0CB';
    const owner = (
      await store.db.selectFrom('user').select('id').where('email', '=', 'owner@x').executeTakeFirstOrThrow()
    ).id;
    await store.db.insertInto('tenant').values({ id: other, name: 'other', created_at: 1 }).execute();
    await store.transaction((tx) => grantRole(tx, other, owner, 'viewer'));
    expect((await login()).json()).toMatchObject({
      code: 'ROC_INVALID_INPUT',
      hint: expect.stringContaining('default, other'),
    });
    const session = (await login('owner@x', PASSWORD, 'other')).json<Session>();
    expect(session.tenant).toBe('other');
    expect((await server.ok('me.show', { token: session.accessToken })).roles).toEqual(['viewer']);
    expect((await login('owner@x', PASSWORD, 'third')).statusCode).toBe(403);
  });
});

describe('a session', () => {
  const start = async () => (await login()).json<Session>();

  it('is renewed by each refresh token once', async () => {
    const first = await start();
    const second = (await refresh(first.refreshToken)).json<Session>();
    expect(second.refreshToken).not.toBe(first.refreshToken);
    const third = (await refresh(second.refreshToken)).json<Session>();
    expect(await me(third.accessToken)).toBe(200);
  });

  it('gives the same next token again within ten seconds, since the reply may have been lost', async () => {
    const first = await start();
    const second = (await refresh(first.refreshToken)).json<Session>();
    time += 10_000;
    const again = await refresh(first.refreshToken);
    expect(again.json<Session>().refreshToken).toBe(second.refreshToken);
    expect((await refresh(second.refreshToken)).statusCode).toBe(200);
  });

  it('survives many refreshes of the same token at once', async () => {
    const first = await start();
    const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(first.refreshToken)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(new Set(answers.map((answer) => answer.json<Session>().refreshToken)).size).toBe(1);
  });

  it('ends whole when a former token comes back later', async () => {
    const first = await start();
    const second = (await refresh(first.refreshToken)).json<Session>();
    time += 10_001;
    expect((await refresh(first.refreshToken)).statusCode).toBe(401);
    expect((await refresh(second.refreshToken)).statusCode).toBe(401);
    expect(await me(second.accessToken)).toBe(401);
  });

  it('ends whole when a token of two renewals ago comes back, also at once', async () => {
    const first = await start();
    const second = (await refresh(first.refreshToken)).json<Session>();
    const third = (await refresh(second.refreshToken)).json<Session>();
    expect((await refresh(first.refreshToken)).statusCode).toBe(401);
    expect((await refresh(third.refreshToken)).statusCode).toBe(401);
  });

  it('is not ended by a token that is made up', async () => {
    const first = await start();
    const forged = first.refreshToken.replace(/\.[^.]+\./, `.${'A'.repeat(43)}.`);
    expect((await refresh(forged)).statusCode).toBe(401);
    expect((await refresh(first.refreshToken)).statusCode).toBe(200);
  });

  it('ends when nobody used it for thirty days', async () => {
    const first = await start();
    time += 30 * 86_400_000 + 1;
    expect((await refresh(first.refreshToken)).statusCode).toBe(401);
  });

  it('ends at once on this node when it is signed out', async () => {
    const { accessToken, refreshToken } = await start();
    expect(await me(accessToken)).toBe(200);
    await server.ok('auth.logout', { token: accessToken });
    expect(await me(accessToken)).toBe(401);
    expect((await refresh(refreshToken)).statusCode).toBe(401);
  });

  it('loses within five seconds what another node took away', async () => {
    const { store } = server.parts;
    for (const takeAway of [
      () => store.db.updateTable('session').set({ revoked_at: time }).execute(),
      () => store.db.updateTable('user').set({ disabled_at: time }).execute(),
      () => store.db.deleteFrom('member').execute(),
      () => store.db.deleteFrom('user').execute(),
    ]) {
      const { accessToken } = await start();
      expect(await me(accessToken)).toBe(200);
      await takeAway();
      time += 5000;
      expect(await me(accessToken)).toBe(401);
      await store.db.updateTable('user').set({ disabled_at: null }).execute();
      const user = await store.db.selectFrom('user').select('id').executeTakeFirst();
      if (user !== undefined)
        await store.transaction((tx) => grantRole(tx, server.tenantId, user.id, 'owner'));
    }
  });

  it('keeps no token in the database', async () => {
    const { accessToken, refreshToken } = await start();
    const rows = JSON.stringify(await server.parts.store.db.selectFrom('session').selectAll().execute());
    expect(rows).not.toContain(refreshToken);
    expect(rows).not.toContain(refreshToken.split('.')[1]);
    expect(rows).not.toContain(accessToken);
  });
});
