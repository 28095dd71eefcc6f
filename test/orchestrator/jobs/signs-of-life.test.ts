import { expect, it } from 'vitest';
import { createSignsOfLife } from '../../../src/orchestrator/jobs/signs-of-life.js';
import { forgetSession } from '../../../src/orchestrator/store/runners.js';
import { openFixture } from '../../contracts/store/fixture.js';
import { until } from '../../helpers/until.js';

it('writes the first sign at once and those that follow together, but never of a session that has ended', async () => {
  const f = await openFixture('sqlite::memory:');
  try {
    const [one, two, gone] = [await f.runner('one'), await f.runner('two'), await f.runner('gone')];
    await f.store.transaction((tx) => forgetSession(tx, gone.runnerId));
    const seen = async () => {
      const rows = await f.store.db.selectFrom('runner').select(['id', 'last_seen_at']).execute();
      return new Map(rows.map(({ id, last_seen_at }) => [id, last_seen_at]));
    };
    const signs = createSignsOfLife(f.store);
    f.clock.advance(1000);
    await signs.note(one.runnerId);
    expect((await seen()).get(one.runnerId)).toBe(f.clock());
    f.clock.advance(1000);
    for (const { runnerId } of [one, two, gone]) await signs.note(runnerId);
    expect((await seen()).get(two.runnerId)).toBe(f.clock() - 2000);
    await until('the second write', async () => (await seen()).get(two.runnerId) === f.clock());
    expect(await seen()).toEqual(
      new Map([
        [one.runnerId, f.clock()],
        [two.runnerId, f.clock()],
        [gone.runnerId, null],
      ]),
    );
  } finally {
    await f.store.close();
  }
});
