import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { createDiskBlobs } from '../../../src/orchestrator/blobs/disk.js';
import { createLocalKms } from '../../../src/orchestrator/kms/local.js';
import { openPackage, unwrapPackageKey } from '../../../src/orchestrator/packages/open-package.js';
import { storePackage } from '../../../src/orchestrator/packages/store-package.js';
import { openEncrypted } from '../../../src/protocol/package/chunks.js';
import { packageContext } from '../../../src/protocol/package/context.js';
import { unpackPackage } from '../../../src/protocol/package/unpack.js';
import { rawZip } from '../../helpers/raw-zip.js';
import { ROBOT_YAML } from '../../helpers/robot-folder.js';
import { tempDirs } from '../../helpers/temp-dirs.js';

const freshDir = tempDirs('flat-memory');
const MIB = 1024 * 1024;
const SIZE = (process.env['ROC_TEST_SIZE'] === 'long' ? 480 : 160) * MIB;
/** What buffers wait for the collector at any time, whatever the package's size. */
const ALLOWED = 96 * MIB;

async function peakGrowth(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 2);
  await work();
  clearInterval(timer);
  return peak - before;
}

it('storing, pulling and unpacking a package takes no more memory than a part of it', async () => {
  const root = freshDir();
  const deps = {
    blobs: createDiskBlobs({ root: join(root, 'blobs') }),
    kms: createLocalKms({ path: join(root, 'keys', 'master.key') }),
  };
  const zip = rawZip({
    entries: [
      { name: 'robot.yaml', content: ROBOT_YAML },
      { name: 'noise.bin', content: randomBytes(SIZE / 2), method: 0 },
      { name: 'more.bin', content: randomBytes(SIZE / 2), method: 0 },
    ],
  });
  const names = { tenant: 't', project: 'default', robot: 'totals', version: '1.0.0' };
  const request = { ...names, blobKey: 'packages/a', maxBytes: 2 * SIZE };
  const row = { ...names, blobKey: 'packages/a', wrappedKey: '', sha256: '' };
  const pieces = function* () {
    for (let at = 0; at < zip.length; at += 65_536) yield zip.subarray(at, at + 65_536);
  };

  const stored = await peakGrowth(async () => {
    Object.assign(row, await storePackage(deps, request, Readable.from(pieces(), { objectMode: false })));
  });
  const pulled = await peakGrowth(async () => {
    const { stream } = await openPackage(deps, row);
    let bytes = 0;
    for await (const piece of stream) bytes += (piece as Buffer).length;
    expect(bytes).toBe(zip.length);
  });
  const unpacked = await peakGrowth(async () => {
    const key = await unwrapPackageKey(deps, row);
    const source = await openEncrypted(await deps.blobs.open(row.blobKey), key, packageContext(row));
    await unpackPackage(source, join(root, 'robot'));
    await source.close();
  });
  for (const growth of [stored, pulled, unpacked]) expect(growth).toBeLessThan(ALLOWED);
});
