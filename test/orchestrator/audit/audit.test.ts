import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditSecretsOf } from '../../../src/orchestrator/audit/audit-keys.js';
import { recentCheckpoints } from '../../../src/orchestrator/audit/checkpoint-blobs.js';
import { createCheckpoints } from '../../../src/orchestrator/audit/checkpoints.js';
import { exportChain } from '../../../src/orchestrator/audit/export-chain.js';
import {
  type OwnCheckpoints,
  openOwnCheckpoints,
  rememberCheckpoints,
} from '../../../src/orchestrator/audit/own-checkpoints.js';
import { sealJobs } from '../../../src/orchestrator/audit/seal-jobs.js';
import { readJobEvents } from '../../../src/orchestrator/store/job-events.js';
import type { Checkpoint } from '../../../src/protocol/audit/checkpoint.js';
import { digestOfJob } from '../../../src/protocol/audit/job-digest.js';
import { verifyExport } from '../../../src/protocol/audit/verify-export.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import { PASSWORD, startTestServer, type TestServer } from '../../helpers/test-server.js';

const MINUTE = 60_000;
let now: number;
let server: TestServer;
let owner: string;

beforeEach(async () => {
  now = Date.UTC(2026, 2, 1);
  server = await startTestServer({ clock: () => now });
  owner = await server.tokenOf('owner');
});
afterEach(() => server.close());

/** Time passes, and the owner signs in again. */
async function later(ms: number): Promise<void> {
  now += ms;
  owner = (await server.ok('auth.login', { body: { email: 'owner@x', password: PASSWORD } })).accessToken;
}

const create = (name: string) => server.ok('projects.create', { token: owner, body: { name } });
const events = async () => (await server.ok('audit.list', { token: owner })).items.reverse();

async function exported(): Promise<string> {
  const response = await server.send('audit.export', { token: owner });
  expect(response.statusCode).toBe(200);
  return response.body;
}

async function verify(held: Checkpoint[] = [], text?: string, publicKeys: string[] | null = null) {
  const lines = createInterface({ input: Readable.from([text ?? (await exported())]) });
  return verifyExport({ lines, publicKeys, held });
}

/** Another server process on the same database: it remembers nothing of what this one saw. */
function freshCheckpoints(own: OwnCheckpoints = rememberCheckpoints()) {
  const { store, auth, packages, log } = server.parts;
  const parts = { own, store, audit: auth.audit, secrets: auth.auditSecrets, blobs: packages.blobs, log };
  return createCheckpoints({ ...parts, intervalMs: 15 * MINUTE });
}

/** What a server exports that has come anew, with what its own disk keeps. */
async function exportedAnew(own: OwnCheckpoints): Promise<string> {
  const { store, packages, auth } = server.parts;
  const parts = { store, blobs: packages.blobs, secrets: auth.auditSecrets };
  const lines: string[] = [];
  const tenant = { id: server.tenantId, name: 'default' };
  for await (const piece of exportChain({ ...parts, own: own.newest(server.tenantId) }, tenant))
    lines.push(piece.toString());
  return lines.join('');
}

describe('what the chain holds', () => {
  it('tells who did what, from where, under which request, with what before', async () => {
    await server.ok('projects.create', {
      token: owner,
      body: { name: 'payroll' },
      headers: { 'x-request-id': 'request-77' },
    });
    const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0') });
    const params = { robot: 'totals', version: '1.0.0' };
    await server.ok('versions.publish', { token: owner, params, body: bytes });
    await server.ok('versions.publish', { token: owner, params, body: bytes });
    await server.ok('deployments.create', { token: owner, body: { ...params } });
    await server.ok('processes.set', {
      token: owner,
      params: { process: 'totals' },
      body: { maxAttempts: 3 },
    });
    await server.ok('jobs.start', {
      token: owner,
      body: { process: 'totals', input: { iban: 'ES00 secret' } },
    });
    const all = await events();
    expect(all.map(({ action }) => action)).toEqual([
      'owner.create',
      'session.begin',
      'project.create',
      'version.publish',
      'deployment.create',
      'process.set',
      'job.start',
    ]);
    expect(all[2]).toMatchObject({
      seq: 3,
      actor: { kind: 'user', name: 'owner@x' },
      address: '127.0.0.1',
      requestId: 'request-77',
      target: { kind: 'project', name: 'payroll' },
      outcome: 'done',
    });
    expect(all[5]).toMatchObject({ before: { maxAttempts: 1 }, after: { maxAttempts: 3 } });
    expect(JSON.stringify(all)).not.toContain('ES00');
    expect((await verify()).verdict).toBe('pass');
  });

  it('leaves no event of what was rolled back, and none of what was answered from memory', async () => {
    const headers = { 'idempotency-key': 'once' };
    for (const _ of [1, 2])
      await server.ok('projects.create', { token: owner, body: { name: 'payroll' }, headers });
    expect(
      (await server.send('projects.create', { token: owner, body: { name: 'payroll' } })).statusCode,
    ).toBe(409);
    expect((await events()).map(({ action }) => action)).toEqual([
      ...['owner.create', 'session.begin', 'project.create'],
    ]);
  });

  it('is open to who may read it, and only inside the own tenant', async () => {
    for (const role of ['developer', 'operator', 'viewer'] as const) {
      expect((await server.send('audit.list', { token: await server.tokenOf(role) })).statusCode).toBe(403);
    }
    expect((await server.send('audit.list', { token: await server.tokenOf('auditor') })).statusCode).toBe(
      200,
    );
  });

  it('takes any well-formed text, and nothing that was refused before it was work', async () => {
    const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0') });
    const params = { robot: 'totals', version: '1.0.0' };
    await server.ok('versions.publish', { token: owner, params, body: bytes });
    const refused = await server.send('deployments.create', {
      token: owner,
      body: { ...params, reason: '\ud800 half' },
    });
    expect(refused.statusCode).toBe(422);
    const reason = '\u202e"\\ ¡ñ! 🤖';
    await server.ok('deployments.create', { token: owner, body: { ...params, reason } });
    expect((await events()).at(-1)?.after).toMatchObject({ reason });
    expect((await verify()).verdict).toBe('pass');
  });

  it('counts refusals of unknown callers a minute, and tells each of a known one up to a bound', async () => {
    for (let n = 0; n < 30; n++) await server.send('projects.list');
    for (let n = 0; n < 3; n++)
      await server.send('auth.login', { body: { email: 'owner@x', password: 'wrong' } });
    const viewer = await server.tokenOf('viewer');
    for (let n = 0; n < 25; n++)
      await server.send('projects.create', { token: viewer, body: { name: 'mine' } });
    const { refusals } = server.parts;
    await refusals.flush();
    expect((await events()).filter(({ action }) => action === 'access.refuse')).toHaveLength(20);
    now += MINUTE;
    await refusals.flush();
    const counts = (await events()).at(-1);
    expect(counts).toMatchObject({ actor: { kind: 'anonymous' }, outcome: 'refused' });
    expect(counts?.after?.['refusals']).toEqual([
      { route: 'projects.list', status: 401, address: '127.0.0.1', count: 30 },
      { route: 'auth.login', status: 401, address: '127.0.0.1', count: 3 },
      { actor: 'viewer@x', route: 'projects.create', status: 403, address: '127.0.0.1', count: 5 },
    ]);
    expect(JSON.stringify(await events())).not.toContain('wrong');
  });

  it('tells of a refresh token that was used twice', async () => {
    const session = await server.ok('auth.login', { body: { email: 'owner@x', password: PASSWORD } });
    const body = { refreshToken: session.refreshToken };
    await server.ok('auth.refresh', { body });
    now += MINUTE;
    expect((await server.send('auth.refresh', { body })).statusCode).toBe(401);
    expect((await events()).at(-1)).toMatchObject({
      action: 'session.reuse',
      outcome: 'refused',
      address: '127.0.0.1',
    });
  });

  it('has the digest of every job that ended, made once', async () => {
    const { store, auth } = server.parts;
    const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0') });
    const params = { robot: 'totals', version: '1.0.0' };
    await server.ok('versions.publish', { token: owner, params, body: bytes });
    await server.ok('deployments.create', { token: owner, body: params });
    const { id } = await server.ok('jobs.start', { token: owner, body: { process: 'totals', input: {} } });
    expect(await sealJobs(store, auth.audit, 50)).toBe(0);
    await server.ok('jobs.cancel', { token: owner, params: { id } });
    expect(await sealJobs(store, auth.audit, 50)).toBe(1);
    expect(await sealJobs(store, auth.audit, 50)).toBe(0);
    const history = (await readJobEvents(store, [id])).get(id) ?? [];
    const digest = digestOfJob(id, history);
    expect((await events()).at(-1)).toMatchObject({
      action: 'jobs.seal',
      actor: { kind: 'system' },
      after: { jobs: [{ id, state: 'canceled', events: 2, digest }] },
    });
    expect(
      digestOfJob(
        id,
        history.map((event) => ({ ...event, state: 'succeeded' })),
      ),
    ).not.toBe(digest);
  });
});

describe('who can write to the database', () => {
  beforeEach(async () => {
    for (let n = 0; n < 10; n++) await create(`p${n}`);
  });

  const update = (seq: number, set: object) =>
    server.parts.store.db.updateTable('audit_event').set(set).where('seq', '=', seq).execute();
  const cut = async (after: number) => {
    const { db } = server.parts.store;
    const { hash } = await db
      .selectFrom('audit_event')
      .select('hash')
      .where('seq', '=', after)
      .executeTakeFirstOrThrow();
    await db.deleteFrom('audit_event').where('seq', '>', after).execute();
    await db.updateTable('audit_head').set({ seq: after, hash }).execute();
  };
  const body = async (seq: number) =>
    (
      await server.parts.store.db
        .selectFrom('audit_event')
        .select('body')
        .where('seq', '=', seq)
        .executeTakeFirstOrThrow()
    ).body;

  it.each<[string, number, () => Promise<unknown>]>([
    ['changes a body', 5, async () => update(5, { body: (await body(5)).replace('owner@x', 'other@x') })],
    ['changes a column to hide a row from a search', 6, () => update(6, { action: 'project.list' })],
    [
      'deletes a row',
      7,
      () => server.parts.store.db.deleteFrom('audit_event').where('seq', '=', 7).execute(),
    ],
    [
      'swaps two rows',
      4,
      async () => {
        const [four, five] = [await body(4), await body(5)];
        await update(4, { body: five });
        await update(5, { body: four });
      },
    ],
    ['cuts the tail', 9, () => cut(8)],
  ])('and %s is found at event %i', async (_, seq, tamper) => {
    await server.parts.checkpoints.make(server.tenantId);
    expect((await verify()).verdict).toBe('pass');
    await tamper();
    expect(await verify()).toMatchObject({ verdict: 'fail', firstBad: { seq } });
  });

  it('cannot hide a cut by removing the newest checkpoint from the database: the blob store has it', async () => {
    await server.parts.checkpoints.make(server.tenantId);
    await cut(8);
    await server.parts.store.db.deleteFrom('audit_checkpoint').execute();
    expect(await verify()).toMatchObject({ verdict: 'fail', firstBad: { seq: 9 } });
    expect(await freshCheckpoints().make(server.tenantId)).toBeNull();
  });

  it('cannot hide it by removing the blob, too: the auditor has it, or the newest left is too old', async () => {
    const { checkpoints, packages, store } = server.parts;
    await checkpoints.make(server.tenantId);
    await later(15 * MINUTE);
    const taken = (await checkpoints.make(server.tenantId)) as Checkpoint;
    now += 8 * MINUTE;
    expect(await verify([taken])).toMatchObject({ verdict: 'pass', notes: [] });
    await cut(12);
    await store.db.deleteFrom('audit_checkpoint').where('number', '=', taken.number).execute();
    for await (const { key } of packages.blobs.list('audit/'))
      if (key.endsWith('2')) await packages.blobs.delete(key);
    expect(await recentCheckpoints(packages.blobs, server.tenantId, now)).toHaveLength(1);
    expect(await verify([taken])).toMatchObject({ verdict: 'fail', firstBad: { seq: 13 } });
    expect(await verify([], await exportedAnew(rememberCheckpoints()))).toMatchObject({
      verdict: 'fail',
      firstBad: { reason: expect.stringContaining('23 min old') },
    });
  });

  it('cannot hide it from a node that keeps them on its own disk, also after a restart', async () => {
    const { packages, store, log } = server.parts;
    const file = join(server.dataDir, 'keys', 'own.json');
    const open = () => openOwnCheckpoints(file, log);
    await freshCheckpoints(open()).make(server.tenantId);
    await later(15 * MINUTE);
    await freshCheckpoints(open()).make(server.tenantId);
    await cut(12);
    await store.db.deleteFrom('audit_checkpoint').where('number', '=', 2).execute();
    for await (const { key } of packages.blobs.list('audit/'))
      if (key.endsWith('2')) await packages.blobs.delete(key);
    // One that remembers nothing finds nothing wrong, and would sign the shorter chain.
    expect((await verify([], await exportedAnew(rememberCheckpoints()))).verdict).toBe('pass');
    expect(await verify([], await exportedAnew(open()))).toMatchObject({
      verdict: 'fail',
      firstBad: { seq: 13 },
    });
    expect(await freshCheckpoints(open()).make(server.tenantId)).toBeNull();
    expect(server.faults).toHaveLength(1);
    // And what it keeps is told again to the stores.
    expect(await recentCheckpoints(packages.blobs, server.tenantId, now)).toHaveLength(2);
    expect((await verify()).verdict).toBe('fail');
  });

  it('cannot put words into the file of a node: what is not signed counts for nothing', async () => {
    const file = join(server.dataDir, 'keys', 'own.json');
    const own = openOwnCheckpoints(file, server.parts.log);
    const made = (await freshCheckpoints(own).make(server.tenantId)) as Checkpoint;
    writeFileSync(file, JSON.stringify([{ ...made, number: 9, seq: 1 }]));
    expect(
      await freshCheckpoints(openOwnCheckpoints(file, server.parts.log)).make(server.tenantId),
    ).toBeNull();
    writeFileSync(file, '{');
    expect(openOwnCheckpoints(file, server.parts.log).newest(server.tenantId)).toBeNull();
  });

  it('gets no checkpoint for a shorter chain from a server that has seen the longer one', async () => {
    const { checkpoints, log } = server.parts;
    await checkpoints.round();
    const told = server.faults.length;
    await create('one-more');
    await checkpoints.round();
    await later(16 * MINUTE);
    await checkpoints.round();
    await cut(12);
    now += 9 * MINUTE;
    await checkpoints.round();
    expect(await checkpoints.make(server.tenantId)).toBeNull();
    expect(server.faults.length).toBeGreaterThan(told);
    expect(log).toBeDefined();
    expect((await verify()).verdict).toBe('fail');
  });

  it('gets no checkpoint for events that it wrote itself, however well they are chained', async () => {
    const { store, auth } = server.parts;
    const forger = {
      ...auth,
      audit: (await import('../../../src/orchestrator/audit/audit.js')).createAudit(Buffer.alloc(32)),
    };
    await freshCheckpoints().make(server.tenantId);
    const actor = { kind: 'user', id: null, name: 'mallory' } as const;
    await store.transaction((tx) =>
      forger.audit.append(tx, { tenantId: server.tenantId, actor, action: 'grant.add' }),
    );
    expect(await freshCheckpoints().make(server.tenantId)).toBeNull();
    await later(21 * MINUTE);
    expect(await freshCheckpoints().make(server.tenantId)).toBeNull();
    expect((await verify()).verdict).toBe('fail');
  });

  it('and has not the key that signs, since it is derived from what lies outside of the database', () => {
    const secrets = auditSecretsOf(Buffer.alloc(32));
    expect(secrets.keyId).not.toBe(server.parts.auth.auditSecrets.keyId);
  });
});

describe('an export', () => {
  it('is verified with a public key alone, and not with another', async () => {
    await create('payroll');
    await server.parts.checkpoints.make(server.tenantId);
    const { items } = await server.ok('audit.keys', { token: owner });
    const text = await exported();
    expect(await verify([], text, [items[0]!.publicKey])).toMatchObject({
      verdict: 'pass',
      tenant: 'default',
    });
    const stranger = auditSecretsOf(Buffer.alloc(32)).publicKeys.values().next().value;
    const pem = String(stranger?.export({ type: 'spki', format: 'pem' }));
    expect((await verify([], text, [pem])).verdict).toBe('fail');
  });

  it.each<[string, (lines: string[]) => string[]]>([
    ['without its last line', (lines) => lines.slice(0, -1)],
    ['without its last event', (lines) => [...lines.slice(0, -2), ...lines.slice(-1)]],
    ['with a changed event', (lines) => lines.map((line) => line.replace('"payroll"', '"nothing"'))],
    [
      'with a changed receipt',
      (lines) => lines.map((line) => line.replace(/"exportedAt":"2026/, '"exportedAt":"2025')),
    ],
  ])('%s fails', async (_, change) => {
    await create('payroll');
    const lines = (await exported()).trimEnd().split('\n');
    expect((await verify([], lines.join('\n'))).verdict).toBe('pass');
    expect((await verify([], change(lines).join('\n'))).verdict).toBe('fail');
  });

  it.each(['', 'hello', '{"event":{"seq":1},"hash":"x"}', '[]'])('%j is refused', async (text) => {
    await expect(verify([], text)).rejects.toMatchObject({ code: 'ROC_INVALID_INPUT' });
  });
});

describe('a checkpoint that is asked for', () => {
  it('is the same while nothing has happened, so that asking fills no store', async () => {
    const ask = () => server.ok('audit.checkpoint', { token: owner });
    const first = await ask();
    expect(await ask()).toEqual(first);
    await create('payroll');
    expect((await ask()).number).toBe(first.number + 1);
  });

  it('is not replaced by junk where the next one belongs: that is told', async () => {
    const { number } = await server.ok('audit.checkpoint', { token: owner });
    await create('payroll');
    const junk = { tenant_id: server.tenantId, number: number + 1, seq: 1, created_at: 1, body: 'junk' };
    await server.parts.store.db.insertInto('audit_checkpoint').values(junk).execute();
    const told = server.faults.length;
    expect((await server.send('audit.checkpoint', { token: owner })).statusCode).toBe(409);
    expect(server.faults.length).toBeGreaterThan(told);
  });
});
