import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AwsAccess, awsAccess } from '../../../src/scale/aws/access.js';
import { readHistory } from '../../../src/scale/aws/history.js';
import { readMetrics } from '../../../src/scale/aws/metrics.js';
import { balancerQuery, instanceQuery } from '../../../src/scale/metrics/names.js';
import { settledPoints } from '../../../src/scale/metrics/series.js';
import { AwsFault, type RunningFakeAws, startFakeAws } from '../../helpers/aws-model/fake-aws.js';
import { describeWith } from '../../helpers/parts.js';
import { type FakeCloudWatch, fakeCloudWatch } from '../../helpers/scale/cloudwatch-fake.js';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 2, 29, 1, 30) + 17_000;
const names = { balancer: 'app/roc/1', targetGroup: 'targetgroup/api/2' };
const requests = balancerQuery(names, 'requests');
const minuteOf = (back: number) => Math.floor(NOW / MINUTE) * MINUTE - back * MINUTE;

describeWith('botocore', 'metrics of a strict fake of CloudWatch', () => {
  let fake: RunningFakeAws;
  let watch: FakeCloudWatch;
  let access: AwsAccess;
  const kept = { ...process.env };

  beforeAll(async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDROC', AWS_SECRET_ACCESS_KEY: 'test' });
    fake = await startFakeAws({});
  });
  afterAll(async () => {
    process.env = kept;
    await fake.close();
  });
  beforeEach(() => {
    watch = fakeCloudWatch(() => NOW);
    fake.handlers = watch.handlers;
    access = awsAccess({ region: 'eu-west-1', endpointUrl: fake.url });
  });
  afterEach(() => expect(fake.problems.splice(0)).toEqual([]));

  const traffic = (minutes: number, each: (back: number) => number = (back) => back) => {
    for (let back = minutes; back > 0; back--) watch.put(requests, minuteOf(back), each(back));
  };
  const window = (minutes: number) => ({ from: NOW - minutes * MINUTE, to: NOW, now: NOW });

  test('come oldest first though AWS tells the newest first', async () => {
    traffic(5);
    const { series, cost, retries } = await readMetrics(access, [requests], window(10));
    expect(series.get('requests')?.points.map(({ value }) => value)).toEqual([5, 4, 3, 2, 1]);
    expect({ cost: cost.metrics, retries }).toEqual({ cost: 1, retries: 0 });
  });

  test('of a page each are whole, and every page is paid for', async () => {
    traffic(60);
    for (let back = 60; back > 0; back--) watch.put(balancerQuery(names, 'healthy'), minuteOf(back), 2);
    watch.pageSize = 25;
    const queries = [requests, balancerQuery(names, 'healthy')];
    const { series, cost } = await readMetrics(access, queries, window(61));
    expect([...series.values()].map(({ status, points }) => [status, points.length])).toEqual([
      ['complete', 60],
      ['complete', 60],
    ]);
    expect(watch.asked).toHaveLength(5);
    expect(cost.metrics).toBe(10);
  });

  test('of 1,201 queries go in three calls', async () => {
    const queries = Array.from({ length: 1201 }, (_, i) => instanceQuery(`i-${i}`, 'cpu'));
    watch.put(queries[1200]!, minuteOf(5), 42);
    const { series, cost } = await readMetrics(access, queries, window(30));
    expect(watch.asked.map(({ length }) => length)).toEqual([500, 500, 201]);
    expect(series.size).toBe(1201);
    expect(series.get('cpu:i-1200')?.points[0]?.value).toBe(42);
    expect(cost.metrics).toBe(1201);
  });

  test('that are throttled come in the end, and the tries are told', async () => {
    traffic(1);
    watch.throttled = 1;
    const { series, retries } = await readMetrics(access, [requests], window(5));
    expect(series.get('requests')?.points).toHaveLength(1);
    expect(retries).toBe(1);
  });

  test('keep what AWS says of each', async () => {
    traffic(3);
    watch.put(balancerQuery(names, 'p95'), minuteOf(2), [0.1, 0.2, 0.9]);
    watch.statusOf.set('RequestCount', 'PartialData');
    watch.statusOf.set('HealthyHostCount', 'Forbidden');
    watch.statusOf.set('UnHealthyHostCount', 'InternalError');
    const queries = (['requests', 'healthy', 'unhealthy', 'p95'] as const).map((name) =>
      balancerQuery(names, name),
    );
    const { series } = await readMetrics(access, queries, window(5));
    expect([...series].map(([id, { status }]) => [id, status])).toEqual([
      ['requests', 'partial'],
      ['healthy', 'forbidden'],
      ['unhealthy', 'failed'],
      ['p95', 'complete'],
    ]);
    expect(series.get('p95')?.points[0]?.value).toBe(0.9);
  });

  test('that contradict themselves are partial', async () => {
    traffic(3);
    watch.twice.add('RequestCount');
    const { series } = await readMetrics(access, [requests], window(5));
    expect(series.get('requests')).toMatchObject({
      status: 'partial',
      messages: ['3 points came twice with different values'],
    });
  });

  test('are doubted where AWS has a word on the whole call', async () => {
    traffic(3);
    watch.words = [{ Code: 'MaxMetricsExceeded', Value: 'too many' }];
    const reading = await readMetrics(access, [requests], window(5));
    expect(reading.messages).toEqual(['MaxMetricsExceeded: too many']);
    expect(reading.series.get('requests')?.status).toBe('partial');
  });

  test('that nobody measured are complete and empty, never zero', async () => {
    const { series } = await readMetrics(access, [requests], window(5));
    expect(series.get('requests')).toMatchObject({ status: 'complete', points: [] });
  });

  test('that come late are not there yet, and an early bucket is not settled', async () => {
    traffic(5);
    watch.lagMs = 2 * MINUTE;
    const { series } = await readMetrics(access, [requests], window(10));
    expect(series.get('requests')?.points.map(({ value }) => value)).toEqual([5, 4, 3]);
    const settled = settledPoints(series.get('requests')!, { now: NOW, settleMs: 3 * MINUTE });
    expect(settled.map(({ value }) => value)).toEqual([5, 4]);
  });

  test('of fourteen days are one grid: zero where the balancer was there, unknown where nothing was', async () => {
    const days = 14 * 24 * 60;
    const healthy = balancerQuery(names, 'healthy');
    for (let back = days; back > 0; back--) {
      if (back % 3 !== 0) watch.put(requests, minuteOf(back), 7);
      if (back < 1000 || back > 1060) watch.put(healthy, minuteOf(back), 2);
    }
    watch.pageSize = 10_000;
    const history = await readHistory(access, { balancer: names, asgName: null }, { now: NOW });
    expect(history.requests).toHaveLength(days - 4);
    expect(history.requests.filter((value) => value === null)).toHaveLength(20);
    expect(history.requests.filter((value) => value === 0).length).toBeGreaterThan(6000);
    expect(history.warnings).toEqual([]);
    expect(history.cost.metrics).toBe(watch.asked.flat().length);
  });

  test('of a refused caller are an error that names the call', async () => {
    fake.handlers = {
      'cloudwatch:GetMetricData': () => {
        throw new AwsFault('AccessDeniedException', 'User is not authorized', 403);
      },
    };
    await expect(readMetrics(access, [requests], window(5))).rejects.toMatchObject({
      code: 'ROC_FORBIDDEN',
      message: expect.stringContaining('cloudwatch:GetMetricData'),
    });
  });
});
