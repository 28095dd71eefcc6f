/** Manifests as files: canonical JSON, so that its SHA-256 is that of the file, written once and never changed. */
import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { parseWith } from '../../kernel/config.js';
import { RocError } from '../../kernel/errors.js';
import { makeFolder } from '../../kernel/make-folder.js';
import { type Manifest, manifestSchema } from './model.js';

export interface WrittenFile {
  readonly file: string;
  readonly sha256: string;
}

/** Writes `manifest-ID.json` into `dir`, on disk before it returns. */
export async function writeManifest(dir: string, manifest: Manifest): Promise<WrittenFile> {
  const text = canonicalJson(manifestSchema.parse(manifest));
  const file = join(dir, `manifest-${manifest.id}.json`);
  await makeFolder(dirname(file), 0o700);
  const handle = await open(`${file}.part`, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.part`, file);
  return { file, sha256: sha256Of(text) };
}

/**
 * @param sha256 what the snapshot's tags, or whoever kept it, say of the file; lower-case hex
 * @throws RocError ROC_NOT_FOUND, ROC_CHECK_FAILED (another file), ROC_INVALID_INPUT (no manifest)
 */
export async function readManifest(file: string, sha256: string | null): Promise<Manifest> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new RocError('ROC_NOT_FOUND', `the manifest ${file} cannot be read`, {
      hint: 'Check the path.',
      cause,
    });
  });
  return parseManifest(bytes, sha256, file);
}

function parseManifest(bytes: Buffer, sha256: string | null, file: string): Manifest {
  const actual = sha256Of(bytes);
  if (sha256 !== null && actual !== sha256)
    throw new RocError('ROC_CHECK_FAILED', `the manifest ${file} has SHA-256 ${actual}, expected ${sha256}`, {
      hint: 'It was changed, or belongs to another backup; fetch the one that was written with it.',
    });
  let data: unknown;
  try {
    data = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new RocError('ROC_INVALID_INPUT', `${file} is no JSON`, { hint: 'Name a manifest of roc.', cause });
  }
  return parseWith(manifestSchema, data, { what: 'manifest', file, code: 'ROC_INVALID_INPUT' });
}

function sha256Of(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
