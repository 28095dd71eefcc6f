/** The built commands, spawned, on roc's own strict fake: killed in each phase, left and joined, read by programs. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AwsFault } from '../helpers/aws-model/fake-aws.js';
import { type FakeCloud, startFakeCloud } from '../helpers/cloudformation/fake-cloud.js';
import { stackOf } from '../helpers/cloudformation/small-stack.js';
import { describeWith } from '../helpers/parts.js';
import { runRoc, startRoc } from '../helpers/roc.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { until } from '../helpers/until.js';

const CONFIG = `
stack:
  env: dev
  corporateCidrs: [203.0.113.0/24]
  domain:
    name: roc.example.com
    certificateArn: arn:aws:acm:eu-west-1:111122223333:certificate/0a0a0a0a-0000-4000-8000-000000000001
`;

describeWith('botocore', 'the provision commands on the strict fake', () => {
  let cloud: FakeCloud;
  let dir: string;
  beforeEach(async () => {
    cloud = await startFakeCloud();
    cloud.stepsPerLook = 10_000;
    dir = makeTempDir('provision');
    writeFileSync(join(dir, 'roc.yaml'), CONFIG);
  });
  afterEach(async () => {
    expect(cloud.aws.problems).toEqual([]);
    await cloud.close();
    removeDir(dir);
  });
  const options = () => ({ env: cloud.env, cwd: dir });
  const roc = (...args: string[]) => runRoc(['provision', ...args], options());
  const configure = (more: string) => writeFileSync(join(dir, 'roc.yaml'), CONFIG + more);
  const lines = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const alive = () => [...cloud.stacks.values()].filter(({ deletedAt }) => deletedAt === undefined);

  it('plan, apply, the same again, a change, outputs, destroy', async () => {
    const first = await roc('plan', '--yes', '--detailed-exitcode', '--out', 'plan.json', '--json');
    expect(first.exitCode).toBe(3);
    const plan = first.json<{
      stacks: { name: string; changes: Record<string, unknown>[] }[];
      cost: { monthlyUsd: number; deltaUsd: number };
      file: string;
    }>();
    expect(plan.stacks[0]).toMatchObject({ name: 'roc-dev', account: '111122223333', region: 'eu-west-1' });
    expect(plan.stacks[0]?.changes[0]).toMatchObject({
      action: 'add',
      logicalId: expect.any(String),
      type: expect.stringMatching(/^AWS::/),
      replacement: 'never',
      stateful: expect.any(Boolean),
    });
    expect(plan.cost.deltaUsd).toBe(plan.cost.monthlyUsd);
    expect(statSync(join(dir, 'plan.json')).mode & 0o777).toBe(0o600);

    const applied = await roc('apply', 'plan.json', '--json');
    expect(applied.exitCode).toBe(0);
    const told = lines(applied.stdout);
    expect(told[0]).toMatchObject({ event: 'plan' });
    expect(told.at(-1)).toMatchObject({ event: 'done', how: 'executed', status: 'CREATE_COMPLETE' });
    expect(JSON.parse(readFileSync(join(dir, '.roc/stack-outputs.json'), 'utf8'))).toMatchObject({
      account: '111122223333',
      region: 'eu-west-1',
      vpcId: expect.stringContaining('roc-dev-Vpc'),
    });

    const again = await roc('plan', '--detailed-exitcode');
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('nothing to change') });

    configure('  db:\n    instanceClass: db.m7g.large\n');
    const change = await roc('plan');
    expect(change.stdout).toMatch(
      /~ Database .*RDS::DBInstance\n +DBInstanceClass: db\.t4g\.medium → db\.m7g\.large/,
    );
    expect((await roc('--yes', '--json')).exitCode).toBe(0);
    expect(stackOf(cloud).status).toBe('UPDATE_COMPLETE');

    const outputs = (await roc('outputs', '--json')).json<Record<string, unknown>>();
    expect(Object.keys(outputs)).toHaveLength(26);
    expect((await roc('status')).stdout).toMatch(/protected +from deletion/);
    expect(await roc('drift')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('no drift') });

    expect(await roc('destroy', '--env', 'prod')).toMatchObject({ exitCode: 4 });
    expect(await roc('destroy')).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('--env') });
  });

  it('before an image is pushed there are no servers; the next deployment raises them', async () => {
    cloud.isPushed = false;
    const first = await roc('apply', '--yes');
    expect(first.exitCode, first.stderr).toBe(0);
    expect(first.stdout).toMatch(
      /there are no servers: push it, then raise them[\s\S]*docker build --platform linux\/amd64 --tag 111122223333\.dkr\.ecr\.eu-west-1\.amazonaws\.com\/roc-dev\/orchestrator:\S+ \.[\s\S]*docker push[\s\S]*roc provision apply/,
    );
    expect(stackOf(cloud).template?.Resources['Servers']?.Properties).toMatchObject({ MinSize: '0' });
    cloud.isPushed = true;
    const second = await roc('plan');
    expect(second.stdout).toMatch(/~ Servers .*\n(?: +.*\n)*? +MinSize: 0 → 1/);
    expect((await roc('apply', '--yes')).stdout).not.toContain('there are no servers');
    expect(stackOf(cloud).template?.Resources['Servers']?.Properties).toMatchObject({ MinSize: '1' });
    cloud.isPushed = false;
    configure('  app:\n    version: 9.9.9\n');
    expect(await roc('plan')).toMatchObject({
      exitCode: 4,
      stderr: expect.stringMatching(
        /servers run: none could be replaced[\s\S]*Push it first[\s\S]*: docker build/,
      ),
    });
  });

  it('a policy of the duties that is none is found before anything is asked', async () => {
    writeFileSync(
      join(dir, 'backup.yaml'),
      'version: 1\npolicy: { id: X }\nassets: [{ id: a, type: tape }]\n',
    );
    configure('  ops:\n    backup:\n      policy: backup.yaml\n');
    const result = await roc('plan');
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('stack.ops.backup.policy');
  });

  it('production is destroyed in two steps, each with its name typed', async () => {
    writeFileSync(join(dir, 'roc.yaml'), CONFIG.replace('env: dev', 'env: prod'));
    await roc('--yes');
    expect(await roc('destroy', '--env', 'prod')).toMatchObject({
      exitCode: 4,
      stdout: expect.stringMatching(/stays +RobotsBucket[\s\S]*snapshot +Database/),
      stderr: expect.stringMatching(/production and protected \(the stack, Database\)[\s\S]*--disarm/),
    });
    expect(await roc('destroy', '--disarm', '--env', 'dev')).toMatchObject({ exitCode: 4 });
    expect(await roc('destroy', '--disarm', '--env', 'prod')).toMatchObject({ exitCode: 0 });
    expect(await roc('destroy', '--env', 'prod')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('roc-prod is gone'),
    });
    expect(cloud.snapshots).toEqual(['Database']);
    expect(alive()).toEqual([]);
  });

  it('a stale plan is refused with 4, and says how to go on', async () => {
    await roc('plan', '--yes', '--out', 'a.json');
    await roc('--yes');
    expect(await roc('apply', 'a.json')).toMatchObject({
      exitCode: 4,
      stderr: expect.stringMatching(
        /gone: another deployment came first; nothing was changed\n +next: Plan again/,
      ),
    });
  });

  it.each([
    [
      'account',
      'account: "999999999999"',
      /belong to account 111122223333, and the stack to 999999999999/,
      4,
    ],
    ['region', 'region: us-east-1', /this is eu-west-1, and the stack belongs to us-east-1/, 4],
    ['name', 'name: x_y', /stack\.name: expected/, 2],
  ])('a wrong %s is refused before anything is made', async (_, line, says, exitCode) => {
    configure(`  ${line}\n`);
    const result = await roc('--yes');
    expect(result).toMatchObject({ exitCode, stderr: expect.stringMatching(says) });
    expect(cloud.stacks.size).toBe(0);
  });

  it.each([
    [
      'a certificate that is missing',
      'acm:DescribeCertificate',
      () => {
        throw new AwsFault('ResourceNotFoundException', 'Could not find certificate');
      },
      /there is no certificate/,
      2,
    ],
    [
      'a certificate that is not issued',
      'acm:DescribeCertificate',
      () => ({ Certificate: { Status: 'PENDING_VALIDATION' } }),
      /is PENDING_VALIDATION, not ISSUED/,
      2,
    ],
    [
      'a quota that is used up',
      'ec2:DescribeVpcs',
      () => ({ Vpcs: Array.from({ length: 5 }, (_, i) => ({ VpcId: `vpc-${i}` })) }),
      /VPCs in the region: 1 more would make 6, and the quota is 5 \(L-F678F1CE\)/,
      4,
    ],
    [
      'a name that is taken',
      'ecr:DescribeRepositories',
      () => ({ repositories: [{ repositoryName: 'roc-dev' }] }),
      /the name \S+ is taken/,
      4,
    ],
  ])('%s stops before anything is made', async (_, call, handler, says, exitCode) => {
    cloud.handlers = { [call]: handler };
    expect(await roc('--yes')).toMatchObject({ exitCode, stderr: expect.stringMatching(says) });
    expect(cloud.stacks.size).toBe(0);
  });

  it('a look that is not allowed is a warning', async () => {
    cloud.handlers = {
      'service-quotas:GetServiceQuota': () => {
        throw new AwsFault(
          'AccessDeniedException',
          'not authorized to perform: servicequotas:GetServiceQuota',
        );
      },
    };
    const result = await roc('plan', '--yes');
    expect(result).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/warning: VPCs in the region could not be checked/),
    });
  });

  it('a missing permission is named, with the way to the policy that has it', async () => {
    cloud.faults.set('cloudformation:CreateChangeSet', [
      new AwsFault(
        'AccessDenied',
        'User: arn:aws:iam::111122223333:user/ana is not authorized to perform: cloudformation:CreateChangeSet on resource: x',
        403,
      ),
    ]);
    const result = await roc('--yes', '--json');
    expect(result.exitCode).toBe(4);
    expect(lines(result.stdout)).toEqual([
      {
        error: {
          code: 'ROC_FORBIDDEN',
          message: expect.stringContaining('cloudformation:CreateChangeSet'),
          hint: expect.stringMatching(
            /permission cloudformation:CreateChangeSet is missing; `roc iam policy/,
          ),
        },
      },
    ]);
  });

  // Killed while: the change set is made, the stack is created, the creation has ended and is not protected yet.
  it.each([
    [
      'the change set is made',
      () => {
        cloud.changeSetLooks = 1_000_000;
      },
      () => cloud.changeSets.size === 1,
    ],
    [
      'the stack is created',
      () => {
        cloud.stepsPerLook = 1;
      },
      () => alive()[0]?.status === 'CREATE_IN_PROGRESS',
    ],
    [
      'protections are set',
      () => {
        cloud.handlers = {
          'cloudformation:SetStackPolicy': () => {
            throw new AwsFault('Throttling', 'Rate exceeded');
          },
        };
      },
      () => cloud.aws.calls.includes('cloudformation:SetStackPolicy'),
    ],
  ])(
    'kill -9 while %s: the same command again ends whole, with nothing half-owned',
    async (_, slow, isThen) => {
      slow();
      const program = startRoc(['provision', '--yes', '--json'], options());
      await until('the phase has come', () => isThen() || null, { timeoutMs: 30_000 });
      program.child.kill('SIGKILL');
      await program.ended;
      Object.assign(cloud, { changeSetLooks: 1, stepsPerLook: 10_000, handlers: {} });
      const again = await roc('--yes', '--json');
      expect(again.exitCode).toBe(0);
      expect(alive().map(({ status, isProtected }) => ({ status, isProtected }))).toEqual([
        { status: 'CREATE_COMPLETE', isProtected: true },
      ]);
      expect([...cloud.changeSets.values()].map(({ executionStatus }) => executionStatus)).toEqual([
        'EXECUTE_COMPLETE',
      ]);
      const begun = stackOf(cloud).events.filter(
        ({ logicalId, status }) => logicalId === 'roc-dev' && status === 'CREATE_IN_PROGRESS',
      );
      expect(begun).toHaveLength(1);
    },
  );

  it('Ctrl-C leaves with 75 and what to do; events --follow joins; a second Ctrl-C is clean', async () => {
    cloud.stepsPerLook = 1;
    const program = startRoc(['provision', '--yes'], options());
    await program.waitFor(/created in/);
    expect(await program.stop('SIGINT')).toMatchObject({ exitCode: 75 });
    expect(program.stderr()).toMatch(/the operation goes on in AWS\n +next: Join it/);
    const watching = startRoc(['provision', 'events', '--follow', '--json'], options());
    await watching.waitFor(/CREATE_COMPLETE/);
    expect(await watching.stop('SIGINT')).toMatchObject({ exitCode: 0 });
    cloud.stepsPerLook = 10_000;
    expect(await roc('events', '--follow')).toMatchObject({ exitCode: 0 });
  });

  it('a failure at three in the morning: what, why, what next, and the way out', async () => {
    cloud.failures.set(
      'Database',
      'Resource handler returned message: "InsufficientDBInstanceCapacity: no capacity" (RequestToken: 1, HandlerErrorCode: GeneralServiceException)',
    );
    const failed = await roc('--yes');
    expect(failed).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(
        /error: Database \(AWS::RDS::DBInstance\): InsufficientDBInstanceCapacity: no capacity\n +the stack roc-dev failed[\s\S]*next: AWS has no such machine free/,
      ),
    });
    expect((await roc('status')).stdout).toMatch(/first cause +Database/);
    expect(await roc('events')).toMatchObject({ exitCode: 3 });
    cloud.failures.clear();
    expect(await roc('plan')).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('roc provision recover'),
    });
    expect(await roc('recover')).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('--yes') });
    expect(await roc('recover', '--yes')).toMatchObject({ exitCode: 0 });
    expect(alive()).toEqual([]);
  });
});
