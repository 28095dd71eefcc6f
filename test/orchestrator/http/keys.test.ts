import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyToken, prefixOfKey } from '../../../src/orchestrator/auth/api-key-token.js';
import type { BodyOf } from '../../../src/protocol/contracts.js';
import { startTestServer, type TestServer } from '../../helpers/test-server.js';

const DAY = 86_400_000;
let now: number;
let server: TestServer;
let owner: string;
beforeEach(async () => {
  now = Date.UTC(2026, 2, 1, 12);
  server = await startTestServer({ clock: () => now });
  owner = await server.tokenOf('owner');
});
afterEach(() => server.close());

const make = (wish: Partial<BodyOf<'keys.create'>> = {}) =>
  server.ok('keys.create', {
    token: owner,
    body: { consumer: 'billing', scopes: ['projects:read'], ...wish },
  });

describe('an API key', () => {
  it('is shown once, is stored as a hash, and opens what its scopes say', async () => {
    const { key, ...shown } = await make();
    expect(key).toMatch(/^roc_[a-z2-7]{8}_[A-Za-z0-9_-]{43}$/);
    const rows = JSON.stringify(await server.parts.store.db.selectFrom('api_key').selectAll().execute());
    expect(rows).not.toContain(key.slice(13));
    expect((await server.ok('keys.list', { token: owner })).items).toEqual([shown]);
    expect((await server.send('projects.list', { token: key })).statusCode).toBe(200);
    expect((await server.send('projects.create', { token: key, body: { name: 'x' } })).statusCode).toBe(403);
  });

  it('is no person and no runner', async () => {
    const { key } = await make({ scopes: ['projects:read', 'keys:write'] });
    for (const route of ['me.password', 'auth.logout', 'runner.poll', 'runner.asset'] as const) {
      expect((await server.send(route, { token: key })).statusCode, route).toBe(403);
    }
  });

  it('is told what it is and may', async () => {
    const { key, id } = await make({ scopes: ['jobs:start', 'projects:read'] });
    expect(await server.ok('me.show', { token: key })).toEqual({
      ...{ kind: 'key', id, email: 'key:billing', tenant: 'default', roles: ['key'] },
      ...{ permissions: ['jobs:start', 'projects:read'], tenantId: server.tenantId },
    });
  });

  it('gives no more than its maker holds, also when a key makes keys', async () => {
    const admin = await server.tokenOf('admin');
    const ask = (token: string, scopes: BodyOf<'keys.create'>['scopes']) =>
      server.send('keys.create', { token, body: { consumer: 'x', scopes } });
    expect((await ask(admin, ['owners:manage'])).statusCode).toBe(403);
    const { key } = await make({ scopes: ['keys:write', 'projects:read'] });
    expect((await ask(key, ['projects:write'])).statusCode).toBe(403);
    expect((await ask(key, ['projects:read'])).statusCode).toBe(201);
    expect((await ask(await server.tokenOf('developer'), ['projects:read'])).statusCode).toBe(403);
  });

  it('is refused in one and the same way, whatever is wrong with it', async () => {
    const { key, id } = await make();
    const changed = key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');
    const { token: unknown } = newKeyToken();
    const bodies = new Set<string>();
    for (const token of [
      changed,
      unknown,
      `roc_${key.slice(4).toUpperCase()}`,
      'roc_',
      `${key}x`,
      key.slice(0, 13),
    ]) {
      const response = await server.send('projects.list', { token });
      expect(response.statusCode, token).toBe(401);
      bodies.add(response.json().detail);
    }
    expect(bodies.size).toBe(1);
    await server.ok('keys.revoke', { token: owner, params: { id } });
    now += 5001;
    expect((await server.send('projects.list', { token: key })).statusCode).toBe(401);
  });

  it('expires to the second', async () => {
    const { key } = await make({ lifeDays: 1 });
    now += DAY - 1;
    expect((await server.send('projects.list', { token: key })).statusCode).toBe(200);
    now += 1;
    expect((await server.send('projects.list', { token: key })).statusCode).toBe(401);
  });

  it("ends with its tenant's work", async () => {
    const { key } = await make();
    await server.parts.store.db.updateTable('tenant').set({ state: 'paused' }).execute();
    now += 5001;
    expect((await server.send('projects.list', { token: key })).statusCode).toBe(401);
  });

  it.each([
    { tenant_id: '0'.repeat(26) },
    { scopes: '["projects:read","projects:write","owners:manage"]' },
    { rps: 10_000 },
    { daily: 1 },
    { expires_at: Date.UTC(2099, 0, 1) },
    { consumer: 'payroll' },
  ])('is worth nothing once somebody with the database alone has set %j', async (change) => {
    const { key, id } = await make();
    const { db } = server.parts.store;
    await db
      .insertInto('tenant')
      .values({ id: '0'.repeat(26), name: 'other', created_at: 1 })
      .execute();
    expect((await server.send('projects.list', { token: key })).statusCode).toBe(200);
    await db.updateTable('api_key').set(change).where('id', '=', id).execute();
    now += 5001;
    expect((await server.send('projects.list', { token: key })).statusCode).toBe(401);
  });

  it('cannot be made by writing a row', async () => {
    const { id } = await make();
    const { db } = server.parts.store;
    const { token, prefix } = newKeyToken();
    const sha256 = createHash('sha256').update(token).digest('hex');
    await db.updateTable('api_key').set({ prefix, key_hash: sha256 }).where('id', '=', id).execute();
    expect((await server.send('projects.list', { token })).statusCode).toBe(401);
  });

  it('is told in the audit chain without its secret, and so is what is done with it', async () => {
    const { key, id } = await make({ scopes: ['projects:write'] });
    await server.ok('projects.create', { token: key, body: { name: 'payroll' } });
    await server.ok('keys.revoke', { token: owner, params: { id } });
    const { items } = await server.ok('audit.list', { token: owner });
    expect(items.slice(0, 3).map(({ action, actor }) => [action, actor.kind, actor.name])).toEqual([
      ['key.revoke', 'user', 'owner@x'],
      ['project.create', 'key', 'key:billing'],
      ['key.create', 'user', 'owner@x'],
    ]);
    expect(JSON.stringify(items)).not.toContain(key.slice(13));
  });

  it('is not made again under one Idempotency-Key: its secret was not kept', async () => {
    const headers = { 'idempotency-key': 'once' };
    const body = { consumer: 'billing', scopes: ['projects:read' as const] };
    const first = await server.ok('keys.create', { token: owner, body, headers });
    const again = await server.send('keys.create', { token: owner, body, headers });
    expect([again.statusCode, again.json().id]).toEqual([409, first.id]);
  });

  it.each([
    { consumer: '' },
    { consumer: 'a\nb' },
    { scopes: [] },
    { scopes: ['everything'] },
    { rps: 0 },
    { daily: 0 },
    { tenantId: 'x' },
  ])('is not made from %j', async (wish) => {
    const body = { consumer: 'x', scopes: ['projects:read'], ...wish } as never;
    expect((await server.send('keys.create', { token: owner, body })).statusCode).toBe(422);
  });

  it('has a prefix that only a whole key shows', () => {
    const { token, prefix } = newKeyToken();
    expect(prefixOfKey(token)).toBe(prefix);
    expect(prefixOfKey(token.slice(0, -1))).toBeNull();
  });
});

describe('the quota of a key', () => {
  const statuses = async (token: string, times: number) => {
    const all = await Promise.all(
      Array.from({ length: times }, () => server.send('projects.list', { token })),
    );
    return { ok: all.filter(({ statusCode }) => statusCode === 200).length, last: all.at(-1), all };
  };

  it('lets a second of requests through, then says when to come back', async () => {
    const { key } = await make({ rps: 20 });
    const { ok, last, all } = await statuses(key, 30);
    expect(ok).toBe(20);
    expect(last?.statusCode).toBe(429);
    expect(last?.json()).toMatchObject({ code: 'ROC_THROTTLED', status: 429 });
    expect(last?.headers).toMatchObject({
      'retry-after': '1',
      'ratelimit-limit': '20',
      'ratelimit-remaining': '0',
    });
    expect(all[0]?.headers).toMatchObject({ 'ratelimit-limit': '20', 'ratelimit-policy': '20;w=1' });
    now += 500;
    expect((await statuses(key, 30)).ok).toBe(10);
  });

  it('counts refused requests too, so that asking for what is closed is not free', async () => {
    const { key } = await make({ rps: 5 });
    for (let n = 0; n < 5; n++) await server.send('projects.create', { token: key, body: { name: 'x' } });
    expect((await server.send('projects.list', { token: key })).statusCode).toBe(429);
  });

  it('ends with the day, and says so in seconds', async () => {
    const { key } = await make({ rps: 100, daily: 30 });
    expect((await statuses(key, 40)).ok).toBe(30);
    const refused = await server.send('projects.list', { token: key });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(11 * 3600);
    expect(refused.headers['ratelimit-policy']).toBe('100;w=1, 30;w=86400');
    now += DAY / 2;
    expect((await statuses(key, 40)).ok).toBe(30);
  });

  it('is written down by day and class of route', async () => {
    const { key, id } = await make({ rps: 10, scopes: ['projects:read', 'audit:read'] });
    await statuses(key, 9);
    await server.send('audit.export', { token: key });
    await server.send('projects.list', { token: key });
    await server.parts.auth.quotas.flush();
    now += DAY;
    await server.send('projects.list', { token: key });
    await server.parts.auth.quotas.flush();
    const usage = await server.ok('keys.usage', { token: await relogin(), params: { id } });
    expect(usage.items).toEqual([
      { day: '2026-03-02', routeClass: 'api', requests: 1, denied: 0 },
      { day: '2026-03-01', routeClass: 'api', requests: 9, denied: 1 },
      { day: '2026-03-01', routeClass: 'upload', requests: 1, denied: 0 },
    ]);
    const [listed] = (await server.ok('keys.list', { token: await relogin() })).items;
    expect(listed?.lastUsedAt).toBe('2026-03-02T12:00:00.000Z');
  });

  const relogin = async () =>
    (await server.ok('auth.login', { body: { email: 'owner@x', password: 'correct horse battery staple' } }))
      .accessToken;
});
