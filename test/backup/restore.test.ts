/** `roc backup restore` on an account in memory: what is there already is never passed off as what was asked for. */
import { describe, expect, it } from 'vitest';
import { assetSchema, type RdsAsset } from '../../src/backup/model.js';
import { type RestoreOptions, restore } from '../../src/backup/restore.js';
import type { Room } from '../../src/backup/room.js';
import { RocError } from '../../src/kernel/errors.js';
import { silentLog } from '../../src/kernel/log.js';
import { DAY, HOUR, MINUTE } from '../../src/kernel/time.js';
import { createMemoryCloud, databaseFacts, type MemoryCloud } from '../helpers/backup/memory-cloud.js';

const START = Date.UTC(2026, 10, 22);

interface Place {
  readonly world: MemoryCloud;
  time: number;
  restore(change?: Partial<RestoreOptions> & { source?: string }): ReturnType<typeof restore>;
}

function place(): Place {
  const clock = { time: START };
  // Each look takes a minute, so that no test waits.
  const now = () => {
    clock.time += MINUTE;
    return clock.time;
  };
  const world = createMemoryCloud(() => clock.time);
  for (const id of ['shop', 'stock'])
    world.instances.set(id, { facts: databaseFacts(id), bornAt: 0, deletedAt: null, end: 'available' });
  for (const [id, source, hours] of [
    ['snap-old', 'shop', 9],
    ['snap-new', 'shop', 1],
    ['snap-stock', 'stock', 1],
  ] as const)
    world.snapshots.push({
      ...{ kind: 'manual', id, arn: null, source, at: START - hours * HOUR, status: 'available' },
      ...{ encrypted: true, kmsKeyId: 'key-1', sizeGb: 20, engineVersion: '8.0.39', tags: {} },
    });
  const room = (source: string) =>
    ({
      cloud: world.cloud,
      policy: { policy: { assets: [asset(source)] }, sha256: '', file: '' },
      settings: { poll: 1, owner: 'ana' },
      outputs: null,
      aws: { region: 'us-east-1' },
      log: silentLog,
      now,
    }) as unknown as Room;
  return Object.assign(clock, {
    world,
    restore: ({ source = 'shop', ...change }: Partial<RestoreOptions> & { source?: string } = {}) =>
      restore(room(source), {
        ...{ asset: undefined, point: 'latest', to: 'shop-new', cutOver: false },
        ...{ signal: new AbortController().signal, onProgress: () => {} },
        ...change,
      }),
  });
}

function asset(source: string): RdsAsset {
  return assetSchema.parse({
    ...{ id: source, type: 'rds-mysql', rpo: '15m', rto: '2h', retention: { min: '35d' }, testEvery: '30d' },
    ...{ source: { dbInstance: source }, target: { maxCostUsd: 25 } },
  }) as RdsAsset;
}

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new TypeError('it was not refused');
    },
    (error: unknown) => error as RocError,
  );

describe('a copy that is there already', () => {
  it('is gone on with on the same day, whatever is newest by now', async () => {
    const lab = place();
    await lab.restore();
    lab.world.snapshots.push({ ...(lab.world.snapshots[1] as never as object), id: 'snap-newer' } as never);
    await expect(lab.restore({ cutOver: true })).resolves.toMatchObject({
      instance: 'shop',
      point: { id: 'snap-new' },
      former: 'shop-before-shop-new',
    });
    expect(lab.world.restores).toHaveLength(1);
  });

  it('months after a cut-over, the source is not taken for the restore that is asked for', async () => {
    const lab = place();
    await lab.restore({ cutOver: true });
    lab.time += 90 * DAY;
    for (const point of ['latest', 'pitr:latest', 'snap-new']) {
      const error = await refusal(lab.restore({ point, cutOver: true }));
      expect(error).toMatchObject({ code: 'ROC_CONFLICT' });
      expect(error.message).toMatch(/^shop is itself the restore shop-new of .+; nothing was restored$/);
    }
    await expect(lab.restore({ to: 'shop-newer', cutOver: true })).resolves.toMatchObject({
      former: 'shop-before-shop-newer',
    });
    expect(lab.world.restores.map(({ id }) => id)).toEqual(['shop-new', 'shop-newer']);
  });

  it('of another point, or too old to be the newest, is not cut over to', async () => {
    const lab = place();
    await lab.restore({ point: 'snap-old' });
    const other = await refusal(lab.restore({ point: 'snap-new', cutOver: true }));
    expect(other).toMatchObject({ code: 'ROC_CONFLICT', hint: expect.stringContaining('--point snap-old') });
    lab.time += 2 * DAY;
    expect((await refusal(lab.restore({ cutOver: true }))).code).toBe('ROC_CONFLICT');
    expect([...lab.world.instances.keys()]).toContain('shop-new');
    // Named by its point it may still be taken, however old it is.
    await expect(lab.restore({ point: 'snap-old', cutOver: true })).resolves.toMatchObject({
      instance: 'shop',
    });
  });

  it('of another source is never taken, though it has the name', async () => {
    const lab = place();
    await lab.restore();
    const error = await refusal(lab.restore({ source: 'stock', cutOver: true }));
    expect(error.message).toBe('shop-new is there already and is no restore of stock');
    expect(lab.world.instances.get('stock')?.facts.tags).toEqual({});
  });
});

describe('a cut-over on a bad day', () => {
  it.each(['throttled', 'unreachable', 'lost-reply'] as const)(
    'bears faults in the middle: %s',
    async (fault) => {
      const lab = place();
      await lab.restore();
      let left = 0;
      const begun = new Set<string>();
      lab.world.fault = (call) => (/^(instance|modify)$/.test(call) && left-- > 0 ? fault : 'none');
      const onProgress = (text: string) => {
        if (text.startsWith('renaming') && !begun.has(text)) left = 3;
        begun.add(text);
      };
      await expect(lab.restore({ cutOver: true, onProgress })).resolves.toMatchObject({ instance: 'shop' });
      expect(begun.size).toBeGreaterThan(1);
      expect([...lab.world.instances.keys()].sort()).toEqual(['shop', 'shop-before-shop-new', 'stock']);
    },
  );

  it('credentials that expire between the renames: it says that the name is free, and goes on', async () => {
    const lab = place();
    await lab.restore();
    lab.world.fault = (call) =>
      call === 'instance' && !lab.world.instances.has('shop') ? 'expired' : 'none';
    const error = await refusal(lab.restore({ cutOver: true }));
    expect(error).toMatchObject({
      code: 'ROC_RESUMABLE',
      hint: expect.stringContaining('nothing may answer under the name shop'),
    });
    lab.world.fault = () => 'none';
    await expect(lab.restore({ cutOver: true })).resolves.toMatchObject({ instance: 'shop' });
  });

  it('a source that still looks as it did is not asked twice in earnest', async () => {
    const lab = place();
    await lab.restore();
    const { cloud } = lab.world;
    const { instance, modify } = cloud;
    const before = await instance('shop');
    let stale = 0;
    let isRenamed = false;
    Object.assign(cloud, {
      instance: async (id: string) => (id === 'shop' && stale-- > 0 ? before : instance(id)),
      modify: async (id: string, change: { newId?: string }) => {
        if (id === 'shop' && isRenamed)
          throw new RocError('ROC_CONFLICT', 'busy', { details: { aws: 'InvalidDBInstanceStateFault' } });
        await modify(id, change);
        if (id === 'shop') [isRenamed, stale] = [true, 3];
      },
    });
    await expect(lab.restore({ cutOver: true })).resolves.toMatchObject({ instance: 'shop' });
    expect([...lab.world.instances.keys()].sort()).toEqual(['shop', 'shop-before-shop-new', 'stock']);
  });

  it('a name that somebody else took meanwhile stays theirs', async () => {
    const lab = place();
    await lab.restore();
    let isTaken = false;
    lab.world.fault = () => {
      if (!isTaken && !lab.world.instances.has('shop')) {
        isTaken = true;
        const facts = databaseFacts('shop', { tags: { owner: 'somebody' } });
        lab.world.instances.set('shop', { facts, bornAt: 0, deletedAt: null, end: 'available' });
      }
      return 'none';
    };
    const error = await refusal(lab.restore({ cutOver: true }));
    expect(error.code).toBe('ROC_CONFLICT');
    expect(lab.world.instances.get('shop')?.facts.tags).toEqual({ owner: 'somebody' });
  });
});
