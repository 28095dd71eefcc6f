/** What was changed in the database behind the back of the audit chain. */
import { generateKeyPairSync } from 'node:crypto';
import type { Selectable } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkState } from '../../../src/orchestrator/audit/check-state.js';
import { sealJobs } from '../../../src/orchestrator/audit/seal-jobs.js';
import { hashOfToken } from '../../../src/orchestrator/auth/refresh-tokens.js';
import { newUlid } from '../../../src/orchestrator/store/ids.js';
import type { Schema } from '../../../src/orchestrator/store/schema.js';
import { grantRole, insertUser } from '../../../src/orchestrator/store/users.js';
import { takeJob } from '../../helpers/job-keys.js';
import { addPerson } from '../../helpers/people.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import { startTestRunner, startTestServer, type TestServer } from '../../helpers/test-server.js';

let server: TestServer;
let owner: string;
let now: number;
beforeEach(async () => {
  now = Date.UTC(2026, 2, 1);
  server = await startTestServer({ clock: () => now });
  owner = await server.tokenOf('owner');
});
afterEach(() => server.close());

const state = async () => {
  // Access tokens are short.
  owner = (await server.ok('auth.login', { body: { email: 'owner@x', password: PASSWORD } })).accessToken;
  return server.ok('audit.state', { token: owner });
};
const kinds = async () => (await state()).problems.map(({ kind }) => kind);
const PASSWORD = 'correct horse battery staple';

async function robot(): Promise<void> {
  const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0') });
  const params = { robot: 'totals', version: '1.0.0' };
  await server.ok('versions.publish', { token: owner, params, body: bytes });
  await server.ok('deployments.create', { token: owner, body: params });
}

/** A job that has ended, chained or not. */
async function endedJob(): Promise<string> {
  const runner = await startTestRunner(server);
  await server.ok('jobs.start', { token: owner, body: { process: 'totals' } });
  const { jobId, epoch } = await takeJob(server, runner);
  const asked = { token: runner.token, params: { id: jobId } };
  await server.ok('runner.started', { ...asked, body: { epoch } });
  const body = { epoch, resultId: 'result-0123456789', outcome: 'succeeded', error: null } as const;
  await server.ok('runner.complete', { ...asked, body });
  return jobId;
}

const setRunner = (row: object) => server.parts.store.db.updateTable('runner').set(row).execute();

async function otherPool(): Promise<string> {
  return (await server.ok('pools.create', { token: owner, body: { name: 'vip' } })).id;
}

async function foreignPool(): Promise<string> {
  const tenantId = await server.addTenant('acme');
  const { id } = await server.parts.store.db
    .selectFrom('pool')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', 'default')
    .executeTakeFirstOrThrow();
  return id;
}

/** What a runner says to come in, with a token that an owner made. */
async function registration() {
  const { token } = await server.ok('runners.token', { token: owner, body: {} });
  const host = { os: 'linux' as const, arch: 'x64', version: '0.0.0', labels: {}, slots: 1 };
  const raw = (kind: 'ed25519' | 'x25519') =>
    (kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519')).publicKey.export({
      format: 'jwk',
    }).x ?? '';
  return { token, name: 'host-1', signKey: raw('ed25519'), boxKey: raw('x25519'), ...host };
}

type TokenRow = Selectable<Schema['runner_token']>;

/** The id of a token that an owner made, and nobody used. */
async function unusedToken(): Promise<string> {
  return (await server.ok('runners.token', { token: owner, body: {} })).id;
}

async function expiredToken(): Promise<string> {
  const id = await unusedToken();
  now += 2 * 60 * 60_000;
  owner = (await server.ok('auth.login', { body: { email: 'owner@x', password: PASSWORD } })).accessToken;
  return id;
}

/** As a chain of an older version began: with whatever came first, and no word of the owner. */
async function forgetFirstOwner(): Promise<void> {
  const { db } = server.parts.store;
  const { body } = await db
    .selectFrom('audit_event')
    .select('body')
    .where('action', '=', 'owner.create')
    .executeTakeFirstOrThrow();
  const event = { ...JSON.parse(body), action: 'project.create' };
  await db
    .updateTable('audit_event')
    .set({ body: JSON.stringify(event) })
    .where('action', '=', 'owner.create')
    .execute();
}

const seal = () => sealJobs(server.parts.store, server.parts.auth.audit, 50);

describe('an installation in which all was told', () => {
  it('has no problem, whatever people did', async () => {
    await robot();
    await server.ok('roles.create', { token: owner, body: { name: 'night', permissions: ['jobs:read'] } });
    await addPerson(server, { role: 'viewer', email: 'Ada@X' });
    await addPerson(server, { role: 'night', email: 'bo@x', project: 'default', process: 'totals' });
    const to = { user: 'ada@x', project: 'default' };
    await server.ok('roles.grant', { token: owner, params: { role: 'operator' }, body: to });
    await server.ok('roles.grant', { token: owner, params: { role: 'developer' }, body: to });
    await server.ok('roles.revoke', { token: owner, params: { role: 'developer' }, body: to });
    for (const needsSignature of [true, false, true])
      await server.ok('environments.set', {
        ...{ token: owner, params: { environment: 'prod' }, body: { needsSignature } },
      });
    await endedJob();
    await seal();
    now += 6 * 60_000;
    expect(await state()).toEqual({
      checked: { grants: 4, jobs: 1 },
      isWhole: true,
      problems: [],
      notes: [],
    });
  });
});

describe('who can write to the database', () => {
  it('cannot make an owner, nor give a role back that was taken', async () => {
    await addPerson(server, { role: 'viewer', email: 'ada@x' });
    const body = { user: 'ada@x' };
    await server.ok('roles.grant', { token: owner, params: { role: 'admin' }, body });
    await server.ok('roles.revoke', { token: owner, params: { role: 'admin' }, body });
    expect(await kinds()).toEqual([]);
    const { store } = server.parts;
    await store.transaction(async (tx) => {
      const mallory = await insertUser(tx, { email: 'mallory@x', passwordHash: null });
      await grantRole(tx, server.tenantId, mallory, 'owner');
      const ada = await tx.db.selectFrom('user').select('id').where('email', '=', 'ada@x').executeTakeFirst();
      await grantRole(tx, server.tenantId, ada?.id ?? '', 'admin');
    });
    const { problems } = await state();
    expect(problems.map(({ id, message }) => [id, /holds (\w+)/.exec(message)?.[1]]).sort()).toEqual([
      ['ada@x', 'admin'],
      ['mallory@x', 'owner'],
    ]);
  });

  it('cannot be an owner in the place of the first one, who is told of', async () => {
    const { items } = await server.ok('audit.list', { token: owner, query: { action: 'owner.create' } });
    expect(items).toMatchObject([
      { seq: 1, actor: { kind: 'system' }, target: { name: 'owner@x' }, after: { role: 'owner' } },
    ]);
    const { store } = server.parts;
    const mallory = await store.transaction((tx) =>
      insertUser(tx, { email: 'mallory@x', passwordHash: null }),
    );
    const moved = { user_id: mallory };
    await store.db.updateTable('role_grant').set(moved).where('role', '=', 'owner').execute();
    const verdict = await checkState(store, { id: server.tenantId, name: 'default' });
    expect(verdict.problems).toMatchObject([{ kind: 'grant', id: 'mallory@x' }]);
  });

  it('finds in an installation of an older version no place but that of the very first person', async () => {
    await forgetFirstOwner();
    const before = await state();
    expect(before.problems).toEqual([]);
    expect(before.notes).toEqual([expect.stringContaining('owner@x')]);
    const { store } = server.parts;
    await store.transaction(async (tx) => {
      const mallory = await insertUser(tx, { email: 'mallory@x', passwordHash: null });
      await grantRole(tx, server.tenantId, mallory, 'owner');
    });
    expect((await state()).problems).toMatchObject([{ kind: 'grant', id: 'mallory@x' }]);
    const first = store.db.selectFrom('user').select('id').where('email', '=', 'owner@x');
    await store.db.deleteFrom('role_grant').where('user_id', '=', first).execute();
    const { problems, notes } = await checkState(store, { id: server.tenantId, name: 'default' });
    expect([problems.map(({ id }) => id), notes]).toEqual([['mallory@x'], []]);
  });

  it('is told of as the next owner of an older version, once the first one is told to have gone', async () => {
    await forgetFirstOwner();
    await addPerson(server, { role: 'viewer', email: 'ada@x' });
    const { store } = server.parts;
    const makeOwner = (email: string) =>
      store.transaction(async (tx) => {
        const id = await insertUser(tx, { email, passwordHash: null });
        await grantRole(tx, server.tenantId, id, 'owner');
      });
    await makeOwner('me@corp');
    const reported = (await state()).problems;
    expect(reported).toMatchObject([{ id: 'me@corp', message: expect.stringContaining('roc roles grant') }]);
    const body = { user: 'owner@x' };
    await server.ok('roles.revoke', { token: owner, params: { role: 'owner' }, body });
    const check = async () => {
      const { problems, notes } = await checkState(store, { id: server.tenantId, name: 'default' });
      return [problems.map(({ id }) => id), notes];
    };
    expect(await check()).toEqual([[], [expect.stringContaining('me@corp')]]);
    await makeOwner('mallory@x');
    expect(await check()).toEqual([['me@corp', 'mallory@x'], []]);
  });

  it('is no problem any more once it was given again, which is told', async () => {
    await forgetFirstOwner();
    const body = { user: 'owner@x' };
    await server.ok('roles.grant', { token: owner, params: { role: 'owner' }, body });
    expect(await state()).toMatchObject({ problems: [], notes: [] });
  });

  it('cannot widen a role, nor move a grant to where it was not given', async () => {
    await robot();
    await server.ok('projects.create', { token: owner, body: { name: 'payroll' } });
    await server.ok('roles.create', { token: owner, body: { name: 'night', permissions: ['jobs:read'] } });
    await addPerson(server, { role: 'operator', email: 'ada@x', project: 'default' });
    expect(await kinds()).toEqual([]);
    const { db } = server.parts.store;
    await db.updateTable('role').set({ permissions: '["jobs:read","assets:reveal"]' }).execute();
    const { id } = await db
      .selectFrom('project')
      .select('id')
      .where('name', '=', 'payroll')
      .executeTakeFirstOrThrow();
    await db.updateTable('role_grant').set({ scope_id: id }).where('role', '=', 'operator').execute();
    expect((await kinds()).sort()).toEqual(['grant', 'role']);
  });

  it.each<[string, string, () => Promise<unknown>]>([
    [
      'drop the demand for signatures',
      'environment',
      () => server.parts.store.db.deleteFrom('environment_rule').execute(),
    ],
    [
      'turn it off',
      'environment',
      () => server.parts.store.db.updateTable('environment_rule').set({ needs_signature: 0 }).execute(),
    ],
  ])('cannot %s unseen', async (_, kind, tamper) => {
    const demand = { params: { environment: 'prod' }, body: { needsSignature: true } };
    await server.ok('environments.set', { token: owner, ...demand });
    expect(await kinds()).toEqual([]);
    await tamper();
    expect(await kinds()).toEqual([kind]);
  });

  it('cannot trust a key, nor trust one again', async () => {
    const { db } = server.parts.store;
    const publisher = {
      ...{
        id: '01JA9V3R8WZQK4T6E5M2N7X0CB',
        tenant_id: server.tenantId,
        name: 'evil',
        key_id: 'e'.repeat(16),
      },
      ...{ public_key: 'PEM', created_by: 'x', created_at: now, revoked_at: null },
    };
    await db.insertInto('publisher').values(publisher).execute();
    expect(await kinds()).toEqual(['publisher']);
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['give its signing key to another', () => setRunner({ sign_key: 'A'.repeat(43) }), /other keys/],
    ['give its key for packages to another', () => setRunner({ box_key: 'A'.repeat(43) }), /other keys/],
    ['give it the jobs of another pool', async () => setRunner({ pool_id: await otherPool() }), /pool vip/],
    [
      'give it the jobs of another tenant’s pool of the same name',
      async () => setRunner({ pool_id: await foreignPool() }),
      /another tenant/,
    ],
    ['put another in its place', () => setRunner({ id: newUlid(now) }), /says otherwise/],
  ])('cannot %s: a runner', async (_, tamper, message) => {
    await startTestRunner(server, 'host-1');
    expect(await kinds()).toEqual([]);
    await tamper();
    expect((await state()).problems).toMatchObject([
      { kind: 'runner', message: expect.stringMatching(message) },
    ]);
  });

  it('cannot let a runner in, nor one back that was removed', async () => {
    const runner = await startTestRunner(server, 'host-1');
    const { db } = server.parts.store;
    const row = await db.selectFrom('runner').selectAll().executeTakeFirstOrThrow();
    await server.ok('runners.remove', { token: owner, params: { id: runner.id } });
    expect(await kinds()).toEqual([]);
    await db.insertInto('runner').values(row).execute();
    expect(await kinds()).toEqual(['runner']);
    await db.deleteFrom('runner').execute();
    const made = { ...row, id: newUlid(now), name: 'host-2' };
    await db.insertInto('runner').values(made).execute();
    expect((await state()).problems).toMatchObject([{ kind: 'runner', id: made.id }]);
  });

  it('cannot make a token that lets one in', async () => {
    const { db } = server.parts.store;
    const body = await registration();
    await server.ok('runner.register', { body });
    expect(await kinds()).toEqual([]);
    const forged = await db.selectFrom('runner_token').selectAll().executeTakeFirstOrThrow();
    const token = 'rocreg_forged';
    const row = { ...forged, id: newUlid(now), token_hash: hashOfToken(token), used_at: null };
    await db.insertInto('runner_token').values(row).execute();
    await server.ok('runner.register', { body: { ...body, token, name: 'host-2' } });
    expect((await state()).problems).toMatchObject([
      { kind: 'runner', message: expect.stringContaining('a token that nobody') },
    ]);
  });

  it.each<[string, () => Promise<Partial<TokenRow>>, RegExp]>([
    ['that was used', async () => ({}), /another runner had used/],
    [
      'of another pool',
      async () => ({ pool_id: await otherPool(), id: await unusedToken() }),
      /made for default/,
    ],
    ['that has expired', async () => ({ id: await expiredToken() }), /had expired/],
  ])('cannot let a runner in with a token %s', async (_, change, message) => {
    const { db } = server.parts.store;
    const body = await registration();
    await server.ok('runner.register', { body });
    const row = await db.selectFrom('runner_token').selectAll().executeTakeFirstOrThrow();
    const token = 'rocreg_forged';
    const { id, ...set } = { ...row, ...(await change()) };
    const forged = { ...set, token_hash: hashOfToken(token), used_at: null, expires_at: now + 60_000 };
    await db.updateTable('runner_token').set(forged).where('id', '=', id).execute();
    expect(await kinds()).toEqual([]);
    await server.ok('runner.register', { body: { ...body, token, name: 'host-2' } });
    expect((await state()).problems).toMatchObject([
      { kind: 'runner', message: expect.stringMatching(message) },
    ]);
  });

  it('is not found to have changed runners that an older version told of', async () => {
    await startTestRunner(server, 'host-1');
    const { db } = server.parts.store;
    const { body } = await db
      .selectFrom('audit_event')
      .select('body')
      .where('action', '=', 'runner.register')
      .executeTakeFirstOrThrow();
    const { signKey: _, boxKey: __, token: ___, ...after } = JSON.parse(body).after;
    const former = JSON.stringify({ ...JSON.parse(body), after });
    await db
      .updateTable('audit_event')
      .set({ body: former })
      .where('action', '=', 'runner.register')
      .execute();
    expect(await kinds()).toEqual([]);
  });

  it('cannot keep the history of a job from being chained, nor change it afterwards', async () => {
    await robot();
    const [kept, dropped] = [await endedJob(), await endedJob()];
    await server.parts.store.db.deleteFrom('job_seal').where('job_id', '=', dropped).execute();
    await seal();
    // What ended just now may still wait.
    expect((await state()).problems).toEqual([]);
    now += 6 * 60_000;
    expect((await state()).problems).toMatchObject([{ kind: 'job', id: dropped }]);
    const { db } = server.parts.store;
    await db.updateTable('job_event').set({ detail: 'another host' }).where('job_id', '=', kept).execute();
    expect((await state()).problems.map(({ id }) => id).sort()).toEqual([kept, dropped].sort());
  });

  it('cannot put another key, or another purpose, in the place of one that is trusted', async () => {
    const pem = () =>
      String(generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }));
    const body = { name: 'ada', publicKey: pem(), purpose: 'robots' } as const;
    const { publicKey } = await server.ok('publishers.create', { token: owner, body });
    expect(await kinds()).toEqual([]);
    const { db } = server.parts.store;
    const set = (row: object) => db.updateTable('publisher').set(row).execute();
    await set({ public_key: pem() });
    expect(await kinds()).toEqual(['publisher']);
    await set({ public_key: publicKey, purpose: 'evidence' });
    expect(await kinds()).toEqual(['publisher']);
    await set({ purpose: 'robots' });
    expect(await kinds()).toEqual([]);
  });

  it('cannot have a changed history chained again, nor hide a job by an end that is to come', async () => {
    await robot();
    const again = await endedJob();
    await seal();
    const hidden = await endedJob();
    const { db } = server.parts.store;
    await db.deleteFrom('job_seal').execute();
    await db
      .updateTable('job')
      .set({ finished_at: now * 2 })
      .where('id', '=', hidden)
      .execute();
    await db.updateTable('job_event').set({ detail: 'another host' }).where('job_id', '=', again).execute();
    const waiting = { job_id: again, tenant_id: server.tenantId, ended_at: now };
    await db.insertInto('job_seal').values(waiting).execute();
    await seal();
    now += 6 * 60_000;
    expect((await state()).problems.map(({ id }) => id).sort()).toEqual([again, hidden].sort());
  });

  it('cannot have a job chained that has not ended', async () => {
    await robot();
    await server.ok('jobs.start', { token: owner, body: { process: 'totals' } });
    const { db } = server.parts.store;
    const { id } = await db.selectFrom('job').select('id').executeTakeFirstOrThrow();
    await db
      .insertInto('job_seal')
      .values({ job_id: id, tenant_id: server.tenantId, ended_at: now })
      .execute();
    await seal();
    expect(await db.selectFrom('job_seal').selectAll().execute()).toEqual([]);
    const { events } = await db
      .selectFrom('audit_event')
      .select(({ fn }) => fn.countAll<number>().as('events'))
      .where('action', '=', 'jobs.seal')
      .executeTakeFirstOrThrow();
    expect(events).toBe(0);
  });
});
