/** The policy: the shipped one is valid, contradictions are refused with their way out, the JSON Schema is up to date. */
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chooseAsset, loadBackupPolicy } from '../../src/backup/load-policy.js';
import { backupPolicySchema } from '../../src/backup/model.js';
import { DAY, HOUR, MINUTE } from '../../src/kernel/time.js';
import { projectPath, projectRoot } from '../helpers/project.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

const RDS = {
  id: 'shop',
  type: 'rds-mysql',
  rpo: '15m',
  rto: '2h',
  retention: { min: '35d' },
  testEvery: '30d',
  target: { maxCostUsd: 25 },
};
const policyOf = (...assets: object[]) => ({ version: 1, policy: { id: 'BKP-01' }, assets });
const issuesOf = (value: unknown) =>
  (backupPolicySchema.safeParse(value).error?.issues ?? []).map(
    (issue) => `${issue.path.join('.')}: ${issue.message}`,
  );

describe('the shipped backup policy', () => {
  it('is valid, and its durations are milliseconds', async () => {
    const { policy, sha256 } = await loadBackupPolicy(projectRoot, undefined);
    expect(policy.assets.map(({ id, type }) => `${id} ${type}`)).toEqual([
      'roc-database rds-mysql',
      'robots s3',
    ]);
    expect(policy.assets[0]).toMatchObject({
      rpo: 15 * MINUTE,
      retention: { min: 35 * DAY },
      testEvery: 30 * DAY,
    });
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('has the JSON Schema that is shipped beside it', async () => {
    const schema = z.toJSONSchema(backupPolicySchema, { io: 'input' });
    const file = projectPath('schemas', 'backup-policy.schema.json');
    const value = { ...schema, title: 'Backup policy of roc' };
    if (process.env['ROC_TEST_WRITE'] === 'schemas')
      await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(value)));
  });
});

describe('a policy that contradicts itself', () => {
  const cases: readonly [string, object, RegExp][] = [
    [
      'retention below the RPO',
      { rpo: '2d', retention: { min: '1d' }, testEvery: '1d' },
      /retention\.min: 1d is less than the RPO of 2d.*raise/,
    ],
    [
      'tests rarer than points live',
      { retention: { min: '7d' } },
      /testEvery: every 30d is rarer than points live \(7d\)/,
    ],
    [
      'a copy that dies before the RTO',
      { target: { maxCostUsd: 1, ttl: '1h' } },
      /target\.ttl: 1h is less than the RTO of 2h.*raise ttl/,
    ],
    ['IAM without a user', { connect: { auth: 'iam' } }, /connect\.user: auth iam .* name it/],
    ['a password for another user', { connect: { user: 'app' } }, /connect\.user: .*leave user out/],
    [
      'direct through an instance',
      { connect: { via: 'direct', instance: 'i-1' } },
      /connect\.instance: .*leave it out/,
    ],
    [
      'a fallback that is the class',
      { target: { maxCostUsd: 1, class: 'db.t4g.micro', fallbackClass: 'db.t4g.micro' } },
      /fallbackClass: .*name another/,
    ],
    [
      'a heartbeat later than the RPO',
      { checks: { heartbeat: { table: 'hb', maxLag: '1h' } } },
      /maxLag: 1h is more than the RPO/,
    ],
    ['a table in two lists', { checks: { tables: { exact: ['a'], mutable: ['a'] } } }, /a is in exact too/],
    [
      'a critical table excluded',
      { checks: { tables: { critical: ['a'], exclude: [{ name: 'a', reason: 'scratch' }] } } },
      /a is excluded/,
    ],
    [
      'an exclusion without a reason',
      { checks: { tables: { exclude: [{ name: 'a' }] } } },
      /exclude\.0\.reason/,
    ],
    [
      'a check that writes',
      { checks: { sql: [{ id: 'x', query: 'DELETE FROM orders', expect: { c: 0 } }] } },
      /must be a SELECT/,
    ],
    ['no duration', { rpo: 'soon' }, /rpo: expected a duration/],
    ['an unknown key', { colour: 'red' }, /Unrecognized key.*colour/],
    ['no cost cap', { target: {} }, /maxCostUsd/],
  ];
  it.each(cases)('%s', (_name, change, expected) => {
    expect(issuesOf(policyOf(RDS))).toEqual([]);
    expect(issuesOf(policyOf({ ...RDS, ...change })).join('\n')).toMatch(expected);
  });

  it('names two assets alike, and approves without an approver', () => {
    expect(issuesOf(policyOf(RDS, RDS)).join()).toMatch(/two assets are named shop/);
    const head = { id: 'B', approvedOn: '2026-10-01', reviewBy: '2026-09-01' };
    const issues = issuesOf({ ...policyOf(RDS), policy: head }).join();
    expect(issues).toMatch(/has no approver/);
    expect(issues).toMatch(/must be later than approvedOn/);
  });
});

describe('reading a policy', () => {
  it('says the line of broken YAML, the path of a bad key, and a missing file', async () => {
    const dir = makeTempDir('policy');
    const file = `${dir}/backup.yaml`;
    await writeFile(file, 'version: 1\npolicy: {id: A\nassets: []\n');
    await expect(loadBackupPolicy(projectRoot, file)).rejects.toMatchObject({ code: 'ROC_POLICY_INVALID' });
    await writeFile(file, 'version: 1\npolicy: {id: A}\nassets: [{id: a, type: rds-mysql}]\n');
    await expect(loadBackupPolicy(projectRoot, file)).rejects.toThrow(/policy\.assets\.0\.rpo/);
    await expect(loadBackupPolicy(projectRoot, `${dir}/none.yaml`)).rejects.toMatchObject({
      code: 'ROC_NOT_FOUND',
    });
    removeDir(dir);
  });

  it('chooses the only asset of a type, and names those there are', () => {
    const policy = backupPolicySchema.parse(policyOf(RDS));
    const loaded = { policy, file: 'backup.yaml', sha256: '' };
    expect(chooseAsset(loaded, undefined, ['rds-mysql'])).toMatchObject({ id: 'shop', rto: 2 * HOUR });
    expect(() => chooseAsset(loaded, 'other', ['rds-mysql'])).toThrow(/no asset other/);
    expect(() => chooseAsset(loaded, 'shop', ['s3'])).toThrow(/is of type rds-mysql/);
    expect(() => chooseAsset(loaded, undefined, ['s3'])).toThrow(/no asset is named/);
  });
});
