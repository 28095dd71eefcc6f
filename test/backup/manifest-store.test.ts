/** Manifests and the points they belong to: found by tags, refused where changed, exact only where nobody wrote. */
import { appendFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/backup/manifest/model.js';
import { DISTURBED_TAG, findManifest, storeManifest } from '../../src/backup/manifest-store.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { shopPoint } from './checks/shop.js';

const dir = makeTempDir('manifests');
const store = { dir, objects: null };
afterAll(() => removeDir(dir));

function manifest(id: string, written: number | null): Manifest {
  const chunks = [{ upTo: null, rows: 0, digest: '0'.repeat(16) }];
  const table = {
    name: 't',
    mode: 'exact' as const,
    rows: 0,
    bytes: 0,
    fold: 'xor' as const,
    key: [],
    watermark: null,
    columns: 'a'.repeat(64),
    chunks,
  };
  return {
    kind: 'roc-backup-manifest',
    version: 1,
    id,
    asset: 'shop',
    source: 'shop-prod',
    server: { version: '8.4' },
    encoding: 'roc-row-1',
    takenAt: '2026-10-01T12:00:00.000Z',
    finishedAt: '2026-10-01T12:00:01.000Z',
    written,
    counter: 10,
    databases: [{ name: 'shop', schema: [], tables: [table], excluded: [] }],
  };
}

const pointWith = (tags: Record<string, string>) => ({ ...shopPoint(0), tags });

describe('the manifest of a point', () => {
  it.each([
    ['exact where nobody wrote', 'manifest-quiet', 0, {}, 'exact'],
    ['not exact where somebody wrote meanwhile', 'manifest-written', 3, {}, 'mutable'],
    ['not exact where that is not known', 'manifest-unknown', null, {}, 'mutable'],
    [
      'not exact where somebody wrote before the snapshot',
      'manifest-disturbed',
      0,
      { [DISTURBED_TAG]: '2' },
      'mutable',
    ],
  ])('is %s', async (_name, id, written, more, mode) => {
    const { tags } = await storeManifest(store, manifest(id, written));
    expect(await findManifest(store, pointWith({ ...tags, ...more }))).toMatchObject({ id, mode });
  });

  it('is none without tags, or where nobody has the file', async () => {
    expect(await findManifest(store, pointWith({}))).toBeNull();
    const tags = { 'roc:manifest': 'manifest-elsewhere', 'roc:manifest-sha256': 'a'.repeat(64) };
    expect(await findManifest(store, pointWith(tags))).toBeNull();
    expect(await findManifest(store, pointWith({ ...tags, 'roc:manifest': '../../etc/passwd' }))).toBeNull();
  });

  it('is refused where its file was changed', async () => {
    const { file, tags } = await storeManifest(store, manifest('manifest-changed', 0));
    await appendFile(file, ' ');
    await expect(findManifest(store, pointWith({ ...tags }))).rejects.toMatchObject({
      code: 'ROC_CHECK_FAILED',
    });
  });
});
