/** Where manifests of buckets and exports of configuration are kept, and the keys that exports are encrypted with. */
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { RocError } from '../../kernel/errors.js';
import { makeFolder } from '../../kernel/make-folder.js';
import { kmsExportKeys } from '../aws/export-keys.js';
import { s3Objects } from '../aws/objects.js';
import { localExportKeys } from '../configuration/local-keys.js';
import type { ExportKeys } from '../configuration/sealed-export.js';
import type { ConfigAsset } from '../model.js';
import type { Room } from '../room.js';

/** Text files by name; names sort by age. */
export interface TextStore {
  write(name: string, text: string): Promise<string>;
  newest(): Promise<{ readonly name: string; readonly text: string } | null>;
}

/** `folder` or `s3://bucket/prefix`; a folder is relative to the policy. One folder in it for each asset. */
export function openTextStore(room: Room, place: string, asset: string): TextStore {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*?))?\/?$/.exec(place) ?? [];
  if (bucket === undefined) return folderStore(join(resolve(dirname(room.policy.file), place), asset));
  const objects = s3Objects(room.access, bucket, [prefix, asset].filter((part) => part !== '').join('/'));
  return {
    async write(name, text) {
      await objects.write(name, text);
      return `s3://${bucket}/${[prefix, asset, name].filter((part) => part !== '').join('/')}`;
    },
    async newest() {
      const name = (await objects.list(''))
        .filter((key) => key.endsWith('.json'))
        .sort()
        .at(-1);
      const found = name === undefined ? null : await objects.read(name);
      return name === undefined || found === null ? null : { name, text: found.text };
    },
  };
}

/** `aws-kms:KEY` or `local:FILE`, a file relative to the policy. @throws RocError ROC_POLICY_INVALID */
export async function openExportKeys(room: Room, { encryptTo, id }: ConfigAsset): Promise<ExportKeys> {
  const [, kind, rest = ''] = /^(aws-kms|local):(.+)$/.exec(encryptTo) ?? [];
  if (kind === 'aws-kms') return kmsExportKeys(room.access, rest);
  if (kind === 'local') return localExportKeys(resolve(dirname(room.policy.file), rest));
  throw new RocError('ROC_POLICY_INVALID', `encryptTo of ${id} is "${encryptTo}"`, {
    hint: 'Write aws-kms:KEY or local:FILE.',
  });
}

export function folderStore(folder: string): TextStore {
  return {
    async write(name, text) {
      const file = join(folder, name);
      await makeFolder(folder, 0o700);
      await writeFile(`${file}.part`, text, { mode: 0o600, flush: true });
      await rename(`${file}.part`, file);
      return file;
    },
    async newest() {
      const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
      const name = names
        .filter((candidate) => candidate.endsWith('.json'))
        .sort()
        .at(-1);
      return name === undefined ? null : { name, text: await readFile(join(folder, name), 'utf8') };
    },
  };
}
