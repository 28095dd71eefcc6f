import { generateKeyPairSync } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalSha256 } from '../../../src/kernel/canonical-json.js';
import { sealJobs } from '../../../src/orchestrator/audit/seal-jobs.js';
import { applyRetention, removeOrphans } from '../../../src/orchestrator/loops/retention-loops.js';
import { KEEP_ALL, type Retention } from '../../../src/orchestrator/store/retention.js';
import { verifyExport } from '../../../src/protocol/audit/verify-export.js';
import { signEvidence } from '../../../src/protocol/evidence-signature.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import { PASSWORD, startTestServer, type TestServer } from '../../helpers/test-server.js';

const DAY = 86_400_000;
let now: number;
let server: TestServer;
let owner: string;
beforeEach(async () => {
  now = Date.UTC(2026, 2, 1);
  server = await startTestServer({ clock: () => now });
  await later(0);
});
afterEach(() => server.close());

async function later(ms: number): Promise<void> {
  now += ms;
  owner = (await server.ok('auth.login', { body: { email: 'owner@x', password: PASSWORD } })).accessToken;
}

const apply = (retention: Partial<Retention>) =>
  applyRetention({ ...server.parts, retention: { ...KEEP_ALL, ...retention }, random: Math.random });

async function endedJob(): Promise<string> {
  const { id } = await server.ok('jobs.start', { token: owner, body: { process: 'totals', input: {} } });
  await server.ok('jobs.cancel', { token: owner, params: { id } });
  const line = { attempt: 1, seq: 1, logged_at: now, stream: 'stdout' as const, line: 'hello' };
  await server.parts.store.db
    .insertInto('job_log')
    .values({ ...line, job_id: id })
    .execute();
  await server.parts.store.db.updateTable('job').set({ log_lines: 1 }).where('id', '=', id).execute();
  return id;
}

const seal = () => sealJobs(server.parts.store, server.parts.auth.audit, 50);
const statusOf = async (id: string) =>
  (await server.send('jobs.show', { token: owner, params: { id } })).statusCode;
const linesOf = async (id: string) =>
  (await server.ok('jobs.logs', { token: owner, params: { id } })).items.length;

describe('retention', () => {
  it('removes first the lines, then the jobs, of what ended long ago, and nothing that is not chained yet', async () => {
    const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0') });
    const params = { robot: 'totals', version: '1.0.0' };
    await server.ok('versions.publish', { token: owner, params, body: bytes });
    await server.ok('deployments.create', { token: owner, body: params });
    const old = await endedJob();
    await seal();
    const unchained = await endedJob();
    await later(10 * DAY);
    const fresh = await endedJob();
    const waiting = await server.ok('jobs.start', { token: owner, body: { process: 'totals', input: {} } });
    await apply({ jobLogDays: 5 });
    expect([await linesOf(old), await linesOf(unchained), await linesOf(fresh)]).toEqual([0, 1, 1]);
    await apply({ jobDays: 5 });
    expect([await statusOf(old), await statusOf(unchained), await statusOf(fresh)]).toEqual([404, 200, 200]);
    await seal();
    await apply({ jobDays: 5 });
    expect([await statusOf(unchained), await statusOf(fresh), await statusOf(waiting.id)]).toEqual([
      404, 200, 200,
    ]);
  });

  it('cuts the chain at a checkpoint, says so in it, and leaves it verifiable', async () => {
    for (let day = 0; day < 20; day++) {
      await server.ok('projects.create', { token: owner, body: { name: `p${day}` } });
      await server.parts.checkpoints.round();
      await later(DAY);
    }
    await server.parts.checkpoints.round();
    await apply({ auditDays: 7 });
    const { body } = await server.send('audit.export', { token: owner });
    const lines = createInterface({ input: Readable.from([body]) });
    const verdict = await verifyExport({ lines, publicKeys: null, held: [] });
    expect(verdict).toMatchObject({ verdict: 'pass', firstBad: null });
    expect(verdict.firstSeq).toBeGreaterThan(20);
    const { items } = await server.ok('audit.list', { token: owner });
    expect(items[0]).toMatchObject({ action: 'audit.purge', actor: { kind: 'system' } });
    // Nothing more to remove today: no event about nothing.
    await apply({ auditDays: 7 });
    expect((await server.ok('audit.list', { token: owner })).items[0]?.seq).toBe(items[0]?.seq);
    // And the next checkpoint carries on from there.
    await later(1200_000);
    expect(await server.parts.checkpoints.make(server.tenantId)).not.toBeNull();
  });

  it('removes evidence with its blob', async () => {
    const envelope = {
      ...{ kind: 'posture-check', generatedAt: '2026-02-28T12:00:00.000Z', scope: 's', policyHash: null },
      ...{ verdict: 'pass' as const, summary: {}, sha256: canonicalSha256({}), signature: null, body: {} },
    };
    await server.ok('evidence.publish', { token: owner, body: envelope });
    await later(10 * DAY);
    await server.ok('evidence.publish', { token: owner, body: envelope });
    await apply({ evidenceDays: 5 });
    expect((await server.ok('evidence.list', { token: owner })).items).toHaveLength(1);
    const blobs: string[] = [];
    for await (const { key } of server.parts.packages.blobs.list('evidence')) blobs.push(key);
    expect(blobs).toHaveLength(1);
  });

  it('forgets with signed evidence that it was sent before', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
    const trusted = { name: 'ops-host', publicKey: pem, purpose: 'evidence' as const };
    await server.ok('publishers.create', { token: owner, body: trusted });
    const facts = {
      ...{ kind: 'posture-check', generatedAt: '2026-02-28T12:00:00.000Z', scope: 's', policyHash: null },
      ...{ verdict: 'pass' as const, summary: {}, sha256: canonicalSha256({}) },
    };
    const publish = async () => {
      const issuedAt = new Date(await server.parts.store.now()).toISOString();
      const signature = signEvidence(facts, { audience: server.tenantId, issuedAt }, privateKey);
      return server.ok('evidence.publish', { token: owner, body: { ...facts, signature, body: {} } });
    };
    expect([(await publish()).created, (await publish()).created]).toEqual([true, false]);
    await later(10 * DAY);
    await apply({ evidenceDays: 5 });
    expect((await publish()).created).toBe(true);
    expect(await server.parts.store.db.selectFrom('evidence_statement').selectAll().execute()).toHaveLength(
      1,
    );
  });

  it('sweeps blobs that nothing names, once no upload can still want them', async () => {
    const { blobs } = server.parts.packages;
    const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0') });
    await server.ok('versions.publish', {
      token: owner,
      params: { robot: 'totals', version: '1.0.0' },
      body: bytes,
    });
    for (const key of ['packageorphan', 'packagefresh'])
      await blobs.put(key, Readable.from([Buffer.from('x')]));
    const keys = async () => {
      const found: string[] = [];
      for await (const { key } of blobs.list('package')) found.push(key);
      return found;
    };
    const aged = (await keys()).filter((key) => key !== 'packagefresh');
    const old = new Date(Date.now() - 7 * 3_600_000);
    for (const key of aged) utimesSync(join(server.dataDir, 'blobs', key), old, old);
    await removeOrphans({ ...server.parts, retention: KEEP_ALL, random: Math.random });
    expect((await keys()).sort()).toEqual(
      [...aged.filter((key) => key !== 'packageorphan'), 'packagefresh'].sort(),
    );
  });
});
