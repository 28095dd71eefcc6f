import { describe, expect, test } from 'vitest';
import { askOrchestrator } from '../../../src/scale/status/orchestrator.js';

const SCRAPE = `# HELP roc_queue_depth Jobs
# TYPE roc_queue_depth gauge
roc_queue_depth{tenant="a",pool="x"} 3
roc_queue_depth{tenant="a",pool="y"} 4 1730000000000
roc_oldest_queued_seconds{tenant="a",pool="x"} 12.5
roc_oldest_queued_seconds{tenant="a",pool="y"} 90
roc_runners_online{tenant="a",pool="x"} 2
roc_runners_online_total 77
`;

type Answer = Response | Error;
const ask = (answers: Readonly<Record<string, Answer>>) =>
  askOrchestrator({
    url: 'https://roc.example.com',
    clock: () => 0,
    nodes: async () => ({ unknown: 'no key' }),
    fetch: (async (url: string) => {
      const answer = answers[new URL(url).pathname];
      if (answer instanceof Error) throw answer;
      return answer ?? new Response('', { status: 404 });
    }) as typeof fetch,
  });
const failed = (code: string) =>
  Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('x'), { code }) });

describe('an orchestrator', () => {
  test('that is well tells its checks and its queue over all pools', async () => {
    const ready = {
      verdict: 'ready',
      checks: { database: { verdict: 'pass' }, keys: { verdict: 'fail', message: 'm' } },
    };
    const facts = await ask({
      '/healthz': new Response('{}'),
      '/readyz': Response.json(ready),
      '/metrics': new Response(SCRAPE),
    });
    expect(facts.health).toEqual({ status: 200, failure: null, tookMs: 0 });
    expect(facts.ready.checks).toEqual({ database: true, keys: false });
    expect(facts.queue).toEqual({ depth: 7, oldestSeconds: 90, runnersOnline: 2 });
  });

  test('behind a balancer hides what it stands on', async () => {
    const facts = await ask({ '/healthz': new Response('{}') });
    expect([facts.ready.status, facts.ready.checks, facts.queue]).toEqual([404, null, null]);
  });

  test('that cannot reach its database tells no queue rather than an empty one', async () => {
    const facts = await ask({
      '/healthz': new Response('{}'),
      '/metrics': new Response('process_cpu_seconds_total 1\n'),
    });
    expect(facts.queue).toBeNull();
  });

  test.each([
    ['a refused connection', failed('ECONNREFUSED'), 'ECONNREFUSED'],
    ['a time-out', new DOMException('The operation was aborted due to timeout', 'TimeoutError'), /timeout/],
  ])('that does not answer says how: %s', async (_, error, failure) => {
    const facts = await ask({ '/healthz': error });
    expect(facts.health.status).toBeNull();
    expect(facts.health.failure).toMatch(failure);
  });
});
