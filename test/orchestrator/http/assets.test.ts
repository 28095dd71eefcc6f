import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../helpers/test-server.js';

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startTestServer();
  owner = await server.tokenOf('owner');
});
afterAll(() => server.close());

const set = (asset: string, value: string, kind: 'text' | 'secret' = 'secret') =>
  server.ok('assets.set', { token: owner, params: { asset }, body: { kind, value } });
const reveal = (asset: string, token = owner) => server.send('assets.reveal', { token, params: { asset } });
const rowOf = (name: string) =>
  server.parts.store.db.selectFrom('asset').selectAll().where('name', '=', name).executeTakeFirstOrThrow();

describe('a secret', () => {
  it('is in no row, no list and no audit event, and is told when somebody looks', async () => {
    await set('password', 'hunter2-é');
    expect(JSON.stringify(await rowOf('password'))).not.toContain('hunter2');
    expect(
      (await server.ok('assets.show', { token: owner, params: { asset: 'password' } })).value,
    ).toBeNull();
    expect((await reveal('password')).json()).toMatchObject({ value: 'hunter2-é' });
    const { items } = await server.ok('audit.list', { token: owner });
    expect(items.slice(0, 2).map(({ action }) => action)).toEqual(['asset.reveal', 'asset.set']);
    expect(JSON.stringify(items)).not.toContain('hunter2');
  });

  it('is sealed anew each time, under a key of its own', async () => {
    await set('again', 'same');
    const before = await rowOf('again');
    await set('again', 'same');
    const after = await rowOf('again');
    expect(after.id).toBe(before.id);
    expect([after.sealed_value, after.wrapped_key]).not.toContain(before.sealed_value);
    expect(after.wrapped_key).not.toBe(before.wrapped_key);
  });

  it('does not open when it was changed, or moved to another asset', async () => {
    await set('one', 'first');
    await set('two', 'second');
    const { sealed_value, wrapped_key } = await rowOf('one');
    const { db } = server.parts.store;
    await db.updateTable('asset').set({ sealed_value, wrapped_key }).where('name', '=', 'two').execute();
    expect((await reveal('two')).statusCode).toBe(500);
    const flipped = `${sealed_value?.startsWith('A') ? 'B' : 'A'}${sealed_value?.slice(1)}`;
    await db.updateTable('asset').set({ sealed_value: flipped }).where('name', '=', 'one').execute();
    const answer = await reveal('one');
    expect([answer.statusCode, answer.body.includes('first')]).toEqual([500, false]);
  });

  it('is set by developers, shown to admins', async () => {
    const developer = await server.tokenOf('developer');
    const body = { kind: 'secret' as const, value: 'x' };
    expect(
      (await server.send('assets.set', { token: developer, params: { asset: 'dev' }, body })).statusCode,
    ).toBe(200);
    expect((await reveal('dev', developer)).statusCode).toBe(403);
    expect((await reveal('dev', await server.tokenOf('admin'))).statusCode).toBe(200);
  });

  it('is not kept for a repeated request', async () => {
    await set('once', 'hunter3');
    const headers = { 'idempotency-key': 'look' };
    const look = () => server.send('assets.reveal', { token: owner, params: { asset: 'once' }, headers });
    expect((await look()).json()).toMatchObject({ value: 'hunter3' });
    expect((await look()).statusCode).toBe(409);
    expect(
      JSON.stringify(await server.parts.store.db.selectFrom('idempotency').selectAll().execute()),
    ).not.toContain('hunter3');
  });
});

describe('a text', () => {
  it('may become a secret, and leaves nothing behind', async () => {
    await set('plain', 'visible', 'text');
    expect((await server.ok('assets.show', { token: owner, params: { asset: 'plain' } })).value).toBe(
      'visible',
    );
    expect((await reveal('plain')).statusCode).toBe(422);
    await set('plain', 'hidden');
    expect(JSON.stringify(await rowOf('plain'))).not.toMatch(/visible|hidden/);
  });
});
