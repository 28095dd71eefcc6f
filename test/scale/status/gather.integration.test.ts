import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AwsAccess, awsAccess } from '../../../src/scale/aws/access.js';
import type { StatusTarget } from '../../../src/scale/status/gather.js';
import { screenLines } from '../../../src/scale/status/screen.js';
import { takeStatus } from '../../../src/scale/status/take.js';
import { AwsFault, type RunningFakeAws, startFakeAws } from '../../helpers/aws-model/fake-aws.js';
import { describeWith } from '../../helpers/parts.js';
import {
  type FakeInstallation,
  fakeInstallation,
  INSTALLATION,
} from '../../helpers/scale/installation-fake.js';

const NOW = Date.UTC(2026, 10, 22, 3, 20, 17);
const MINUTE = 60_000;

describeWith('botocore', 'the status of a strict fake of an installation', () => {
  let aws: RunningFakeAws;
  let fake: FakeInstallation;
  let access: AwsAccess;
  const kept = { ...process.env };

  beforeAll(async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDROC', AWS_SECRET_ACCESS_KEY: 'test' });
    aws = await startFakeAws({});
  });
  afterAll(async () => {
    process.env = kept;
    await aws.close();
  });
  beforeEach(() => {
    fake = fakeInstallation(() => NOW);
    aws.handlers = fake.handlers;
    access = awsAccess({ region: 'eu-west-1', endpointUrl: aws.url });
  });
  afterEach(() => expect(aws.problems.splice(0)).toEqual([]));

  const take = async (target: StatusTarget = INSTALLATION) =>
    (await takeStatus({ access, target, orchestrator: null, now: () => NOW })).status;
  const component = async (id: string, target?: StatusTarget) =>
    (await take(target)).components.find((one) => one.id === id)!;
  const texts = async (id: string) => (await component(id)).reasons.map(({ text }) => text);

  test('that is well is ok, with the age of every number', async () => {
    const status = await take();
    expect(status.components.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['balancer', 'ok'],
      ['servers', 'ok'],
      ['database', 'ok'],
      ['alarms', 'ok'],
    ]);
    expect(status.verdict).toBe('ok');
    const metrics = status.components.flatMap((one) => [
      ...one.metrics,
      ...one.parts.flatMap((part) => part.metrics),
    ]);
    expect(metrics.filter(({ value, ageSeconds }) => value === null || ageSeconds === null)).toEqual([]);
    expect(screenLines(status, { width: 80, isColoured: false, isUnicode: true }).length).toBeLessThanOrEqual(
      24,
    );
  });

  test('shows each instance with its zone, CPU and credits', async () => {
    const { parts, about } = await component('servers');
    expect(about).toContain('eu-west-1a 1, eu-west-1b 1');
    expect(parts.map((part) => [part.id, part.about, part.metrics.map(({ name }) => name)])).toEqual([
      ['i-0a1b2c3d4e5f60718', 'eu-west-1a t3.small', ['cpu', 'credits', 'surplusCredits']],
      ['i-0f1e2d3c4b5a69788', 'eu-west-1b t3.small', ['cpu', 'credits', 'surplusCredits']],
    ]);
  });

  test('is bad without a healthy target', async () => {
    fake.targets.set('api', [['i-0a1b2c3d4e5f60718', 'unhealthy']]);
    expect(await component('balancer')).toMatchObject({ verdict: 'bad' });
    expect(await texts('balancer')).toContain('no target of api is healthy');
  });

  test('is bad while a failover goes on, and warns of one that ended', async () => {
    const event = (minutes: number, Message: string) => ({
      ...{ SourceIdentifier: 'roc-prod-db', SourceType: 'db-instance', EventCategories: ['failover'] },
      ...{ Date: new Date(NOW - minutes * MINUTE), Message },
    });
    fake.events.push(event(3, 'Multi-AZ instance failover started.'));
    expect(await component('database')).toMatchObject({ verdict: 'bad' });
    fake.events.push(event(2, 'Multi-AZ instance failover completed'));
    expect(await component('database')).toMatchObject({ verdict: 'warn' });
    expect(await texts('database')).toContain('last failover 2m ago (2026-11-22T03:18:17.000Z)');
  });

  test('holds connections against what the parameter group allows', async () => {
    fake.parameters.push({ ParameterName: 'max_connections', ParameterValue: '32', Source: 'user' });
    expect(await texts('database')).toContain('31 of 32 connections are taken');
    fake.parameters[0]!['ParameterValue'] = '{DBInstanceClassMemory/12582880}';
    expect((await component('database')).metrics.find(({ name }) => name === 'connections')).toMatchObject({
      of: 2730,
      verdict: 'ok',
    });
  });

  test('tells only the alarms that tell its topic', async () => {
    const alarm = (AlarmName: string, StateValue: string, topic: string = INSTALLATION.alarmTopicArn) => ({
      ...{ AlarmName, StateValue, AlarmActions: [topic], StateReason: 'Threshold Crossed:\n1 datapoint' },
      StateUpdatedTimestamp: new Date(NOW - 5 * MINUTE),
    });
    fake.alarms.push(alarm('roc-prod-DatabaseCpu', 'ALARM'), alarm('roc-prod-Queue', 'INSUFFICIENT_DATA'));
    fake.alarms.push(
      alarm('other', 'ALARM', 'arn:aws:sns:eu-west-1:123456789012:others'),
      alarm('fine', 'OK'),
    );
    const { verdict, parts, reasons } = await component('alarms');
    expect(verdict).toBe('bad');
    expect(parts.map(({ id, about }) => [id, about])).toEqual([
      ['roc-prod-DatabaseCpu', 'for 5m: Threshold Crossed:\n1 datapoint'],
    ]);
    expect(reasons).toEqual([{ verdict: 'ok', text: '1 have not enough data to judge' }]);
  });

  test('does not take it for quiet where no alarm is left that could ring', async () => {
    fake.alarms.splice(0);
    const { verdict, reasons } = await component('alarms');
    expect([verdict, reasons[0]?.text]).toEqual([
      'unknown',
      `no alarm tells ${INSTALLATION.alarmTopicArn}: none could ring`,
    ]);
  });

  test.each([
    'elbv2:DescribeTargetHealth',
    'autoscaling:DescribeAutoScalingGroups',
    'rds:DescribeDBInstances',
  ])('does not know what it may not read: %s', async (call) => {
    fake.refused.add(call);
    const status = await take();
    expect(status.verdict).toBe('unknown');
    const blind = status.components.filter(({ verdict }) => verdict === 'unknown');
    expect(blind).toHaveLength(1);
    expect(blind[0]?.reasons[0]?.text).toContain('AWS refused it');
  });

  test('says once why there are no metrics, and still tells what is bad', async () => {
    fake.targets.set('api', []);
    fake.handlers['cloudwatch:GetMetricData'] = () => {
      throw new AwsFault('AccessDenied', 'not authorized', 403);
    };
    const status = await take();
    expect(status.verdict).toBe('bad');
    const database = status.components.find(({ id }) => id === 'database')!;
    expect(database.verdict).toBe('unknown');
    expect(database.reasons.filter(({ verdict }) => verdict === 'unknown')).toHaveLength(1);
  });

  test('of a database that nobody made is unknown', async () => {
    const { verdict, reasons } = await component('database', { ...INSTALLATION, dbInstanceId: 'gone' });
    expect([verdict, reasons[0]?.text]).toEqual(['unknown', expect.stringContaining('gone')]);
  });

  test('of a service of ECS counts its tasks; a part that is not there is left out', async () => {
    Object.assign(fake.service, {
      ...{ serviceName: 'api', status: 'ACTIVE', desiredCount: 3, runningCount: 2, pendingCount: 1 },
      deployments: [{ id: 'd', status: 'PRIMARY', rolloutState: 'IN_PROGRESS' }],
    });
    const dimensions = { ClusterName: 'roc', ServiceName: 'api' };
    for (const metric of ['CPUUtilization', 'MemoryUtilization'])
      for (let back = 10; back > 0; back--)
        fake.watch.put(
          { namespace: 'AWS/ECS', metric, dimensions },
          Math.floor(NOW / MINUTE) * MINUTE - back * MINUTE,
          40,
        );
    const nothing = { albArn: null, apiTargetGroupArn: null, runnerTargetGroupArn: null, asgName: null };
    const target = { ...INSTALLATION, ...nothing, dbInstanceId: null, ecsCluster: 'roc', ecsService: 'api' };
    const status = await take(target);
    expect(status.components.map(({ id }) => id)).toEqual(['service', 'alarms']);
    expect(status.components[0]).toMatchObject({ verdict: 'warn' });
    expect(status.components[0]?.reasons[0]?.text).toBe('2 of 3 wanted tasks run');
  });
});
