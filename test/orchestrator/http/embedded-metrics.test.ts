import { expect, it } from 'vitest';
import { embeddedMetrics } from '../../../src/orchestrator/http/embedded-metrics.js';
import { createMetrics } from '../../../src/orchestrator/http/metrics.js';
import { METRICS } from '../../../src/protocol/metrics.js';

const POOL = { tenant: 'T', pool: 'P', queued: 3, oldestQueuedSeconds: 7.5, runnersOnline: 2 };

it('tells every fixed metric by its dimensions and as a whole, in the format of CloudWatch', () => {
  const metrics = createMetrics(() => 0);
  metrics.jobFailed('dead');
  metrics.jobFailed('dead');
  metrics.apiLatency('api', 120);
  const lines = embeddedMetrics([POOL], metrics.take(), 1_700_000_000_000).map((line) => JSON.parse(line));
  const told = lines.flatMap((line) => {
    const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
    expect([Namespace, line._aws.Timestamp]).toEqual(['roc', 1_700_000_000_000]);
    for (const dimension of Dimensions[0]) expect(line[dimension]).toEqual(expect.any(String));
    expect(Dimensions[1]).toEqual([]);
    return Metrics.map(({ Name, Unit }: { Name: string; Unit: string }) => [
      Name,
      Unit,
      line[Name],
      Dimensions[0],
    ]);
  });
  const values = {
    QueueDepth: 3,
    OldestQueuedSeconds: 7.5,
    RunnersOnline: 2,
    JobsFailed: 2,
    ApiLatency: [0.12],
  };
  expect(told).toEqual(
    Object.entries(METRICS).map(([name, { unit, dimensions }]) => [
      ...[name, unit, values[name as keyof typeof values], [...dimensions]],
    ]),
  );
});

it('tells what was seen once, and never more than a hundred values', () => {
  const metrics = createMetrics(() => 0);
  for (let n = 0; n < 5000; n++) metrics.apiLatency('api', n);
  expect(metrics.take().latencies.get('api')).toHaveLength(100);
  expect(embeddedMetrics([], metrics.take(), 0)).toEqual([]);
});
