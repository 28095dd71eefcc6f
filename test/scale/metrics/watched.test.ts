import { describe, expect, test } from 'vitest';
import { createMetering } from '../../../src/scale/metrics/metering.js';
import { serviceQuery } from '../../../src/scale/metrics/names.js';
import { fastQueries, monthlyCost, readingPlan, type Watched } from '../../../src/scale/metrics/watched.js';

const WATCHED: Watched = {
  balancer: { balancer: 'app/roc/1', targetGroup: 'targetgroup/api/2' },
  asgName: 'roc-app',
  ecs: null,
  dbInstance: 'roc-db',
};

test('a service is asked by the name of its cluster, also where an ARN names that', () => {
  const arn = 'arn:aws:ecs:eu-west-1:123456789012:cluster/roc-prod';
  const ecs = { cluster: arn, service: 'roc-prod-api' };
  const [query] = fastQueries({ balancer: null, asgName: null, ecs, dbInstance: null });
  expect(query).toMatchObject({
    ...{ id: 'cpu', namespace: 'AWS/ECS', metric: 'CPUUtilization' },
    dimensions: { ClusterName: 'roc-prod', ServiceName: 'roc-prod-api' },
  });
  expect(serviceQuery(arn, 'roc-prod-api', 'serviceMemory').dimensions).toEqual(query?.dimensions);
});

describe('what watching costs', () => {
  test('is at most $5 a month for the shipped policy, told with how it comes about', () => {
    const cost = monthlyCost(WATCHED, 6, 60_000);
    // 6 metrics x 43,200 minutes + 6 credits x 8,640 times, $0.01 a thousand.
    expect(cost).toMatchObject({ usd: 3.11, metricsPerRead: 6 });
    expect(cost.how).toContain('6 metrics every 60 s and 6 every 300 s');
  });

  test('does not rise with a faster poll: CloudWatch has nothing newer', () => {
    expect(monthlyCost(WATCHED, 6, 10_000).usd).toBe(monthlyCost(WATCHED, 6, 60_000).usd);
    expect(monthlyCost(WATCHED, 0, 300_000).usd).toBeLessThan(1);
  });

  test('counts every metric that is asked for', async () => {
    const asked: number[] = [];
    let now = 0;
    const metering = createMetering({
      watched: WATCHED,
      plan: readingPlan(10_000),
      read: async (queries) => {
        asked.push(queries.length);
        return { series: new Map(), cost: { metrics: queries.length } };
      },
    });
    for (; now < 600_000; now += 10_000) {
      await metering.read(0, now);
      await metering.credits(['i-1', 'i-2'], now);
    }
    const { fastMs } = readingPlan(10_000);
    expect(asked.filter((count) => count === fastQueries(WATCHED).length)).toHaveLength(600_000 / fastMs);
    expect(asked.filter((count) => count === 2)).toHaveLength(2);
    expect(metering.requested()).toBe(6 * 10 + 2 * 2);
  });

  test('a reading that fails is of series that failed, never of zeros', async () => {
    const metering = createMetering({
      watched: WATCHED,
      plan: readingPlan(60_000),
      read: () => Promise.reject(new TypeError('throttled')),
    });
    const series = [...(await metering.read(0, 60_000)).values()];
    expect(series).toHaveLength(6);
    expect(series.every(({ status, points }) => status === 'failed' && points.length === 0)).toBe(true);
    expect(await metering.credits(['i-1'], 0)).toEqual({ balances: new Map(), unread: 'throttled' });
  });
});
