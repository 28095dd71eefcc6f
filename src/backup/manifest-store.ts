/** Manifests beside the points they describe: a file here, a copy in the bucket, its name and hash in the snapshot's tags. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeFolder } from '../kernel/make-folder.js';
import type { RestorePoint } from './facts.js';
import { readManifest, writeManifest } from './manifest/file.js';
import type { Manifest } from './manifest/model.js';
import type { ManifestHead } from './results.js';
import type { Room } from './room.js';

/** On a snapshot before which somebody wrote after its manifest was taken: differences are then no proof of damage. */
export const DISTURBED_TAG = 'roc:manifest-disturbed';

type Store = Pick<Room, 'dir' | 'objects'>;

export interface StoredManifest {
  readonly file: string;
  readonly sha256: string;
  /** For the snapshot that is made next. */
  readonly tags: Readonly<Record<string, string>>;
}

export async function storeManifest({ dir, objects }: Store, manifest: Manifest): Promise<StoredManifest> {
  const { file, sha256 } = await writeManifest(join(dir, 'manifests'), manifest);
  await objects?.write(`manifests/${basename(file)}`, await readFile(file, 'utf8'));
  return { file, sha256, tags: { 'roc:manifest': manifest.id, 'roc:manifest-sha256': sha256 } };
}

/**
 * The manifest that the tags of a point name; null where they name none, or nobody has it.
 * @throws RocError ROC_CHECK_FAILED where a file of that name is another one
 */
export async function findManifest(store: Store, point: RestorePoint): Promise<ManifestHead | null> {
  const id = point.tags['roc:manifest'];
  const sha256 = point.tags['roc:manifest-sha256'];
  if (id === undefined || sha256 === undefined || !/^[A-Za-z0-9-]{8,64}$/.test(id)) return null;
  const file = join(store.dir, 'manifests', `manifest-${id}.json`);
  if (!(await isHere(store, file))) return null;
  const { takenAt, written } = await readManifest(file, sha256);
  const isQuiet = written === 0 && point.tags[DISTURBED_TAG] === undefined;
  return { id, file, sha256, takenAt: Date.parse(takenAt), mode: isQuiet ? 'exact' : 'mutable' };
}

async function isHere({ dir, objects }: Store, file: string): Promise<boolean> {
  const isLocal = await readFile(file).then(
    () => true,
    () => false,
  );
  if (isLocal) return true;
  const copy = await objects?.read(`manifests/${basename(file)}`);
  if (copy === undefined || copy === null) return false;
  await makeFolder(join(dir, 'manifests'), 0o700);
  await writeFile(file, copy.text, { mode: 0o600 });
  return true;
}
