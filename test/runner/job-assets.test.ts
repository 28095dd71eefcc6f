import { afterEach, describe, expect, it } from 'vitest';
import { RocError } from '../../src/kernel/errors.js';
import type { Identity } from '../../src/runner/identity.js';
import { openJobAssets, type RobotAssets } from '../../src/runner/job-assets.js';
import { createJobControl } from '../../src/runner/job-control.js';
import type { Link } from '../../src/runner/link.js';
import { fakeTiming } from '../helpers/fake-timing.js';
import { until } from '../helpers/until.js';

let assets: RobotAssets | null = null;
afterEach(() => assets?.close());

/** A server that answers an asset with these statuses first. */
async function scene(...statuses: readonly number[]) {
  const timing = fakeTiming();
  const asked: number[] = [];
  const link = {
    call: async () => ({ token: 'of-the-job', expiresAt: '', problems: [] }),
    asset: async () => {
      asked.push(timing.mono());
      const status = statuses[asked.length - 1];
      if (status === undefined) return { id: 'A', name: 'user', kind: 'text', value: 'ada' };
      throw new RocError('ROC_UNEXPECTED', 'not now', { details: { status, retryAfter: '7' } });
    },
  } as unknown as Link;
  const job = createJobControl({ jobId: 'J', epoch: 1 }, 60_000, 0);
  assets = await openJobAssets(job, { identity: {} as Identity, link, timing });
  const { url, token } = assets;
  const answer = fetch(`${url}/user`, { headers: { authorization: `Bearer ${token}` } });
  return { timing, asked, job, answer };
}

describe('the assets of a job', () => {
  it('come once the server has room again, as late as it said', async () => {
    const { timing, asked, answer } = await scene(429, 429);
    for (const count of [1, 2]) {
      await until('the pause', () => timing.slept.length === count);
      await timing.advance(7000);
    }
    expect(await (await answer).text()).toBe('ada');
    expect(asked).toEqual([0, 7000, 14_000]);
  });

  it.each([403, 404, 500])('are refused at once with %d', async (status) => {
    const { asked, answer } = await scene(status);
    expect((await answer).status).toBe(status);
    expect(asked).toHaveLength(1);
  });
});
