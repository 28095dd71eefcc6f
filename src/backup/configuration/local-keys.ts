/** Keys of exports from a local master key: derived for one export each, nothing but the salt is kept. */
import { hkdfSync, randomBytes } from 'node:crypto';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { RocError } from '../../kernel/errors.js';
import { readOrMakePrivate } from '../private-file.js';
import type { ExportKeys } from './sealed-export.js';

const KEY_BYTES = 32;
const PREFIX = 'hkdf-sha256:v1:';

/** @param path 32 bytes, made where there is none */
export async function localExportKeys(path: string): Promise<ExportKeys> {
  const master = await readOrMakePrivate(path, () => randomBytes(KEY_BYTES));
  if (master.length !== KEY_BYTES)
    throw new RocError(
      'ROC_CONFIG_INVALID',
      `the key ${path} has ${master.length} bytes, expected ${KEY_BYTES}`,
      {
        hint: 'Name another file; roc makes a key there.',
      },
    );
  const derive = (salt: Buffer, context: Readonly<Record<string, string>>) =>
    Buffer.from(hkdfSync('sha256', master, salt, canonicalJson(context), KEY_BYTES));
  return {
    async generate(context) {
      const salt = randomBytes(KEY_BYTES);
      return { key: derive(salt, context), wrapped: `${PREFIX}${salt.toString('base64url')}` };
    },
    async unwrap(wrapped, context) {
      if (!wrapped.startsWith(PREFIX))
        throw new RocError('ROC_BLOB_CORRUPT', 'the key of the export was not made by a local master key', {
          hint: 'Check encryptTo in the policy.',
        });
      return derive(Buffer.from(wrapped.slice(PREFIX.length), 'base64url'), context);
    },
  };
}
