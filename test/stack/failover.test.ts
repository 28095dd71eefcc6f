/**
 * A database that is away for five minutes, against a balancer and an Auto Scaling group of our own that read their
 * settings from the template; what they ask is the real server, whose database answers nothing meanwhile.
 */
import { describe, expect, test } from 'vitest';
import { startTestServer } from '../helpers/test-server.js';
import { templateFor } from './samples.js';

// biome-ignore lint/suspicious/noExplicitAny: properties of any depth
type Loose = any;

const OUTAGE_SECONDS = 300;

/** How many instances a group with ELB health replaces while the check is asked for `seconds`. */
async function replacedWhile(
  seconds: number,
  targets: Loose,
  servers: Loose,
  ask: (path: string) => Promise<number>,
) {
  let failures = 0;
  let replaced = 0;
  for (let at = 0; at < seconds; at += targets.HealthCheckIntervalSeconds) {
    const healthy = String(await ask(targets.HealthCheckPath)) === targets.Matcher.HttpCode;
    failures = healthy ? 0 : failures + 1;
    if (servers.HealthCheckType === 'ELB' && failures >= targets.UnhealthyThresholdCount) {
      replaced += 1;
      failures = 0;
    }
  }
  return replaced;
}

describe('a database that is away for five minutes', () => {
  test('replaces no instance; a check that asked it would have replaced some', async () => {
    const { Resources } = await templateFor('prod');
    const servers = Resources['Servers']?.Properties;
    const server = await startTestServer();
    const ask = async (url: string) => (await server.app.inject({ url })).statusCode;
    expect([await ask('/healthz'), await ask('/readyz')]).toEqual([200, 200]);
    await server.parts.store.close();
    try {
      for (const id of ['ApiTargets', 'RunnerTargets']) {
        const targets = Resources[id]?.Properties as Loose;
        expect(await replacedWhile(OUTAGE_SECONDS, targets, servers, ask)).toBe(0);
        const asking = { ...targets, HealthCheckPath: '/readyz' };
        expect(await replacedWhile(OUTAGE_SECONDS, asking, servers, ask)).toBeGreaterThan(0);
      }
    } finally {
      await server.close().catch(() => {});
    }
  });
});
