import { expect, it } from 'vitest';
import { createMetrics } from '../../../src/orchestrator/http/metrics.js';
import { METRICS } from '../../../src/protocol/metrics.js';

const POOL = { tenant: 'T', pool: 'P', queued: 3, oldestQueuedSeconds: 7.5, runnersOnline: 2 };

it('has the fixed metrics under names that Prometheus takes, with their dimensions as labels', async () => {
  const metrics = createMetrics(() => 0);
  metrics.jobFailed('dead');
  metrics.apiLatency('api', 120);
  const text = await metrics.scrape(async () => [POOL]);
  for (const { prometheus, dimensions } of Object.values(METRICS)) {
    expect(prometheus).toMatch(/^roc_[a-z_]+$/);
    const line = text.split('\n').find((one) => one.startsWith(prometheus) && one.includes('{')) ?? '';
    for (const dimension of dimensions) expect(line).toContain(`${dimension.toLowerCase()}="`);
  }
  expect(text).toContain('roc_queue_depth{tenant="T",pool="P"} 3');
  expect(text).toContain('roc_oldest_queued_seconds{tenant="T",pool="P"} 7.5');
  expect(text).toContain('roc_runners_online{tenant="T",pool="P"} 2');
  expect(text).toContain('roc_jobs_failed_total{state="dead"} 1');
  expect(text).toContain('roc_api_latency_seconds_bucket{le="0.1",class="api"} 0');
  expect(text).toContain('roc_api_latency_seconds_bucket{le="0.25",class="api"} 1');
});

it('asks the database once a second at most, and has no pools while it is away', async () => {
  let time = 0;
  let asked = 0;
  const metrics = createMetrics(() => time);
  const read = async () => {
    asked++;
    return [POOL];
  };
  await metrics.scrape(read);
  await metrics.scrape(read);
  expect(asked).toBe(1);
  time += 1000;
  await metrics.scrape(read);
  expect(asked).toBe(2);
  time += 1000;
  const away = await metrics.scrape(() => Promise.reject(new TypeError('away')));
  expect(away).not.toContain('roc_queue_depth{');
  expect(away).toContain('process_cpu_seconds_total');
});
