/** `roc backup run` and `verify`, as programs of their own, against the strict fake of RDS (moto behind a proxy) and real databases. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateDBSnapshotCommand, DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { DrillPlan, VerifyResult } from '../../src/backup/answers.js';
import { type BackupWorld, SOURCE, startBackupWorld } from '../helpers/backup/backup-world.js';
import { describeWith } from '../helpers/parts.js';

interface Made {
  readonly snapshot: string;
  readonly manifest: { readonly file: string; readonly written: number; readonly rows: number };
}

describeWith(['mariadbd', 'openssl', 'aws', 'botocore'], 'backup verify (fake RDS, real databases)', () => {
  let world: BackupWorld;
  let made: Made;

  beforeAll(async () => {
    world = await startBackupWorld();
    const result = await world.roc(['run', '--json']);
    if (result.exitCode !== 0) throw new TypeError(result.stderr + result.stdout);
    made = result.json<Made>();
  });
  beforeEach(() => {
    Object.assign(world.proxy, {
      end: 'available',
      protect: false,
      tlsOptional: false,
      behindRestored: null,
    });
    world.proxy.faults.length = 0;
    world.setPolicy();
  });
  afterAll(async () => {
    expect([...world.proxy.problems, ...world.proxy.vault.problems]).toEqual([]);
    expect(world.gateway.complaints).toEqual([]);
    await world.close();
  });

  const verify = async (...flags: string[]) => {
    const result = await world.roc(['verify', '--json', ...flags]);
    return { ...result, result: result.json<VerifyResult>() };
  };
  const failed = ({ checks }: VerifyResult) =>
    checks.filter((check) => check.verdict === 'fail').map(({ id }) => id);

  /** A snapshot whose data somebody else damages after its manifest was taken; the snapshot has the manifest's tags. */
  async function damagedSnapshot(id: string, ...damage: string[]): Promise<string> {
    const Tags = (['roc:manifest', 'roc:manifest-sha256'] as const).map((Key, index) => ({
      Key,
      Value: manifestTags(made)[index] ?? '',
    }));
    const undo = join(world.dir, `undo-${id}`);
    await world.source.copyTo(undo);
    await world.source.execute(...damage);
    await world.rdsThroughProxy.send(
      new CreateDBSnapshotCommand({ DBInstanceIdentifier: SOURCE, DBSnapshotIdentifier: id, Tags }),
    );
    await world.source.restoreFrom(undo);
    return id;
  }

  it('a backup with its manifest restores, is checked, and leaves nothing: pass', async () => {
    expect(made.manifest).toMatchObject({ written: 0, rows: 5001 });
    const { result, exitCode } = await verify('--point', made.snapshot);
    expect(exitCode).toBe(0);
    expect(result).toMatchObject({
      verdict: 'pass',
      reasons: [],
      phase: 'published',
      point: { kind: 'manual', id: made.snapshot, encrypted: true },
      coverage: { tables: 2, rows: 5001, rowsChecked: 5001, detection: 1 },
      rto: {
        target: 120_000,
        connect: expect.any(Number),
        critical: expect.any(Number),
        full: expect.any(Number),
      },
      rpo: { measured: expect.any(Number), from: 'restorable-time' },
      cleanup: { verdict: 'done', leftovers: [], goneAt: expect.stringMatching(/Z$/) },
      evidence: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), signature: expect.any(String) },
    });
    expect(result.checks.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'security:tls-required',
        'schema',
        'table:shop.orders',
        'sql:no-negative-totals',
        'rto',
      ]),
    );
    expect(await world.leftovers()).toEqual([]);
  });

  it.each([
    [
      'a byte',
      "UPDATE shop.orders SET note = CONCAT(note, ' ') WHERE id = 1234",
      ['table:shop.orders', 'tables'],
    ],
    ['a row', 'DELETE FROM shop.orders WHERE id = 4999', ['table:shop.orders', 'tables']],
    ['an index', 'CREATE INDEX extra ON shop.orders (customer)', ['schema']],
    [
      'an assertion',
      'UPDATE shop.orders SET total = -1 WHERE id = 7',
      ['sql:no-negative-totals', 'table:shop.orders', 'tables'],
    ],
  ])('%s that was changed after the manifest: fail, named, and cleaned up', async (what, damage, checks) => {
    const id = await damagedSnapshot(`damaged-${what.replaceAll(' ', '-')}`, damage);
    const { result, exitCode, stderr } = await verify('--point', id);
    expect(result.verdict).toBe('fail');
    expect(exitCode).toBe(3);
    expect(failed(result).sort()).toEqual([...checks].sort());
    expect(stderr).toContain(`warning: ${checks[0]}`);
    expect(result.cleanup).toMatchObject({ verdict: 'done', leftovers: [] });
    expect(await world.leftovers()).toEqual([]);
  });

  it('a point without a manifest: inconclusive, and said why', async () => {
    const snapshot = (await world.roc(['run', '--no-manifest', '--json'])).json<Made>().snapshot;
    const { result, exitCode } = await verify('--point', snapshot);
    expect(exitCode).toBe(3);
    expect(result.verdict).toBe('inconclusive');
    expect(failed(result)).toEqual([]);
    expect(result.checks.find(({ id }) => id === 'schema')?.verdict).toBe('inconclusive');
  });

  it('production put behind the name of the copy: refused by its certificate, fail', async () => {
    world.proxy.behindRestored = SOURCE;
    const { result, exitCode } = await verify('--point', made.snapshot);
    expect(exitCode).toBe(3);
    expect(result).toMatchObject({ verdict: 'fail', cleanup: { verdict: 'done' } });
    expect(result.reasons.join()).toMatch(/certificate of roc-v-.* is not to be trusted.*altnames/);
    expect(await world.leftovers()).toEqual([]);
  });

  it('a copy that takes connections without TLS: fail', async () => {
    world.proxy.tlsOptional = true;
    const { result } = await verify('--point', made.snapshot);
    expect(failed(result)).toContain('security:tls-required');
    expect(result.verdict).toBe('fail');
  });

  it('a copy that inherits protection is unprotected and taken away', async () => {
    world.proxy.protect = true;
    const { result } = await verify('--point', made.snapshot);
    expect(result).toMatchObject({ verdict: 'pass', cleanup: { verdict: 'done' } });
    expect(world.proxy.changes.filter((line) => line.endsWith(`roc-v-${result.run}`))).toEqual([
      `RestoreDBInstanceFromDBSnapshot roc-v-${result.run}`,
      `ModifyDBInstance roc-v-${result.run}`,
      `ModifyDBInstance roc-v-${result.run}`,
      expect.stringContaining('DeleteDBInstance'),
      ...world.proxy.changes.filter((line) => line === `DeleteDBInstance roc-v-${result.run}`).slice(1),
    ]);
    expect(await world.leftovers()).toEqual([]);
  });

  it('the copy is isolated and tagged, and carries none of the tags of its source', async () => {
    world.proxy.hold = 'backing-up';
    const running = world.start(['verify', '--point', made.snapshot, '--json']);
    const copy = await copyThatIs('backing-up');
    world.proxy.hold = null;
    expect(copy).toMatchObject({
      DBSubnetGroup: { DBSubnetGroupName: 'isolated' },
      DBParameterGroups: [{ DBParameterGroupName: copy?.DBInstanceIdentifier }],
    });
    expect(Object.fromEntries((copy?.TagList ?? []).map(({ Key, Value }) => [Key, Value]))).toEqual({
      'roc:managed': 'restore-test',
      'roc:run': copy?.DBInstanceIdentifier?.slice('roc-v-'.length),
      'roc:source': SOURCE,
      'roc:expires': expect.stringMatching(/Z$/),
      'roc:owner': expect.any(String),
    });
    expect((await running.ended).exitCode).toBe(0);
  });

  async function copyThatIs(status: string) {
    for (let look = 0; look < 600; look++) {
      const reply = await world.rds.send(new DescribeDBInstancesCommand({}));
      const found = reply.DBInstances?.find((row) => row.DBInstanceIdentifier?.startsWith('roc-v-'));
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new TypeError(`no copy that is ${status}`);
  }

  it('a point in time: restored, checked as far as it can be, cleaned up', async () => {
    const { result } = await verify('--point', 'pitr:latest');
    expect(result).toMatchObject({
      point: { kind: 'pitr' },
      verdict: 'inconclusive',
      cleanup: { verdict: 'done' },
    });
    expect(await world.leftovers()).toEqual([]);
  });

  it('a recovery point of AWS Backup: its copy is tagged, checked, judged for AWS, and taken away', async () => {
    const arn = 'arn:aws:backup:us-east-1:123456789012:recovery-point:1';
    world.proxy.vault.points.push({ arn, snapshot: made.snapshot, at: new Date(), keyArn: world.keyId });
    world.setPolicy({ restoreRole: 'arn:aws:iam::123456789012:role/restore', vault: 'vault' });
    const { result } = await verify('--point', arn);
    world.proxy.vault.points.length = 0;
    // AWS Backup hands on no tags of the snapshot, so there is no manifest to compare with.
    expect(result).toMatchObject({
      point: { kind: 'aws-backup' },
      verdict: 'inconclusive',
      cleanup: { verdict: 'done' },
    });
    expect(world.proxy.vault.validations.get(`job-${result.run}`)).toMatchObject({
      status: 'FAILED',
      message: expect.stringContaining('inconclusive'),
    });
    expect(world.proxy.changes).toContain('AddTagsToResource');
    expect(await world.leftovers()).toEqual([]);
  });

  it('throttling, outages and replies that never came are waited out', async () => {
    world.proxy.faults.push(
      { action: 'RestoreDBInstanceFromDBSnapshot', kind: 'drop-reply', times: 1 },
      { action: 'DescribeDBInstances', kind: 'throttled', times: 3 },
      { action: 'ModifyDBInstance', kind: 'unavailable', times: 2 },
      { action: 'DeleteDBInstance', kind: 'drop-reply', times: 1 },
    );
    const { result, exitCode } = await verify('--point', made.snapshot);
    expect(result.verdict).toBe('pass');
    expect(exitCode).toBe(0);
    expect(world.proxy.faults.every(({ times }) => times === 0)).toBe(true);
    expect(await world.leftovers()).toEqual([]);
  });

  it('an instance that ends as storage-full is no proof, and goes', async () => {
    world.proxy.end = 'storage-full';
    const { result } = await verify('--point', made.snapshot);
    expect(result).toMatchObject({ verdict: 'inconclusive', cleanup: { verdict: 'done' } });
    expect(result.reasons).toContain('the copy ended as storage-full');
    expect(await world.leftovers()).toEqual([]);
  });

  it('--keep-on-failure keeps the copy, with a new expiry, and says so', async () => {
    const { result } = await verify('--point', 'damaged-a-row', '--keep-on-failure', '2h');
    const id = `roc-v-${result.run}`;
    expect(result).toMatchObject({ verdict: 'fail', cleanup: { verdict: 'kept', leftovers: [id] } });
    const dry = (await world.roc(['sweep', '--yes', '--json'])).json<{ items: object[] }>();
    expect(dry.items).toContainEqual(expect.objectContaining({ id, outcome: 'left', why: ['not-expired'] }));
    await world.remove(id);
  });

  it('--detach leaves AWS at work; resume checks and cleans up', async () => {
    const { result, exitCode } = await verify('--point', made.snapshot, '--detach');
    expect(exitCode).toBe(0);
    expect(result).toMatchObject({ verdict: null, phase: 'restoring' });
    const resumed = await world.roc(['resume', result.run, '--json']);
    expect(resumed.json<VerifyResult>()).toMatchObject({
      run: result.run,
      phase: 'published',
      cleanup: { verdict: 'done' },
    });
    expect((await world.roc(['resume', result.run])).stderr).toMatch(/ended with .*roc backup report/s);
    expect(await world.leftovers()).toEqual([]);
  });

  it('credentials that expire in the wait: exit 75, and resume goes on', async () => {
    world.proxy.hold = 'creating';
    const running = world.start(['verify', '--point', made.snapshot, '--json']);
    await copyThatIs('creating');
    world.proxy.faults.push({ action: 'DescribeDBInstances', kind: 'expired', times: 1000 });
    const end = await running.ended;
    expect(end.exitCode).toBe(75);
    expect(running.stdout()).toMatch(/"code": "ROC_RESUMABLE"/);
    const run = /roc backup resume ([\w-]+)/.exec(running.stdout())?.[1] ?? '';
    world.proxy.faults.length = 0;
    world.proxy.hold = null;
    const resumed = (await world.roc(['resume', run, '--json'])).json<VerifyResult>();
    expect(resumed).toMatchObject({ verdict: 'inconclusive', cleanup: { verdict: 'done' } });
    expect(resumed.deviations.join()).toMatch(/resumed in phase restoring by arn:aws/);
    expect(await world.leftovers()).toEqual([]);
  });

  it('Ctrl-C cleans up, signs what it has, and ends with 130', async () => {
    world.proxy.hold = 'backing-up';
    const running = world.start(['verify', '--point', made.snapshot, '--json']);
    await copyThatIs('backing-up');
    world.proxy.hold = null;
    running.child.kill('SIGINT');
    expect((await running.ended).exitCode).toBe(130);
    expect(JSON.parse(running.stdout())).toMatchObject({
      verdict: 'inconclusive',
      reasons: expect.arrayContaining(['stopped by its operator']),
      cleanup: { verdict: 'done' },
      evidence: { signature: expect.any(String) },
    });
    expect(await world.leftovers()).toEqual([]);
  });

  it('a drill above the cap of the policy is refused before anything is made', async () => {
    world.setPolicy({
      target: { subnetGroup: 'isolated', securityGroups: ['sg-1'], ttl: '10h', maxCostUsd: 0.1 },
    });
    const before = world.proxy.changes.length;
    const result = await world.roc(['verify', '--point', made.snapshot]);
    expect(result.exitCode).toBe(4);
    expect(result.stderr).toMatch(/may cost .* USD .*allows 0\.1 USD[\s\S]*maxCostUsd/);
    expect(world.proxy.changes).toHaveLength(before);
  });

  it('plan: what would be, the price, what stands in its way; nothing is changed', async () => {
    const before = world.proxy.changes.length;
    const good = await world.roc(['plan', '--point', made.snapshot, '--json']);
    expect(good.exitCode).toBe(0);
    expect(good.json<DrillPlan>()).toMatchObject({
      ready: true,
      cost: { usd: expect.any(Number), maxUsd: 5 },
      placement: { class: 'db.t4g.medium', subnetGroup: 'isolated', copyParameterGroup: 'shop-mysql8' },
    });
    world.setPolicy({ target: { subnetGroup: 'nowhere', securityGroups: ['sg-0abc'], maxCostUsd: 5 } });
    const bad = await world.roc(['plan', '--point', made.snapshot, '--json']);
    expect(bad.exitCode).toBe(3);
    const bads = bad.json<DrillPlan>().preflight.filter(({ verdict }) => verdict !== 'pass');
    expect(bads.map(({ id }) => id)).toEqual(['preflight-subnets', 'preflight-security-groups']);
    expect(world.proxy.changes).toHaveLength(before);
  });

  it('journals hold no password and no rows', () => {
    const runs = join(world.dir, '.roc/backup/runs');
    const text = readdirSync(runs)
      .map((run) => readFileSync(join(runs, run, 'journal.jsonl'), 'utf8'))
      .join('');
    expect(text).not.toMatch(/Pr0d-secret|note \d+/);
    expect(text).not.toMatch(/password":\s*"[^"]/i);
  });
});

function manifestTags({ manifest }: Made): string[] {
  const id = /manifest-(.+)\.json$/.exec(manifest.file)?.[1] ?? '';
  return [id, (manifest as unknown as { sha256: string }).sha256];
}
