/** Tenants that rest, come back, and go with their data. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { purgeTenants } from '../../../src/orchestrator/store/purge-tenants.js';
import { addPerson } from '../../helpers/people.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import { PASSWORD, startTestRunner, startTestServer, type TestServer } from '../../helpers/test-server.js';

let server: TestServer;
let home: string;
let acme: string;
let acmeId: string;
let time: number;
const params = { tenant: 'acme' };

beforeEach(async () => {
  time = Date.now();
  server = await startTestServer({ clock: () => time });
  home = await server.tokenOf('owner');
  acmeId = await server.addTenant('acme');
  acme = await server.tokenOf('owner', 'acme');
});
afterEach(() => server.close());

const me = async (token: string) => (await server.send('me.show', { token })).statusCode;
const login = (email: string, tenant?: string) =>
  server.send('auth.login', {
    body: { email, password: PASSWORD, ...(tenant === undefined ? {} : { tenant }) },
  });
const blobsOf = () =>
  readdirSync(join(server.dataDir, 'blobs'), { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  ).length;

async function fill(token: string, tenant: string): Promise<void> {
  const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0') });
  const version = { robot: 'totals', version: '1.0.0' };
  await server.ok('versions.publish', { token, params: version, body: bytes });
  await server.ok('deployments.create', { token, body: version });
  const runner = await startTestRunner(server, undefined, tenant);
  const job = await server.ok('jobs.start', { token, body: { process: 'totals' } });
  const { sessionEpoch } = runner;
  await server.ok('runner.poll', { token: runner.token, body: { sessionEpoch, freeSlots: 1, waitMs: 0 } });
  await server.ok('jobs.cancel', { token, params: { id: job.id } });
  await server.ok('users.create', { token, body: { email: 'late@x', role: 'viewer' } });
  await server.ok('roles.create', { token, body: { name: 'own', permissions: ['jobs:read'] } });
}

/** Tables in which a tenant has rows. */
async function tablesWith(tenantId: string): Promise<string[]> {
  const { db } = server.parts.store;
  const found: string[] = [];
  for (const { name, columns } of await db.introspection.getTables()) {
    if (!columns.some((column) => column.name === 'tenant_id')) continue;
    const { rows } = await sql<{
      n: number;
    }>`select count(*) as n from ${sql.table(name)} where tenant_id = ${tenantId}`.execute(db);
    if (Number(rows[0]?.n) > 0) found.push(name);
  }
  return found.sort();
}

describe('a paused tenant', () => {
  it('lets nobody in and gives out no job, and all is as it was when it is resumed', async () => {
    await fill(acme, 'acme');
    await server.ok('jobs.start', { token: acme, body: { process: 'totals' } });
    const runner = await startTestRunner(server, undefined, 'acme');
    await server.ok('tenants.pause', { token: home, params });
    expect(await me(acme)).toBe(401);
    expect((await login('owner@acme')).statusCode).toBe(403);
    const poll = { sessionEpoch: runner.sessionEpoch, freeSlots: 1, waitMs: 0 };
    const polled = await server.ok('runner.poll', { token: runner.token, body: poll });
    expect(polled).toEqual({ jobs: [], drain: false });
    // What it runs may end.
    const beat = { sessionEpoch: runner.sessionEpoch, jobs: [] };
    expect((await server.send('runner.heartbeat', { token: runner.token, body: beat })).statusCode).toBe(200);
    expect((await server.send('tenants.pause', { token: home, params })).statusCode).toBe(409);
    await server.ok('tenants.resume', { token: home, params });
    expect(await me(acme)).toBe(200);
    expect((await server.ok('runner.poll', { token: runner.token, body: poll })).jobs).toHaveLength(1);
  });

  it('is never the home tenant', async () => {
    for (const route of ['tenants.pause', 'tenants.resume', 'tenants.delete'] as const) {
      const answer = await server.send(route, { token: home, params: { tenant: 'default' } });
      expect(answer.json(), route).toMatchObject({ code: 'ROC_REFUSED' });
    }
  });
});

describe('a deleted tenant', () => {
  it('comes back within its days', async () => {
    await server.ok('tenants.delete', { token: home, params, query: { keepDays: 3 } });
    expect(await me(acme)).toBe(401);
    time += 2 * 86_400_000;
    expect(await purgeTenants(server.parts.store, server.parts.packages.blobs)).toBe(0);
    const again = await login('owner@x');
    const { accessToken } = again.json<{ accessToken: string }>();
    await server.ok('tenants.resume', { token: accessToken, params });
    expect((await login('owner@acme')).statusCode).toBe(200);
  });

  it('goes whole, with blobs and people, and leaves its audit chain and every other tenant', async () => {
    await fill(home, 'default');
    const [homeBlobs, before] = [blobsOf(), await tablesWith(server.tenantId)];
    await fill(acme, 'acme');
    expect(blobsOf()).toBeGreaterThan(homeBlobs);
    // Somebody who is in both tenants stays in the other.
    await addPerson(server, { role: 'viewer', email: 'both@x' });
    const joined = await server.ok('users.create', {
      token: acme,
      body: { email: 'both@x', role: 'viewer' },
    });
    await server.ok('auth.accept', { body: { token: joined.token, password: PASSWORD } });
    await server.ok('tenants.delete', { token: home, params, query: { keepDays: 0 } });
    expect(await purgeTenants(server.parts.store, server.parts.packages.blobs)).toBe(1);
    expect(await tablesWith(acmeId)).toEqual(expect.arrayContaining(['audit_event', 'audit_head']));
    expect((await tablesWith(acmeId)).filter((name) => !name.startsWith('audit_'))).toEqual([]);
    expect(blobsOf()).toBe(homeBlobs);
    expect(await tablesWith(server.tenantId)).toEqual(before);
    expect((await server.ok('tenants.show', { token: home, params })).state).toBe('purged');
    expect((await login('owner@acme')).statusCode).toBe(401);
    expect((await login('both@x')).statusCode).toBe(200);
    expect((await server.send('tenants.resume', { token: home, params })).statusCode).toBe(409);
    expect(
      (await server.send('tenants.create', { token: home, body: { name: 'acme', owner: 'x@y' } })).statusCode,
    ).toBe(409);
  });
});
