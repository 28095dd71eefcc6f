import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRunnerRoster } from '../../../src/orchestrator/auth/runner-roster.js';
import { deleteRunner } from '../../../src/orchestrator/store/runners.js';
import type { Store } from '../../../src/orchestrator/store/store.js';
import { type Fixture, openFixture } from '../../contracts/store/fixture.js';

let f: Fixture;
let queries = 0;
let store: Store;

beforeEach(async () => {
  f = await openFixture('sqlite::memory:');
  queries = 0;
  const db = f.store.db.withPlugin({
    transformQuery: ({ node }) => {
      queries++;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  store = { ...f.store, db };
});
// A hook of its own: vitest gives what `beforeEach` returns no time-out.
afterEach(() => f.store.close());

const idsOf = async (count: number) => {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push((await f.runner(`r${n}`)).runnerId);
  return ids;
};

describe('the roster of runners', () => {
  it('asks once for each, then for all together', async () => {
    const roster = createRunnerRoster(store, f.clock);
    const ids = await idsOf(20);
    for (const id of [...ids, ...ids]) expect((await roster.find(id))?.id).toBe(id);
    expect(queries).toBe(20);
    for (let round = 0; round < 10; round++) {
      f.clock.advance(4000);
      await roster.refresh();
      for (const id of ids) expect((await roster.find(id))?.kind).toBe('runner');
    }
    expect(queries).toBe(30);
  });

  it('asks again where nobody has refreshed it, and forgets who has not asked for long', async () => {
    const roster = createRunnerRoster(store, f.clock);
    const [id = ''] = await idsOf(1);
    await roster.find(id);
    f.clock.advance(5001);
    await roster.find(id);
    expect(queries).toBe(2);
    f.clock.advance(45_001);
    await roster.refresh();
    expect(queries).toBe(2);
  });

  it('knows no runner that was removed longer than it may, and at once where it was told', async () => {
    const roster = createRunnerRoster(store, f.clock);
    const [one = '', two = ''] = await idsOf(2);
    await Promise.all([roster.find(one), roster.find(two)]);
    await f.store.transaction((tx) => deleteRunner(tx, one));
    await f.store.transaction((tx) => deleteRunner(tx, two));
    roster.forget(one);
    expect(await roster.find(one)).toBeNull();
    expect((await roster.find(two))?.id).toBe(two);
    await roster.refresh();
    expect(await roster.find(two)).toBeNull();
  });

  it('does not bring back by what was read before what was forgotten after', async () => {
    const roster = createRunnerRoster(store, f.clock);
    const [id = ''] = await idsOf(1);
    const early = roster.find(id);
    roster.forget(id);
    await early;
    await f.store.transaction((tx) => deleteRunner(tx, id));
    expect(await roster.find(id)).toBeNull();
  });
});
