import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RunningFakeAws, startFakeAws } from '../../helpers/aws-model/fake-aws.js';
import { describeWith } from '../../helpers/parts.js';
import { runRoc } from '../../helpers/roc.js';
import {
  type FakeInstallation,
  fakeInstallation,
  INSTALLATION,
} from '../../helpers/scale/installation-fake.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';

const HOUR = 3_600_000;
const clock = (at: number) => new Date(at).toISOString().slice(11, 16);

describeWith('botocore', 'roc scale apply --rds on a strict fake', () => {
  let aws: RunningFakeAws;
  let fake: FakeInstallation;
  let cwd: string;
  let env: Record<string, string>;
  let modified: Record<string, unknown>[];
  let snapshots: object[];

  beforeAll(async () => {
    aws = await startFakeAws({});
    env = { AWS_ACCESS_KEY_ID: 'AKIDROC', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: aws.url };
    cwd = makeTempDir('resize');
    mkdirSync(join(cwd, '.roc'));
    const outputs = { ...INSTALLATION, account: '123456789012', region: 'eu-west-1', url: null };
    writeFileSync(join(cwd, '.roc', 'stack-outputs.json'), JSON.stringify(outputs));
  });
  afterAll(async () => {
    await aws.close();
    removeDir(cwd);
  });
  beforeEach(() => {
    fake = fakeInstallation(Date.now);
    modified = [];
    snapshots = [{ Status: 'available', SnapshotCreateTime: new Date(Date.now() - HOUR) }];
    aws.handlers = {
      ...fake.handlers,
      'rds:DescribeDBSnapshots': () => ({ DBSnapshots: snapshots }),
      'rds:ModifyDBInstance': (input) => {
        modified.push(input);
        return { DBInstance: fake.database };
      },
    };
  });

  const now = () => Date.now();
  const open = () => `${clock(now() - HOUR)}-${clock(now() + HOUR)}`;
  const apply = (...args: string[]) => runRoc(['scale', 'apply', ...args], { cwd, env });

  test('changes the class at once, and writes it down', async () => {
    const { exitCode, stderr, stdout } = await apply('--rds', 'db.m5.4xlarge', '--window', open(), '--yes');
    expect({ exitCode, problems: aws.problems }, stderr).toEqual({ exitCode: 0, problems: [] });
    expect(stdout).toContain('changes from db.m5.2xlarge to db.m5.4xlarge');
    expect(modified).toEqual([
      { DBInstanceIdentifier: 'roc-prod-db', DBInstanceClass: 'db.m5.4xlarge', ApplyImmediately: true },
    ]);
    const lines = readFileSync(join(cwd, '.roc', 'scale', 'audit.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { outcome: string }).outcome)).toEqual([
      'begins',
      'done',
    ]);
  });

  test('refuses with every reason at once, and changes nothing', async () => {
    fake.database['MultiAZ'] = false;
    snapshots = [];
    const closed = `${clock(now() + 2 * HOUR)}-${clock(now() + 3 * HOUR)}`;
    const { exitCode, stderr } = await apply('--rds', 'db.m5.4xlarge', '--window', closed, '--yes');
    expect(exitCode).toBe(4);
    for (const reason of ['Multi-AZ first', 'no snapshot of the last day', 'not within the window'])
      expect(stderr).toContain(reason);
    expect(modified).toEqual([]);
  });

  test('asks before it acts, and nobody there to answer is a no', async () => {
    const { exitCode } = await apply('--rds', 'db.m5.4xlarge', '--window', open());
    expect([exitCode, modified]).toEqual([4, []]);
  });

  test.each([[['--rds', 'db.m5.4xlarge']], [['--rds', 'db.m5.4xlarge', '--window', 'tonight', '--yes']]])(
    'is a usage error without a window: %j',
    async (args) => {
      expect((await apply(...args)).exitCode).toBe(2);
      expect(modified).toEqual([]);
    },
  );
});
