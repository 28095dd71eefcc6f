import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { purgeTenants } from '../../../src/orchestrator/store/purge-tenants.js';
import { signVersion } from '../../../src/protocol/package/signature.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import { startTestServer, type TestServer } from '../../helpers/test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

it('a tenant that is purged leaves nothing of its keys, secrets, publishers and signatures', async () => {
  const { store, auth, packages } = server.parts;
  const token = await server.tokenOf('owner');
  const { key } = await server.ok('keys.create', {
    token,
    body: { consumer: 'billing', scopes: ['projects:read'] },
  });
  await server.ok('projects.list', { token: key });
  await auth.quotas.flush();
  await server.ok('assets.set', {
    token,
    params: { asset: 'password' },
    body: { kind: 'secret', value: 'x' },
  });
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
  await server.ok('publishers.create', { token, body: { name: 'ci', publicKey: pem } });
  await server.ok('environments.set', {
    token,
    params: { environment: 'prod' },
    body: { needsSignature: true },
  });
  const { bytes, digest } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0') });
  const params = { robot: 'totals', version: '1.0.0' };
  const query = signVersion({ project: 'default', ...params, digest }, privateKey);
  await server.ok('versions.publish', { token, params, query, body: bytes });
  const tables = [
    'api_key',
    'api_quota',
    'api_usage',
    'asset',
    'publisher',
    'version_signature',
    'environment_rule',
  ] as const;
  const counts = async () =>
    Promise.all(tables.map(async (table) => (await store.db.selectFrom(table).selectAll().execute()).length));
  expect(await counts()).toEqual([1, 1, 1, 1, 1, 1, 1]);
  await store.db.updateTable('tenant').set({ state: 'deleted', purge_at: 1 }).execute();
  await purgeTenants(store, packages.blobs);
  expect(await counts()).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect((await store.db.selectFrom('audit_event').select('seq').execute()).length).toBeGreaterThan(5);
});
