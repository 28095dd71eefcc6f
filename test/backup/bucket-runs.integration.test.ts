/** Runs whose lock, journal, manifest and evidence are kept in a bucket: another host goes on where one was killed. Fake RDS, S3 of moto, real databases. */
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { VerifyResult } from '../../src/backup/answers.js';
import { readJournal } from '../../src/backup/run/journal.js';
import { type BackupWorld, startBackupWorld } from '../helpers/backup/backup-world.js';
import { describeWith } from '../helpers/parts.js';
import { until } from '../helpers/until.js';

const Bucket = 'roc-evidence';

describeWith(
  ['mariadbd', 'openssl', 'aws', 'botocore'],
  'backup runs kept in a bucket (fake RDS, real databases)',
  () => {
    let world: BackupWorld;
    let s3: S3Client;
    let snapshot: string;
    beforeAll(async () => {
      world = await startBackupWorld();
      const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
      s3 = new S3Client({ region: 'us-east-1', endpoint: world.moto.url, credentials, forcePathStyle: true });
      await s3.send(new CreateBucketCommand({ Bucket }));
      world.setConfig({ bucket: Bucket });
      snapshot = (await world.roc(['run', '--json'])).json<{ snapshot: string }>().snapshot;
    });
    afterAll(async () => {
      s3.destroy();
      expect(world.proxy.problems).toEqual([]);
      await world.close();
    });
    const keys = async () => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      return Contents.map(({ Key }) => Key ?? '');
    };
    const textOf = async (Key: string) =>
      (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString() ?? '';
    const dir = () => join(world.dir, '.roc/backup');

    it('a host that has nothing but the bucket verifies: the manifest comes from there, everything goes there', async () => {
      renameSync(dir(), join(world.dir, 'first-host'));
      const { json, exitCode } = await world.roc(['verify', '--point', snapshot, '--json']);
      const result = json<VerifyResult>();
      expect(result).toMatchObject({ verdict: 'pass', cleanup: { verdict: 'done' } });
      expect(exitCode).toBe(0);
      const kept = await keys();
      expect(kept).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^roc-backup\/manifests\/manifest-.*\.json$/),
          `roc-backup/runs/${result.run}/journal.jsonl`,
          'roc-backup/evidence/evidence-000001.json',
          'roc-backup/evidence/evidence-000001.html',
        ]),
      );
      expect(kept.filter((key) => key.startsWith('roc-backup/locks/'))).toEqual([]);
      const journal = await textOf(`roc-backup/runs/${result.run}/journal.jsonl`);
      expect(readJournal(journal).state).toMatchObject({
        phase: expect.stringMatching(/^(signed|published)$/),
        verdict: 'pass',
      });
    });

    it('killed on one host, resumed on another from the copy of its journal', async () => {
      world.proxy.hold = 'backing-up';
      const running = world.start(['verify', '--point', snapshot, '--json']);
      const run = await until('the journal in the bucket', async () => {
        const [known] = readdirSync(join(dir(), 'runs'));
        const found = (await keys()).find((key) => key.includes('/runs/') && !key.includes(known ?? ''));
        if (found === undefined || !(await textOf(found)).includes('restore-accepted')) return null;
        return found.split('/').at(-2);
      });
      expect(await keys()).toContain(`roc-backup/locks/${run}.json`);
      running.child.kill('SIGKILL');
      await running.ended;
      rmSync(join(dir(), 'runs', run), { recursive: true });
      world.proxy.hold = null;
      const resumed = (await world.roc(['resume', run, '--json'])).json<VerifyResult>();
      expect(resumed).toMatchObject({ run, phase: 'published', cleanup: { verdict: 'done' } });
      expect(resumed.checks.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
      expect(await world.leftovers()).toEqual([]);
      expect((await world.roc(['resume', '20200101-000000-bbbbbb'])).stderr).toMatch(/there is no run/);
    });
  },
);
