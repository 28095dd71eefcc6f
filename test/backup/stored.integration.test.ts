/** Buckets and configuration, by the built roc against moto: manifest, verify, damage, and the evidence of it signed by KMS. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateKeyCommand, GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EvidenceVerdict } from '../../src/backup/evidence/verify.js';
import type { StoredResult } from '../../src/backup/stored/verify.js';
import { type Moto, startMoto } from '../helpers/moto.js';
import { describeWith } from '../helpers/parts.js';
import { runRoc } from '../helpers/roc.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

describeWith('aws', 'backup of buckets and configuration (moto)', () => {
  const dir = makeTempDir('stored');
  let moto: Moto;
  let s3: S3Client;
  let ssm: SSMClient;

  const policy = (assets: readonly Record<string, unknown>[]) =>
    writeFileSync(join(dir, 'backup.yaml'), JSON.stringify({ version: 1, policy: { id: 'BKP-01' }, assets }));
  const robots = (checks: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => ({
    id: 'robots',
    type: 's3',
    bucket: 'robots',
    rpo: '24h',
    retention: { min: '35d', lock: 'required' },
    testEvery: '30d',
    checks: { restoreTo: 'scratch', ...checks },
    ...more,
  });
  const config = {
    id: 'config',
    type: 'config',
    testEvery: '30d',
    rpo: '24h',
    include: [
      { source: 'ssm', path: '/roc' },
      { source: 'files', paths: ['roc.yaml'] },
    ],
    encryptTo: 'local:keys/export.key',
    store: 'exports',
  };
  const roc = (...args: string[]) =>
    runRoc(['backup', ...args, '--json'], { cwd: dir, env: moto.env, timeoutMs: 60_000 });
  const put = (Key: string, Body: string, Bucket = 'robots') =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body, ChecksumAlgorithm: 'SHA256' }));
  const verdicts = (result: StoredResult) =>
    Object.fromEntries(result.checks.map(({ id, verdict }) => [id, verdict]));

  beforeAll(async () => {
    moto = await startMoto('eu-central-1');
    await moto.reset();
    const options = {
      region: 'eu-central-1',
      endpoint: moto.url,
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
      forcePathStyle: true,
    };
    s3 = new S3Client(options);
    ssm = new SSMClient(options);
    const place = { CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' as const } };
    await s3.send(new CreateBucketCommand({ Bucket: 'robots', ObjectLockEnabledForBucket: true, ...place }));
    for (const Bucket of ['scratch', 'replica']) {
      await s3.send(new CreateBucketCommand({ Bucket, ...place }));
      await s3.send(
        new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
      );
    }
    const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const } };
    await s3.send(
      new PutBucketEncryptionCommand({
        Bucket: 'robots',
        ServerSideEncryptionConfiguration: { Rules: [rule] },
      }),
    );
    const all = {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    };
    await s3.send(new PutPublicAccessBlockCommand({ Bucket: 'robots', PublicAccessBlockConfiguration: all }));
    await s3.send(new CreateBucketCommand({ Bucket: 'soft', ObjectLockEnabledForBucket: true, ...place }));
    await lock('robots', 'COMPLIANCE');
    await lock('soft', 'GOVERNANCE');
    for (const n of [1, 2, 3]) await put(`pkg/robot ${n}+é.zip`, `robot ${n} `.repeat(1000));
    const kms = new KMSClient(options);
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
    );
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: KeyMetadata?.KeyId }));
    writeFileSync(join(dir, 'kms.der'), PublicKey ?? '');
    writeFileSync(
      join(dir, 'roc.yaml'),
      JSON.stringify({ backup: { policy: 'backup.yaml', sign: `aws-kms:${KeyMetadata?.KeyId}` } }),
    );
    policy([robots()]);
  }, 120_000);

  afterAll(async () => {
    await moto?.stop();
    removeDir(dir);
  });

  const lock = (Bucket: string, Mode: 'COMPLIANCE' | 'GOVERNANCE') =>
    s3.send(
      new PutObjectLockConfigurationCommand({
        Bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode, Days: 40 } },
        },
      }),
    );

  it('proves nothing without a manifest', async () => {
    const result = await roc('verify', 'robots');
    expect(result.json<StoredResult>()).toMatchObject({ verdict: 'inconclusive' });
    expect(result.exitCode).toBe(3);
  });

  it('passes a bucket that is as its manifest, and leaves no copy behind', async () => {
    expect((await roc('manifest', 'robots')).json()).toMatchObject({ holds: { objects: 3 } });
    const result = await roc('verify', 'robots');
    expect(result.json<StoredResult>()).toMatchObject({
      verdict: 'pass',
      cleanup: { verdict: 'done', leftovers: [] },
    });
    expect(result.exitCode).toBe(0);
    const left = await s3.send(new ListObjectVersionsCommand({ Bucket: 'scratch' }));
    expect([left.Versions ?? [], left.DeleteMarkers ?? []]).toEqual([[], []]);
  });

  it('signs the evidence by KMS, and verifies it offline with the public key', async () => {
    const folder = join(dir, '.roc/backup/evidence');
    const files = readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
    expect(files.length).toBeGreaterThan(1);
    const verified = await roc('report', 'verify', join(folder, files.at(-1) ?? ''), '--key', 'kms.der');
    expect(verified.json<EvidenceVerdict>()).toMatchObject({ verdict: 'pass' });
    expect(verified.exitCode).toBe(0);
    const text = readFileSync(join(folder, files[0] ?? ''), 'utf8');
    writeFileSync(join(dir, 'forged.json'), text.replace('"verdict":"inconclusive"', '"verdict":"pass"'));
    const forged = await roc('report', 'verify', join(dir, 'forged.json'), '--key', 'kms.der');
    expect(forged.exitCode).toBe(3);
    expect(forged.json<EvidenceVerdict>().findings).toContainEqual(
      expect.objectContaining({ id: 'key', verdict: 'fail' }),
    );
  });

  it('a deleted object is still restored from its version; one that is overwritten, too', async () => {
    await s3.send(new DeleteObjectCommand({ Bucket: 'robots', Key: 'pkg/robot 1+é.zip' }));
    await put('pkg/robot 2+é.zip', 'another');
    expect((await roc('verify', 'robots')).json<StoredResult>().verdict).toBe('pass');
  });

  it.each<[string, () => Promise<unknown>, () => Promise<unknown>, string]>([
    [
      'a lock that can be bypassed',
      async () => policy([robots({}, { bucket: 'soft' })]),
      async () => policy([robots()]),
      'object-lock',
    ],
    [
      'a lock that is too short',
      async () => policy([robots({}, { retention: { min: '50d', lock: 'required' } })]),
      async () => policy([robots()]),
      'object-lock',
    ],
    ['a rule that deletes versions early', () => lifecycle(7), () => lifecycle(60), 'lifecycle'],
  ])('fails with %s', async (_name, spoil, mend, red) => {
    await spoil();
    const result = (await roc('verify', 'robots')).json<StoredResult>();
    await mend();
    expect(result.verdict).toBe('fail');
    expect(verdicts(result)[red]).toBe('fail');
  });

  const lifecycle = (NoncurrentDays: number) =>
    s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: 'robots',
        LifecycleConfiguration: {
          Rules: [
            {
              ID: 'old',
              Status: 'Enabled',
              Filter: { Prefix: '' },
              NoncurrentVersionExpiration: { NoncurrentDays },
            },
          ],
        },
      }),
    );

  it('reads the replica itself: one that holds nothing, or other bytes, fails', async () => {
    policy([robots({}, { replica: { bucket: 'replica', region: 'eu-central-1' } })]);
    expect(verdicts((await roc('verify', 'robots')).json()).replica).toBe('fail');
    for (const n of [1, 2, 3]) await put(`pkg/robot ${n}+é.zip`, `robot ${n} `.repeat(1000), 'replica');
    expect(verdicts((await roc('verify', 'robots')).json()).replica).toBe('pass');
    await put('pkg/robot 3+é.zip', 'other bytes', 'replica');
    expect(verdicts((await roc('verify', 'robots')).json()).replica).toBe('fail');
  });

  it('fails where bytes are not those of the manifest', async () => {
    policy([robots()]);
    const folder = join(dir, '.roc/backup/manifests/robots');
    const file = join(folder, readdirSync(folder).sort().at(-1) ?? '');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { objects: { sha256: string }[] };
    const spoilt = {
      ...manifest,
      objects: manifest.objects.map((object, i) =>
        i === 1 ? { ...object, sha256: 'f'.repeat(64) } : object,
      ),
    };
    writeFileSync(file, JSON.stringify(spoilt));
    const result = (await roc('verify', 'robots')).json<StoredResult>();
    expect(verdicts(result).restore).toBe('fail');
    expect(result.cleanup.leftovers).toEqual([]);
  });

  it('exports configuration encrypted, and tells what is live but not in it', async () => {
    policy([config]);
    const secret = 'hunter2-very-secret';
    await ssm.send(new PutParameterCommand({ Name: '/roc/api/url', Value: 'https://roc', Type: 'String' }));
    await ssm.send(
      new PutParameterCommand({ Name: '/roc/db/password', Value: secret, Type: 'SecureString' }),
    );
    const taken = (await roc('manifest', 'config')).json<{ file: string; holds: { items: number } }>();
    expect(taken.holds.items).toBe(3);
    expect(readFileSync(taken.file, 'utf8')).not.toContain(secret);
    expect((await roc('verify', 'config')).json<StoredResult>().verdict).toBe('pass');

    await ssm.send(
      new PutParameterCommand({
        Name: '/roc/db/password',
        Value: 'new',
        Type: 'SecureString',
        Overwrite: true,
      }),
    );
    const drifted = (await roc('verify', 'config')).json<StoredResult>();
    expect(drifted.checks.find(({ id }) => id === 'same-as-live')?.actual).toContain(
      'ssm:/roc/db/password changed',
    );
    expect(JSON.stringify(drifted)).not.toContain(secret);
    policy([{ ...config, rpo: '0s' }]);
    expect((await roc('verify', 'config')).json<StoredResult>().verdict).toBe('fail');

    const text = readFileSync(taken.file, 'utf8');
    writeFileSync(
      taken.file,
      text.replace(/"body":"(.{40})(.)/, (_, before: string, one: string) => {
        return `"body":"${before}${one === 'A' ? 'B' : 'A'}`;
      }),
    );
    const damaged = (await roc('verify', 'config')).json<StoredResult>();
    expect(verdicts(damaged)).toMatchObject({ readable: 'fail', 'same-as-live': 'inconclusive' });
  });

  it('rolls the quarter up for the auditor', async () => {
    const now = new Date();
    const period = `${now.getUTCFullYear()}-Q${Math.floor(now.getUTCMonth() / 3) + 1}`;
    const result = await roc('report', '--period', period, '--key', 'kms.der', '--output', 'quarter.html');
    expect(result.exitCode).toBe(3);
    expect(result.json()).toMatchObject({ period, verdict: 'fail' });
    expect(readFileSync(join(dir, 'quarter.html'), 'utf8')).toContain('robots');
  });
});
