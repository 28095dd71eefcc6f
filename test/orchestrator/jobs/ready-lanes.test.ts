import { afterEach, beforeEach, expect, it } from 'vitest';
import { claimAll, openClaims } from '../../../src/orchestrator/jobs/claim.js';
import { createReadyLanes } from '../../../src/orchestrator/jobs/ready-lanes.js';
import type { Claims } from '../../../src/orchestrator/jobs/serve-wishes.js';
import { peekReady } from '../../../src/orchestrator/store/job-ready.js';
import { requirePlace } from '../../../src/orchestrator/store/places.js';
import { type Fixture, openFixture, type TestRunner } from '../../contracts/store/fixture.js';

let f: Fixture;
let runner: TestRunner;
let time = 0;
let claims: Claims;

beforeEach(async () => {
  f = await openFixture('sqlite::memory:');
  runner = await f.runner('r1', { os: 'linux' });
  claims = { ...openClaims(), ready: createReadyLanes(() => time) };
});
afterEach(() => f.store.close());

/** Jobs of the two lanes of Linux in turn, first those that come last. */
async function enqueueMixed(count: number): Promise<void> {
  await f.release('1.1.0', { platforms: ['linux'] });
  for (let n = 0; n < count; n += 2) await f.enqueue({ priority: 9 - (n % 8) });
  await f.release('1.2.0', { platforms: ['linux', 'windows'] });
  for (let n = 1; n < count; n += 2) await f.enqueue({ priority: 9 - (n % 8) });
}

async function take(slots: number, from: Claims = claims): Promise<string[]> {
  const [answer] = await claimAll(f.store, from, [{ ...runner, slots }]);
  if (answer === undefined || !('offers' in answer)) throw new TypeError('it was refused');
  return answer.offers.map(({ jobId }) => jobId);
}

/** All that is ready, best first. */
async function ready(): Promise<string[]> {
  const rows = await f.store.db
    .selectFrom('job_ready')
    .select('job_id')
    .orderBy('priority')
    .orderBy('job_id')
    .execute();
  return rows.map(({ job_id }) => job_id);
}

it.each([1, 3, 10])('gives jobs of all lanes in their one order, %i at a time', async (slots) => {
  await enqueueMixed(60);
  const order = await ready();
  const taken: string[] = [];
  for (let some = await take(slots); some.length > 0; some = await take(slots)) taken.push(...some);
  expect(taken).toEqual(order);
});

it('overlooks what became ready in another lane for no longer than a moment', async () => {
  await enqueueMixed(20);
  await take(1);
  await take(1);
  await f.release('1.3.0', { platforms: ['linux', 'macos', 'windows'] });
  const urgent = await f.enqueue({ priority: 0 });
  expect(await take(1)).not.toEqual([urgent.id]);
  time += 51;
  expect(await take(1)).toEqual([urgent.id]);
});

it('looks again where others have taken what it saw, and leaves nothing there', async () => {
  await enqueueMixed(30);
  const taken = [...(await take(1)), ...(await take(1))];
  const other = openClaims();
  taken.push(...(await take(20, other)));
  for (let some = await take(3); some.length > 0; some = await take(3)) taken.push(...some);
  expect(new Set(taken).size).toBe(30);
  expect(await ready()).toEqual([]);
});

it('sees ahead only where one look follows upon another, and tells whether it looked', async () => {
  await enqueueMixed(12);
  const pool = { tenantId: f.tenantId, poolId: await requirePlace(f.store, 'pool', f.tenantId, 'default') };
  const all = await peekReady(f.store, pool, ['linux', 'linux+windows'], 12);
  const lanes = createReadyLanes(() => time);
  const next = async (count: number) => {
    const { lanes: seen, isFresh } = await lanes.next(f.store, pool, 'linux', count);
    return { seen, isFresh };
  };
  expect(await next(2)).toEqual({ seen: all.slice(0, 2), isFresh: true });
  expect(await next(2)).toEqual({ seen: all.slice(0, 2), isFresh: true });
  expect(await next(4)).toEqual({ seen: all.slice(2, 6), isFresh: false });
  time += 51;
  expect(await next(4)).toEqual({ seen: all.slice(0, 4), isFresh: true });
  expect(await next(20)).toEqual({ seen: all, isFresh: true });
  (await lanes.next(f.store, pool, 'linux', 1)).forget();
  expect((await next(1)).isFresh).toBe(true);
});
