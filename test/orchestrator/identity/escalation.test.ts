/** A hostile member of a tenant, or a hostile tenant, tries to get at more than was given. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../../src/protocol/permissions.js';
import type { RouteId } from '../../../src/protocol/routes.js';
import { addPerson } from '../../helpers/people.js';
import { PASSWORD, startTestServer, type TestRequest, type TestServer } from '../../helpers/test-server.js';

let server: TestServer;
let owner: string;
let admin: string;
let foreignOwner: string;

beforeAll(async () => {
  server = await startTestServer();
  owner = await server.tokenOf('owner');
  admin = await server.tokenOf('admin');
  await server.addTenant('acme');
  foreignOwner = await server.tokenOf('owner', 'acme');
});
afterAll(() => server.close());

const send = async <K extends RouteId>(id: K, token: string, request: TestRequest<K>) => {
  const response = await server.send(id, { ...request, token });
  return { status: response.statusCode, code: response.statusCode < 300 ? '' : response.json().code };
};
const idOf = async (email: string) =>
  (await server.ok('users.list', { token: owner, query: { limit: 500 } })).items.find(
    (one) => one.email === email,
  )?.id ?? '';
const refused = { status: 403, code: 'ROC_FORBIDDEN' };

describe('nobody gives or takes more than they hold', () => {
  it('an admin makes no owner, and unmakes none', async () => {
    const params = { role: 'owner' };
    expect(await send('roles.grant', admin, { params, body: { user: 'admin@x' } })).toEqual(refused);
    expect(await send('roles.revoke', admin, { params, body: { user: 'owner@x' } })).toEqual(refused);
    expect(await send('users.create', admin, { body: { email: 'me@x', role: 'owner' } })).toEqual(refused);
    const owning = { params: { id: await idOf('owner@x') } };
    expect(await send('users.set', admin, { ...owning, body: { suspended: true } })).toEqual(refused);
    expect(await send('users.revoke', admin, owning)).toEqual(refused);
    expect(await send('users.recover', admin, { ...owning, body: { what: 'password' } })).toEqual(refused);
  });

  it('nobody makes a role of permissions that they lack', async () => {
    const body = { name: 'mine', permissions: [...PERMISSIONS] };
    expect(await send('roles.create', admin, { body })).toEqual(refused);
    expect(
      await send('roles.create', foreignOwner, { body: { ...body, permissions: ['tenants:manage'] } }),
    ).toEqual(refused);
  });

  it('a role of a built-in name cannot be made, nor a built-in one deleted, nor the role of runners held', async () => {
    const permissions = ['jobs:read' as const];
    for (const name of ['owner', 'viewer', 'runner']) {
      expect((await send('roles.create', owner, { body: { name, permissions } })).status, name).toBe(409);
      expect((await send('roles.delete', owner, { params: { role: name } })).status, name).toBe(403);
    }
    const body = { user: 'admin@x' };
    expect((await send('roles.grant', owner, { params: { role: 'runner' }, body })).code).toBe('ROC_REFUSED');
  });

  it('with a role that grants, somebody gives what they hold and nothing else', async () => {
    const body = {
      name: 'giver',
      permissions: ['roles:grant' as const, 'jobs:read' as const, 'users:invite' as const],
    };
    await server.ok('roles.create', { token: owner, body });
    await server.ok('roles.create', { token: owner, body: { name: 'reader', permissions: ['jobs:read'] } });
    const giver = await addPerson(server, { role: 'giver', email: 'giver@x' });
    expect(
      (await send('roles.grant', giver, { params: { role: 'reader' }, body: { user: 'giver@x' } })).status,
    ).toBe(200);
    for (const role of ['viewer', 'operator', 'admin']) {
      expect(await send('roles.grant', giver, { params: { role }, body: { user: 'giver@x' } }), role).toEqual(
        refused,
      );
      const invited = { body: { email: 'friend@x', role, project: 'default' } };
      expect(await send('users.create', giver, invited), role).toEqual(refused);
    }
  });
});

describe('the last owner', () => {
  it('cannot be taken away, suspended or removed', async () => {
    const params = { id: await idOf('owner@x') };
    expect(
      (await send('roles.revoke', owner, { params: { role: 'owner' }, body: { user: 'owner@x' } })).status,
    ).toBe(409);
    expect((await send('users.set', owner, { params, body: { suspended: true } })).status).toBe(409);
    expect((await send('users.revoke', owner, { params })).status).toBe(409);
    expect((await server.send('me.show', { token: owner })).statusCode).toBe(200);
  });

  it('stays one where two owners remove each other at once', async () => {
    const second = await addPerson(server, { role: 'owner', email: 'second@x' });
    const [mine, theirs] = [{ id: await idOf('owner@x') }, { id: await idOf('second@x') }];
    const ends = await Promise.all([
      send('users.set', owner, { params: theirs, body: { suspended: true } }),
      send('users.set', second, { params: mine, body: { suspended: true } }),
    ]);
    expect(ends.map(({ status }) => status).sort()).not.toEqual([200, 200]);
    const states = (await server.parts.store.db.selectFrom('member').selectAll().execute()).filter(
      ({ user_id }) => user_id === mine.id || user_id === theirs.id,
    );
    expect(states.filter(({ suspended_at }) => suspended_at === null).length).toBeGreaterThan(0);
    await server.parts.store.db.updateTable('member').set({ suspended_at: null }).execute();
    await server.parts.store.db.updateTable('session').set({ revoked_at: null }).execute();
    server.parts.auth.authenticator.forgetAll();
    await server.ok('users.revoke', { token: owner, params: theirs });
  });
});

describe('a hostile tenant', () => {
  it('learns of no account outside it, and opens none', async () => {
    const known = await server.ok('users.create', {
      token: foreignOwner,
      body: { email: 'admin@x', role: 'viewer' },
    });
    const unknown = await server.ok('users.create', {
      token: foreignOwner,
      body: { email: 'no@x', role: 'viewer' },
    });
    expect(Object.keys(known)).toEqual(Object.keys(unknown));
    expect((await server.ok('users.list', { token: foreignOwner })).items.map(({ email }) => email)).toEqual([
      'owner@acme',
    ]);
    // It holds the token of an invitation for somebody else's account: that account's password is still needed.
    const taken = await server.send('auth.accept', {
      body: { token: known.token, password: 'of the hostile tenant' },
    });
    expect(taken.statusCode).toBe(401);
    expect(
      (await server.send('auth.login', { body: { email: 'admin@x', password: PASSWORD } })).statusCode,
    ).toBe(200);
    // Its owner may join, and keeps the password.
    const joined = await server.ok('auth.accept', { body: { token: known.token, password: PASSWORD } });
    expect(joined.tenant).toBe('acme');
  });

  it('does not recover an account that is in other tenants, too', async () => {
    const { items } = await server.ok('users.list', { token: foreignOwner });
    const params = { id: items.find(({ email }) => email === 'admin@x')?.id ?? '' };
    const tried = await send('users.recover', foreignOwner, { params, body: { what: 'password' } });
    expect(tried).toEqual({ status: 403, code: 'ROC_REFUSED' });
  });

  it('ends no session and no membership of another tenant', async () => {
    const { items } = await server.ok('users.list', { token: foreignOwner });
    const params = { id: items.find(({ email }) => email === 'admin@x')?.id ?? '' };
    await server.ok('users.set', { token: foreignOwner, params, body: { suspended: true } });
    expect((await server.send('me.show', { token: admin })).statusCode).toBe(200);
    await server.ok('users.revoke', { token: foreignOwner, params });
    expect((await server.send('me.show', { token: admin })).statusCode).toBe(200);
  });
});

describe('a one-time link', () => {
  const invite = () => server.ok('users.create', { token: owner, body: { email: 'one@x', role: 'viewer' } });
  const accept = (token: string, password = PASSWORD) =>
    server.send('auth.accept', { body: { token, password } });

  it('is kept as a hash, and used once, also by many at once', async () => {
    const { token } = await invite();
    const rows = JSON.stringify(
      await server.parts.store.db.selectFrom('one_time_link').selectAll().execute(),
    );
    expect(rows).not.toContain(token);
    expect(rows).not.toContain(token.slice(5));
    const ends = await Promise.all([accept(token), accept(token), accept(token)]);
    expect(ends.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect((await accept(token)).json()).toMatchObject({ code: 'ROC_GONE' });
  });

  it('is not used up by a password that is refused', async () => {
    const { token } = await server.ok('users.create', {
      token: owner,
      body: { email: 'two@x', role: 'viewer' },
    });
    for (const bad of ['short', 'Password12345!', 'aaaaaaaaaaaaaaaa', '123456789012']) {
      expect((await accept(token, bad)).json(), bad).toMatchObject({ code: 'ROC_INVALID_INPUT' });
    }
    expect((await accept(token)).statusCode).toBe(200);
  });

  it('ends with its time, with its inviter, and with its role', async () => {
    const { store } = server.parts;
    const late = await invite();
    await store.db.updateTable('one_time_link').set({ expires_at: 1 }).where('id', '=', late.id).execute();
    expect((await accept(late.token)).statusCode).toBe(410);
    const gone = await addPerson(server, { role: 'admin', email: 'gone@x' });
    const made = await server.ok('users.create', { token: gone, body: { email: 'three@x', role: 'viewer' } });
    await server.ok('users.revoke', { token: owner, params: { id: await idOf('gone@x') } });
    expect((await accept(made.token)).statusCode).toBe(410);
    await server.ok('roles.create', { token: owner, body: { name: 'brief', permissions: ['jobs:read'] } });
    const brief = await server.ok('users.create', { token: owner, body: { email: 'four@x', role: 'brief' } });
    await server.ok('roles.delete', { token: owner, params: { role: 'brief' } });
    expect((await accept(brief.token)).statusCode).toBe(404);
  });

  it('to a forgotten password ends every session, and takes the place of older ones', async () => {
    const session = await addPerson(server, { role: 'viewer', email: 'five@x' });
    const ask = async () => {
      await server.ok('auth.recover', { body: { email: 'Five@X', what: 'password' } });
      await server.parts.errands.idle();
      return /token=(\S+)/.exec(server.letters.at(-1)?.text ?? '')?.[1] ?? '';
    };
    const first = await ask();
    const second = await ask();
    expect(server.letters.at(-1)).toMatchObject({ to: 'five@x' });
    expect((await accept(first)).statusCode).toBe(410);
    expect((await accept(second, 'a password quite new')).statusCode).toBe(200);
    expect((await server.send('me.show', { token: session })).statusCode).toBe(401);
    expect(
      (await server.send('auth.login', { body: { email: 'five@x', password: PASSWORD } })).statusCode,
    ).toBe(401);
    const body = { email: 'five@x', password: 'a password quite new' };
    expect((await server.send('auth.login', { body })).statusCode).toBe(200);
  });

  it('is mailed to nobody who has no account, and the answer is the same', async () => {
    const before = server.letters.length;
    const unknown = await server.send('auth.recover', { body: { email: 'nobody@x', what: 'password' } });
    await server.parts.errands.idle();
    expect([unknown.statusCode, unknown.body, server.letters.length]).toEqual([204, '', before]);
    // A look-alike of a known address is another address.
    await server.send('auth.recover', { body: { email: 'fіve@x', what: 'password' } });
    await server.parts.errands.idle();
    expect(server.letters.length).toBe(before);
  });
});
