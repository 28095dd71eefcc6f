import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { RocError } from '../../../src/kernel/errors.js';
import { createDiskBlobs } from '../../../src/orchestrator/blobs/disk.js';
import { createLocalKms } from '../../../src/orchestrator/kms/local.js';
import { openCiphertext, openPackage } from '../../../src/orchestrator/packages/open-package.js';
import { storePackage } from '../../../src/orchestrator/packages/store-package.js';
import { packRobot } from '../../../src/protocol/package/pack.js';
import { writeRobot } from '../../helpers/robot-folder.js';
import { tempDirs } from '../../helpers/temp-dirs.js';

const freshDir = tempDirs('store-package');
const request = {
  tenant: '01HZZZZZZZZZZZZZZZZZZZZZZZ',
  project: 'default',
  robot: 'totals',
  version: '1.0.0',
  blobKey: 'packages/01hzzzzzzzzzzzzzzzzzzzzzzz',
  maxBytes: 64 * 1024 * 1024,
};

function setUp() {
  const root = freshDir();
  const blobs = createDiskBlobs({ root: join(root, 'blobs') });
  const kms = createLocalKms({ path: join(root, 'keys', 'master.key') });
  return { root, deps: { blobs, kms } };
}

async function packed(files: Record<string, string | Buffer> = {}) {
  const robot = await packRobot(writeRobot(freshDir(), { 'main.js': 'console.log(1)\n', ...files }));
  const bytes = readFileSync(robot.file);
  await robot.dispose();
  return { robot, bytes };
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('storePackage', () => {
  it('gives back the bytes that were uploaded, and stores none of them in the clear', async () => {
    const { root, deps } = setUp();
    const { robot, bytes } = await packed({
      'secret.txt': 'the very secret text of a robot',
      'big.bin': randomBytes(900_000),
    });
    const stored = await storePackage(
      deps,
      { ...request, expectedSha256: robot.sha256 },
      Readable.from([bytes]),
    );
    expect(stored).toMatchObject({
      digest: robot.digest,
      sha256: robot.sha256,
      size: bytes.length,
      blobKey: request.blobKey,
    });
    const { stream, size } = await openPackage(deps, { ...request, ...stored });
    expect(size).toBe(bytes.length);
    expect((await buffer(stream)).equals(bytes)).toBe(true);
    for (const file of filesBelow(root)) {
      const raw = readFileSync(file);
      expect(raw.includes('robot.yaml')).toBe(false);
      expect(raw.includes('secret')).toBe(false);
    }
  });

  it.each([
    [
      'a stream that is no zip',
      Buffer.from('not a zip at all, but long enough to be one'),
      {},
      'ROC_PACKAGE_INVALID',
    ],
    ['an empty upload', Buffer.alloc(0), {}, 'ROC_PACKAGE_INVALID'],
    ['another name', null, { robot: 'other' }, 'ROC_PACKAGE_INVALID'],
    ['another version', null, { version: '1.0.1' }, 'ROC_PACKAGE_INVALID'],
    ['another hash', null, { expectedSha256: '0'.repeat(64) }, 'ROC_PACKAGE_INVALID'],
    ['too many bytes', null, { maxBytes: 100 }, 'ROC_TOO_LARGE'],
  ])('refuses %s and leaves nothing', async (_, upload, change, code) => {
    const { root, deps } = setUp();
    const before = filesBelow(root);
    const bytes = upload ?? (await packed()).bytes;
    await expect(storePackage(deps, { ...request, ...change }, Readable.from([bytes]))).rejects.toMatchObject(
      { code },
    );
    expect(filesBelow(root)).toEqual(before);
  });

  it('leaves nothing when the upload breaks off', async () => {
    const { root, deps } = setUp();
    const before = filesBelow(root);
    const { bytes } = await packed({ 'big.bin': randomBytes(600_000) });
    const broken = new Readable({ read() {} });
    broken.push(bytes.subarray(0, 300_000));
    setTimeout(() => broken.destroy(), 20);
    await expect(storePackage(deps, request, broken)).rejects.toMatchObject({ code: 'ROC_PACKAGE_INVALID' });
    expect(filesBelow(root)).toEqual(before);
  });
});

describe('storePackage on a store that fails', () => {
  const fails = async (): Promise<never> => {
    throw new RocError('ROC_UNAVAILABLE', 'the store is away');
  };

  it.each(['put', 'open'] as const)('passes on what %s failed with, and leaves nothing', async (method) => {
    const { root, deps } = setUp();
    const before = filesBelow(root);
    const blobs = { ...deps.blobs, [method]: fails };
    const { bytes } = await packed();
    await expect(storePackage({ ...deps, blobs }, request, Readable.from([bytes]))).rejects.toMatchObject({
      code: 'ROC_UNAVAILABLE',
    });
    expect(filesBelow(root)).toEqual(before);
  });

  it('says why the package was refused, also where it cannot be deleted', async () => {
    const { deps } = setUp();
    const blobs = { ...deps.blobs, delete: fails };
    await expect(
      storePackage({ ...deps, blobs }, request, Readable.from([Buffer.from('x')])),
    ).rejects.toMatchObject({
      code: 'ROC_PACKAGE_INVALID',
    });
  });

  it('never replaces what lies under the key', async () => {
    const { deps } = setUp();
    const { bytes } = await packed();
    const stored = await storePackage(deps, request, Readable.from([bytes]));
    await expect(storePackage(deps, request, Readable.from([bytes]))).rejects.toMatchObject({
      code: 'ROC_CONFLICT',
    });
    const { stream } = await openPackage(deps, { ...request, ...stored });
    expect((await buffer(stream)).equals(bytes)).toBe(true);
  });

  it('leaves the upload open, so that the refusal can be answered on its connection', async () => {
    const { deps } = setUp();
    const upload = Readable.from([Buffer.alloc(1000), Buffer.alloc(1000), Buffer.alloc(1000)]);
    await expect(storePackage(deps, { ...request, maxBytes: 1500 }, upload)).rejects.toMatchObject({
      code: 'ROC_TOO_LARGE',
    });
    expect(upload.destroyed).toBe(false);
    upload.destroy();
  });
});

describe('openPackage', () => {
  it.runIf(process.platform === 'linux')('leaves no file open where nobody reads the stream', async () => {
    const { deps } = setUp();
    const stored = await storePackage(deps, request, Readable.from([(await packed()).bytes]));
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    const { stream } = await openPackage(deps, { ...request, ...stored });
    stream.destroy();
    await once(stream, 'close');
    await expect.poll(open).toBe(before);
  });

  it('refuses a blob under the name of another robot or tenant', async () => {
    const { deps } = setUp();
    const stored = await storePackage(deps, request, Readable.from([(await packed()).bytes]));
    for (const change of [
      { tenant: '01HYYYYYYYYYYYYYYYYYYYYYYY' },
      { robot: 'other' },
      { project: 'p' },
      { version: '2.0.0' },
    ])
      await expect(openPackage(deps, { ...request, ...stored, ...change })).rejects.toMatchObject({
        code: 'ROC_BLOB_CORRUPT',
      });
  });

  it('notices a blob that is another package of the same robot', async () => {
    const { deps } = setUp();
    const stored = await storePackage(deps, request, Readable.from([(await packed()).bytes]));
    const row = { ...request, ...stored, sha256: '0'.repeat(64) };
    await expect(buffer((await openPackage(deps, row)).stream)).rejects.toMatchObject({
      code: 'ROC_BLOB_CORRUPT',
    });
  });

  it.each(['first', 'middle', 'last', 'cut'])(
    'never passes a damaged blob off as whole: %s',
    async (where) => {
      const { root, deps } = setUp();
      const { bytes } = await packed({ 'big.bin': randomBytes(900_000) });
      const stored = await storePackage(deps, request, Readable.from([bytes]));
      const file = filesBelow(join(root, 'blobs'))[0] as string;
      const raw = readFileSync(file);
      const at = { first: 0, middle: raw.length >> 1, last: raw.length - 1, cut: 0 }[where] as number;
      if (where === 'cut') writeFileSync(file, raw.subarray(0, -1));
      else {
        raw[at] = (raw[at] as number) ^ 1;
        writeFileSync(file, raw);
      }
      const pull = async () => buffer((await openPackage(deps, { ...request, ...stored })).stream);
      await expect(pull()).rejects.toMatchObject({ code: 'ROC_BLOB_CORRUPT' });
    },
  );

  it('gives the ciphertext as it lies on the disk', async () => {
    const { root, deps } = setUp();
    const stored = await storePackage(deps, request, Readable.from([(await packed()).bytes]));
    const { stream, size } = await openCiphertext(deps, stored);
    const raw = readFileSync(filesBelow(join(root, 'blobs'))[0] as string);
    expect(size).toBe(raw.length);
    expect((await buffer(stream)).equals(raw)).toBe(true);
  });
});
