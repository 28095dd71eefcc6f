import { expect, it } from 'vitest';
import { createDiskBlobs } from '../../../src/orchestrator/blobs/disk.js';
import { sweepOrphans } from '../../../src/orchestrator/packages/sweep-orphans.js';
import { tempDirs } from '../../helpers/temp-dirs.js';

const freshDir = tempDirs('sweep');

it('removes old packages that nobody recorded, and those alone', async () => {
  const blobs = createDiskBlobs({ root: freshDir() });
  const put = (key: string) =>
    blobs.put(
      key,
      (async function* () {
        yield Buffer.from('x');
      })(),
    );
  for (const key of ['packages/known', 'packages/orphan', 'other/orphan']) await put(key);
  const hour = 3_600_000;
  const sweep = (now: number) =>
    sweepOrphans(blobs, {
      prefix: 'packages/',
      isKnown: async (key) => key === 'packages/known',
      now: () => now,
      minAge: hour,
    });
  expect(await sweep(Date.now() + hour / 2)).toEqual({ removed: 0, spared: 0 });
  expect(await sweep(Date.now() + 2 * hour)).toEqual({ removed: 1, spared: 0 });
  expect(await blobs.size('packages/orphan')).toBeNull();
  expect(await blobs.size('packages/known')).toBe(1);
  expect(await blobs.size('other/orphan')).toBe(1);
});

it('removes nothing where most is unknown: it may be all that another installation has', async () => {
  const blobs = createDiskBlobs({ root: freshDir() });
  for (const name of ['known', 'a', 'b'])
    await blobs.put(
      `packages/${name}`,
      (async function* () {
        yield Buffer.from('x');
      })(),
    );
  const sweep = (known: readonly string[]) =>
    sweepOrphans(blobs, {
      prefix: 'packages/',
      isKnown: async (key) => known.includes(key),
      now: () => Date.now() + 10,
      minAge: 0,
    });
  expect(await sweep([])).toEqual({ removed: 0, spared: 3 });
  expect(await sweep(['packages/known'])).toEqual({ removed: 0, spared: 2 });
  expect(await blobs.size('packages/a')).toBe(1);
  expect(await sweep(['packages/known', 'packages/a'])).toEqual({ removed: 1, spared: 0 });
});
