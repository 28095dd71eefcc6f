/** A good request for each route, about things of the tenant `default` that are made for it. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { canonicalSha256 } from '../../../src/kernel/canonical-json.js';
import { newUlid } from '../../../src/orchestrator/store/ids.js';
import { beat } from '../../../src/orchestrator/store/nodes.js';
import { grantRole, insertUser } from '../../../src/orchestrator/store/users.js';
import type { BodyOf } from '../../../src/protocol/contracts.js';
import type { RouteId } from '../../../src/protocol/routes.js';
import { keyExchange, type TestOffer, takeJob } from '../../helpers/job-keys.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import {
  PASSWORD,
  startTestRunner,
  type TestRequest,
  type TestRunner,
  type TestServer,
} from '../../helpers/test-server.js';

export interface Scene {
  readonly server: TestServer;
  readonly owner: string;
  /** Whose leases the runner's routes are asked about. */
  readonly runner: TestRunner;
  readonly robot: Buffer;
}

type Samples = { readonly [K in RouteId]: (scene: Scene) => Promise<TestRequest<K>> };

/** In a project of its own, so that no other tenant has places of these names. */
const project = 'finance';
const version = { robot: 'totals', version: '1.0.0' };
const process = 'totals';

export async function setScene(server: TestServer): Promise<Scene> {
  const owner = await server.tokenOf('owner');
  await server.ok('projects.create', { token: owner, body: { name: project } });
  const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0', 'assets: [mailbox]\n') });
  const second = await packedRobot({ 'robot.yaml': robotYaml('2.0.0', 'assets: [mailbox]\n') });
  for (const [name, body] of [['1.0.0', bytes] as const, ['2.0.0', second.bytes] as const]) {
    const params = { ...version, version: name };
    await server.ok('versions.publish', { token: owner, params, query: { project }, body });
    await server.ok('deployments.create', { token: owner, body: { ...params, project } });
  }
  const mailbox = { params: { asset: 'mailbox' }, query: { project }, body: { value: 'a@x' } };
  await server.ok('assets.set', { token: owner, ...mailbox });
  return { server, owner, runner: await startTestRunner(server), robot: bytes };
}

const host = { os: 'linux' as const, arch: 'x64', version: '0.0.0', labels: {}, slots: 2 };
const fresh = () => `n${randomUUID().slice(0, 8)}`;
const nothing = async () => ({});
const inProject = async () => ({ params: version, query: { project } });
const named = async () => ({ body: { name: fresh() } });

async function job({ server, owner }: Scene): Promise<string> {
  return (await server.ok('jobs.start', { token: owner, body: { process, project } })).id;
}

async function ofJob(scene: Scene) {
  return { params: { id: await job(scene) } };
}

/** The number of a new session of this scene's runner. */
async function session({ server, runner }: Scene): Promise<number> {
  const body = { bootId: fresh(), ...host, running: [] };
  return (await server.ok('runner.session', { token: runner.token, body })).sessionEpoch;
}

/** A job that this scene's runner holds. */
async function leased(scene: Scene): Promise<{ id: string; epoch: number; offer: TestOffer }> {
  await job(scene);
  const sessionEpoch = await session(scene);
  const offer = await takeJob(scene.server, { ...scene.runner, sessionEpoch });
  return { id: offer.jobId, epoch: offer.epoch, offer };
}

async function person({ server }: Scene): Promise<{ id: string; email: string }> {
  const email = `${fresh()}@x`;
  const id = await server.parts.store.transaction(async (tx) => {
    const made = await insertUser(tx, { email, passwordHash: null });
    await grantRole(tx, server.tenantId, made, 'viewer');
    return made;
  });
  return { id, email };
}

async function tenant({ server }: Scene) {
  const name = fresh();
  await server.addTenant(name);
  return { params: { tenant: name } };
}

async function node({ server: { parts } }: Scene) {
  const id = newUlid(await parts.store.now());
  await beat(parts.store, { id, instanceId: null, version: '0.0.0' }, { held: 0, busy: 0, rssBytes: 0 });
  return { params: { id } };
}

function envelope(): BodyOf<'evidence.publish'> {
  const body = { findings: [fresh()] };
  return {
    ...{
      kind: 'vulns-report',
      generatedAt: '2026-03-01T12:00:00.000Z',
      scope: 'account 1',
      policyHash: null,
    },
    ...{ verdict: 'fail', summary: { open: 1 }, sha256: canonicalSha256(body), signature: null, body },
  };
}

async function asset({ server, owner }: Scene) {
  const params = { asset: fresh() };
  await server.ok('assets.set', { token: owner, params, body: { kind: 'secret', value: 'x' } });
  return { params };
}

function newPublicKey(): string {
  return String(generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }));
}

function apiKey(): BodyOf<'keys.create'> {
  return { consumer: 'billing', scopes: ['projects:read'] };
}

async function key({ server, owner }: Scene) {
  const { id } = await server.ok('keys.create', { token: owner, body: apiKey() });
  return { params: { id } };
}

async function evidence({ server, owner }: Scene) {
  const { id } = await server.ok('evidence.publish', { token: owner, body: envelope() });
  return { params: { id } };
}

async function ownRole({ server, owner }: Scene): Promise<string> {
  const name = fresh();
  await server.ok('roles.create', { token: owner, body: { name, permissions: ['jobs:read'] } });
  return name;
}

export const SAMPLES: Samples = {
  'auth.login': async () => ({ body: { email: 'nobody@x', password: 'wrong' } }),
  'auth.refresh': async () => ({ body: { refreshToken: 'none' } }),
  'auth.sso': async () => ({ body: { code: 'c'.repeat(43), verifier: 'v'.repeat(43) } }),
  'auth.accept': async () => ({ body: { token: 'none', password: 'wrong' } }),
  'auth.recover': async () => ({ body: { email: `${fresh()}@x`, what: 'password' } }),
  'auth.logout': nothing,
  'me.show': nothing,
  'me.password': async () => ({ body: { current: PASSWORD, next: PASSWORD } }),
  'me.factor-enrol': async () => ({ body: { password: PASSWORD } }),
  'me.factor-confirm': async () => ({ body: { otp: 'none' } }),
  'me.factor-remove': async () => ({ body: { password: PASSWORD, otp: 'none' } }),

  'projects.list': nothing,
  'projects.create': named,
  'environments.list': nothing,
  'environments.create': named,
  'environments.set': async ({ server, owner }) => {
    const name = fresh();
    await server.ok('environments.create', { token: owner, body: { name } });
    return { params: { environment: name }, body: { needsSignature: false } };
  },
  'pools.list': nothing,
  'pools.create': named,

  'robots.list': nothing,
  'versions.list': async () => ({ params: { robot: version.robot }, query: { project } }),
  'versions.show': inProject,
  'versions.publish': async ({ robot }) => ({ params: version, query: { project }, body: robot }),
  'versions.pull': inProject,
  'versions.yank': async () => ({ params: { ...version, version: '2.0.0' }, query: { project } }),

  'deployments.list': nothing,
  'deployments.create': async () => ({ body: { ...version, project } }),
  'deployments.rollback': async () => ({ body: { ...version, project } }),

  'processes.list': nothing,
  'processes.show': async () => ({ params: { process }, query: { project } }),
  'processes.set': async () => ({ params: { process }, query: { project }, body: { priority: 4 } }),

  'jobs.list': nothing,
  'jobs.start': async () => ({ body: { process, project } }),
  'jobs.show': ofJob,
  'jobs.logs': ofJob,
  'jobs.events': async (scene) => {
    const id = await job(scene);
    // An ended job's stream ends, too.
    await scene.server.ok('jobs.cancel', { token: scene.owner, params: { id } });
    return { params: { id } };
  },
  'jobs.why': ofJob,
  'jobs.cancel': ofJob,
  'jobs.retry': async (scene) => {
    const id = await job(scene);
    await scene.server.ok('jobs.cancel', { token: scene.owner, params: { id } });
    return { params: { id } };
  },

  'runners.list': nothing,
  'runners.token': async ({ server, owner }) => {
    const name = fresh();
    await server.ok('pools.create', { token: owner, body: { name } });
    return { body: { pool: name } };
  },
  'runners.drain': async ({ server }) => ({ params: { id: (await startTestRunner(server)).id } }),
  'runners.remove': async ({ server }) => ({ params: { id: (await startTestRunner(server)).id } }),

  'assets.list': nothing,
  'assets.show': asset,
  'assets.set': async () => ({ params: { asset: fresh() }, body: { value: 'x' } }),
  'assets.reveal': asset,
  'assets.delete': asset,
  'assets.grant': asset,
  'assets.revoke': asset,

  'publishers.list': nothing,
  'publishers.create': async () => ({ body: { name: fresh(), publicKey: newPublicKey() } }),
  'publishers.revoke': async ({ server, owner }) => {
    const body = { name: fresh(), publicKey: newPublicKey() };
    const { id } = await server.ok('publishers.create', { token: owner, body });
    return { params: { id } };
  },

  'keys.create': async () => ({ body: apiKey() }),
  'keys.list': nothing,
  'keys.revoke': key,
  'keys.usage': key,

  'audit.list': nothing,
  'audit.export': nothing,
  'audit.checkpoint': nothing,
  'audit.keys': nothing,
  'audit.state': nothing,

  'evidence.publish': async () => ({ body: envelope() }),
  'evidence.list': nothing,
  'evidence.show': evidence,
  'evidence.content': evidence,

  'nodes.list': nothing,
  'nodes.show': node,
  'nodes.drain': node,
  'nodes.resume': node,

  'users.list': nothing,
  'users.show': async (scene) => ({ params: { id: (await person(scene)).id } }),
  'users.create': async () => ({ body: { email: `${fresh()}@x`, role: 'viewer', project } }),
  'users.invite': async () => ({ body: { email: `${fresh()}@x`, role: 'viewer', project } }),
  'users.recover': async (scene) => ({
    params: { id: (await person(scene)).id },
    body: { what: 'password' },
  }),
  'users.set': async (scene) => ({ params: { id: (await person(scene)).id }, body: { suspended: true } }),
  'users.revoke': async (scene) => ({ params: { id: (await person(scene)).id } }),

  'roles.list': nothing,
  'roles.create': async () => ({ body: { name: fresh(), permissions: ['jobs:read'] } }),
  'roles.delete': async (scene) => ({ params: { role: await ownRole(scene) } }),
  'roles.grant': async (scene) => ({
    params: { role: 'operator' },
    body: { user: (await person(scene)).email, project, process },
  }),
  'roles.revoke': async (scene) => ({
    params: { role: 'viewer' },
    body: { user: (await person(scene)).email },
  }),

  'tenants.list': nothing,
  'tenants.create': async () => ({ body: { name: fresh(), owner: 'first@x' } }),
  'tenants.show': tenant,
  'tenants.set': async (scene) => ({ ...(await tenant(scene)), body: { needsSecondFactor: true } }),
  'tenants.pause': tenant,
  'tenants.resume': async (scene) => {
    const request = await tenant(scene);
    await scene.server.ok('tenants.pause', { token: scene.owner, ...request });
    return request;
  },
  'tenants.delete': tenant,

  'runner.register': async () => ({
    body: { token: 'none', name: fresh(), signKey: 'A'.repeat(43), boxKey: 'A'.repeat(43), ...host },
  }),
  'runner.token': async () => ({ body: { assertion: 'none' } }),
  'runner.session': async () => ({ body: { bootId: 'boot', ...host, running: [] } }),
  'runner.leave': async (scene) => ({ query: { sessionEpoch: await session(scene) } }),
  'runner.poll': async (scene) => ({
    body: { sessionEpoch: await session(scene), freeSlots: 1, waitMs: 0 },
  }),
  'runner.heartbeat': async (scene) => ({ body: { sessionEpoch: await session(scene), jobs: [] } }),
  'runner.drain': async (scene) => ({ body: { sessionEpoch: await session(scene) } }),
  'runner.started': async (scene) => {
    const { id, epoch } = await leased(scene);
    return { params: { id }, body: { epoch } };
  },
  'runner.key': async (scene) => {
    const { id, epoch, offer } = await leased(scene);
    return { params: { id }, body: { epoch, exchange: await keyExchange(scene.runner, offer) } };
  },
  'runner.job-token': async (scene) => {
    const { id, epoch } = await leased(scene);
    return { params: { id }, body: { epoch } };
  },
  // With the one token that opens it: that of the job which is asked about.
  'runner.asset': async (scene) => {
    const { id, epoch } = await leased(scene);
    const asked = { token: scene.runner.token, params: { id }, body: { epoch } };
    const { token } = await scene.server.ok('runner.job-token', asked);
    return { token, params: { id, asset: 'mailbox' } };
  },
  'runner.package': async (scene) => {
    const { id, epoch } = await leased(scene);
    return { params: { id }, query: { epoch } };
  },
  'runner.logs': async (scene) => {
    const { id, epoch } = await leased(scene);
    const line = { seq: 1, at: '2026-01-01T00:00:00.000Z', stream: 'stdout' as const, text: 'x' };
    return { params: { id }, body: { epoch, lines: [line] } };
  },
  'runner.complete': async (scene) => {
    const { id, epoch } = await leased(scene);
    return {
      params: { id },
      body: { epoch, resultId: randomUUID(), outcome: 'succeeded', output: null, error: null },
    };
  },
  'runner.complete-many': async (scene) => {
    const { id: jobId, epoch } = await leased(scene);
    const done = { resultId: randomUUID(), outcome: 'succeeded' as const, output: null, error: null };
    return { body: { results: [{ jobId, epoch, ...done }] } };
  },
};
