/** `roc backup run` on an account in memory, where the answer to the request of the snapshot is lost. */
import { expect, it } from 'vitest';
import { backUp } from '../../src/backup/back-up.js';
import type { RestorePoint } from '../../src/backup/facts.js';
import { assetSchema } from '../../src/backup/model.js';
import type { Room } from '../../src/backup/room.js';
import { RocError } from '../../src/kernel/errors.js';
import { silentLog } from '../../src/kernel/log.js';
import { createMemoryCloud, databaseFacts } from '../helpers/backup/memory-cloud.js';

const conflict = () =>
  new RocError('ROC_CONFLICT', 'rds:CreateDBSnapshot: there already', {
    details: { aws: 'DBSnapshotAlreadyExists' },
  });

function backUpWith(snapshot: (id: string) => RestorePoint | null) {
  const world = createMemoryCloud(() => 0);
  world.instances.set('shop', { facts: databaseFacts('shop'), bornAt: 0, deletedAt: null, end: 'available' });
  const asset = assetSchema.parse({
    ...{ id: 'shop', type: 'rds-mysql', rpo: '15m', rto: '2h', retention: { min: '35d' }, testEvery: '30d' },
    ...{ source: { dbInstance: 'shop' }, target: { maxCostUsd: 25 } },
  });
  const room = {
    cloud: {
      ...world.cloud,
      createSnapshot: () => Promise.reject(conflict()),
      snapshot: async (id: string) => snapshot(id),
    },
    policy: { policy: { assets: [asset] }, sha256: '', file: '' },
    ...{ settings: { poll: 1 }, outputs: null, aws: { region: 'us-east-1' }, log: silentLog, now: () => 0 },
  } as unknown as Room;
  const signal = new AbortController().signal;
  return backUp(room, { asset: undefined, manifest: false, wait: true, signal, onProgress: () => {} });
}

it('takes the snapshot that is there for its own: nobody else makes one of that name', async () => {
  const made = await backUpWith((id) => ({
    ...{ kind: 'manual', id, arn: null, source: 'shop', at: 1, status: 'available', encrypted: true },
    ...{ kmsKeyId: null, sizeGb: 20, engineVersion: '8.0.39', tags: {} },
  }));
  expect(made).toMatchObject({ status: 'available', snapshot: expect.stringMatching(/^roc-shop-/) });
});

it('and fails where there is none all the same', async () => {
  await expect(backUpWith(() => null)).rejects.toMatchObject({ code: 'ROC_CONFLICT' });
});
