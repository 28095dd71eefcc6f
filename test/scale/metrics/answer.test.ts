import { describe, expect, test } from 'vitest';
import { mergedSeries, type PageResult } from '../../../src/scale/metrics/answer.js';
import { metricsRequested, monthlyUsd, readingCost } from '../../../src/scale/metrics/cost.js';
import { balancerNames } from '../../../src/scale/metrics/names.js';

const page = (statusCode: string, ...values: [number, number][]): PageResult => ({
  id: 'm0',
  statusCode,
  messages: [],
  points: values.map(([at, value]) => ({ at, value })),
});

describe('pages of one metric', () => {
  test.each<[string, PageResult[], string]>([
    ['one whole page', [page('Complete', [1, 1])], 'complete'],
    [
      'a page that goes on with the next',
      [page('PartialData', [2, 2]), page('Complete', [1, 1])],
      'complete',
    ],
    ['a last page that is partial', [page('Complete', [2, 2]), page('PartialData', [1, 1])], 'partial'],
    ['a fault in between', [page('InternalError'), page('Complete', [1, 1])], 'failed'],
    ['a refusal', [page('Forbidden')], 'forbidden'],
    ['a refusal before a fault', [page('InternalError'), page('Forbidden')], 'forbidden'],
    ['a word of tomorrow', [page('Delayed', [1, 1])], 'partial'],
    ['no page at all', [], 'failed'],
    ['one instant with two values', [page('PartialData', [1, 1]), page('Complete', [1, 2])], 'partial'],
    ['a value that is no number', [page('Complete', [1, Number.NaN])], 'partial'],
    ['no points, yet complete', [page('Complete')], 'complete'],
  ])('are judged: %s', (_, pages, status) => {
    expect(mergedSeries('x', 60_000, pages, []).status).toBe(status);
  });

  test('are put in order, with all that was said', () => {
    const merged = mergedSeries(
      'x',
      60_000,
      [
        { ...page('PartialData', [3, 3], [2, 2]), messages: ['slow'] },
        { ...page('Complete', [1, 1]), messages: ['slow'] },
      ],
      [],
    );
    expect(merged.points.map(({ at }) => at)).toEqual([1, 2, 3]);
    expect(merged.messages).toEqual(['slow']);
  });

  test('are doubted when AWS says something about the whole call', () => {
    expect(mergedSeries('x', 60_000, [page('Complete', [1, 1])], ['MaxMetricsExceeded']).status).toBe(
      'partial',
    );
  });
});

describe('the cost of a reading', () => {
  test('counts up to five statistics of a metric once', () => {
    expect(metricsRequested(['a', 'a', 'a', 'a', 'a', 'b'])).toBe(2);
    expect(metricsRequested(['a', 'a', 'a', 'a', 'a', 'a'])).toBe(2);
    expect(metricsRequested([])).toBe(0);
  });

  test('is what AWS charges: 25 metrics a minute are 10.80 dollars a month', () => {
    expect(monthlyUsd(25, 60_000)).toBeCloseTo(10.8, 10);
    expect(readingCost(1000).usd).toBeCloseTo(0.01, 10);
  });
});

test('CloudWatch calls a balancer by the end of its ARN', () => {
  expect(
    balancerNames(
      'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/roc-prod/50dc6c495c0c9188',
      'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/roc-api/73e2d6bc24d8a067',
    ),
  ).toEqual({
    balancer: 'app/roc-prod/50dc6c495c0c9188',
    targetGroup: 'targetgroup/roc-api/73e2d6bc24d8a067',
  });
});
