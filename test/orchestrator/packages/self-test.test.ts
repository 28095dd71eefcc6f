import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { Blobs } from '../../../src/orchestrator/blobs/blobs.js';
import { createDiskBlobs } from '../../../src/orchestrator/blobs/disk.js';
import type { Kms } from '../../../src/orchestrator/kms/kms.js';
import { createLocalKms } from '../../../src/orchestrator/kms/local.js';
import { proveEncryption } from '../../../src/orchestrator/packages/self-test.js';
import { decryptChunks } from '../../../src/protocol/package/chunks.js';
import type { PackageContext } from '../../../src/protocol/package/context.js';
import { tempDirs } from '../../helpers/temp-dirs.js';

const freshDir = tempDirs('self-test');

async function listed(blobs: Blobs): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of blobs.list('selftest/')) keys.push(key);
  return keys;
}

function setUp() {
  const root = freshDir();
  const blobs = createDiskBlobs({ root: join(root, 'blobs') });
  return { blobs, kms: createLocalKms({ path: join(root, 'keys', 'master.key') }) };
}

describe('proveEncryption', () => {
  it('passes where packages are encrypted, and leaves nothing', async () => {
    const deps = setUp();
    await proveEncryption(deps);
    expect(await listed(deps.blobs)).toEqual([]);
  });

  it('fails where plaintext reaches the store, and leaves nothing', async () => {
    const { blobs, kms } = setUp();
    let made: { key: Buffer; context: PackageContext } | undefined;
    const telling: Kms = {
      ...kms,
      async generateDataKey(context) {
        const key = await kms.generateDataKey(context);
        made = { key: Buffer.from(key.plaintext), context: context as unknown as PackageContext };
        return key;
      },
    };
    const inTheClear: Blobs = {
      ...blobs,
      async put(key, body) {
        const { key: dataKey, context } = made as NonNullable<typeof made>;
        const plain = await buffer(Readable.from(body).pipe(decryptChunks(dataKey, context)));
        return blobs.put(key, Readable.from([plain]));
      },
    };
    await expect(proveEncryption({ blobs: inTheClear, kms: telling })).rejects.toMatchObject({
      code: 'ROC_CHECK_FAILED',
      message: expect.stringContaining('hold the plaintext'),
    });
    expect(await listed(blobs)).toEqual([]);
  });

  it('fails where the store changes a byte', async () => {
    const { blobs, kms } = setUp();
    const changing: Blobs = {
      ...blobs,
      async get(key) {
        const bytes = await buffer(await blobs.get(key));
        bytes[100] = (bytes[100] as number) ^ 1;
        return Readable.from([bytes]);
      },
    };
    await expect(proveEncryption({ blobs: changing, kms })).rejects.toMatchObject({
      code: 'ROC_BLOB_CORRUPT',
    });
    expect(await listed(blobs)).toEqual([]);
  });

  it('fails where the key cannot be unwrapped again', async () => {
    const { blobs, kms } = setUp();
    const forgetful: Kms = { ...kms, unwrap: async () => randomBytes(32) };
    await expect(proveEncryption({ blobs, kms: forgetful })).rejects.toMatchObject({
      code: 'ROC_BLOB_CORRUPT',
    });
    expect(await listed(blobs)).toEqual([]);
  });
});
