/** How fast a package is encrypted into the disk store, fsync included, beside the bare ciphers on the same bytes. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { createReadStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createDiskBlobs } from '../../src/orchestrator/blobs/disk.js';
import { createLocalKms } from '../../src/orchestrator/kms/local.js';
import { encryptInto } from '../../src/orchestrator/packages/encrypt-into.js';
import { type PackageDeps, storePackage } from '../../src/orchestrator/packages/store-package.js';
import { type PackedRobot, packRobot } from '../../src/protocol/package/pack.js';
import { ROBOT_YAML } from '../helpers/robot-folder.js';
import { withTempDir } from '../helpers/temp-dir.js';
import { type BenchRow, median, ratioAtLeast, told, valueAtMost } from './bench-row.js';

const MB = 1_000_000;
const MIB = 1024 * 1024;
/** What an upload arrives in. */
const PIECE = 64 * 1024;
/** Many short rounds, one beside the other: what else the machine does meets both alike. */
const ROUNDS = 15;
const SIZE = 256 * MIB;
const context = { tenant: 'bench', robot: 'default/bench', version: '1.0.0' };
const ANCHOR = 'raw AES-256-GCM + SHA-256';

export function bench(): Promise<BenchRow[]> {
  return withTempDir(async (dir) => {
    const blobs = createDiskBlobs({ root: join(dir, 'blobs') });
    const kms = createLocalKms({ path: join(dir, 'keys', 'master.key') });
    const sample = randomBytes(64 * MIB);
    // First, while the process has not grown by anything else.
    const flat = await memory({ blobs, kms }, sample);
    return [await encryptAndStore({ blobs, kms }, sample), await wholeStore({ blobs, kms }, dir), flat];
  }, 'bench');
}

async function encryptAndStore(deps: PackageDeps, sample: Buffer): Promise<BenchRow> {
  const rates = { raw: [] as number[], ours: [] as number[] };
  // The first round warms both up and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    const raw = await rate(SIZE, async () => rawCiphers(pieces(sample, SIZE)));
    const blobKey = `pieces/${round}`;
    const ours = await rate(SIZE, () => storePieces(deps, blobKey, sample, SIZE));
    await deps.blobs.delete(blobKey);
    if (round > 0) {
      rates.raw.push(raw);
      rates.ours.push(ours);
    }
  }
  return ratioAtLeast(
    {
      case: 'encrypt and store 256 MiB (fsync)',
      value: median(rates.ours),
      unit: 'MB/s',
      against: ANCHOR,
      againstValue: median(rates.raw),
    },
    0.6,
  );
}

/** A real package, half noise and half text: stored, then read back, inflated and checked whole. */
async function wholeStore(deps: PackageDeps, dir: string): Promise<BenchRow> {
  const robot = await packSample(join(dir, 'robot'));
  try {
    const request = {
      tenant: 't',
      project: 'default',
      robot: 'totals',
      version: '1.0.0',
      maxBytes: SIZE,
    };
    const raws: number[] = [];
    const wholes: number[] = [];
    for (let round = 0; round <= 5; round++) {
      const raw = await rate(robot.size, async () => rawCiphers(createReadStream(robot.file)));
      const blobKey = `whole/${round}`;
      const upload = createReadStream(robot.file, { highWaterMark: PIECE });
      const whole = await rate(robot.size, () => storePackage(deps, { ...request, blobKey }, upload));
      await deps.blobs.delete(blobKey);
      if (round > 0) {
        raws.push(raw);
        wholes.push(whole);
      }
    }
    const size = `${Math.round(robot.size / MIB)} MiB`;
    const measured = { value: median(wholes), unit: 'MB/s', against: ANCHOR, againstValue: median(raws) };
    return told({ case: `publish ${size}: encrypt, store, read back, inflate, check`, ...measured });
  } finally {
    await robot.dispose();
  }
}

/** Flat memory: what eight times the bytes take more at the highest. */
async function memory(deps: PackageDeps, sample: Buffer): Promise<BenchRow> {
  const small = await peakGrowth(() => storePieces(deps, 'memory/small', sample, 64 * MIB));
  const large = await peakGrowth(() => storePieces(deps, 'memory/large', sample, 512 * MIB));
  const measured = { value: large, unit: 'MiB', against: 'the same for 64 MiB', againstValue: small };
  return valueAtMost({ case: 'peak memory growth while storing 512 MiB', ...measured }, 64);
}

async function storePieces(deps: PackageDeps, blobKey: string, sample: Buffer, bytes: number): Promise<void> {
  const upload = Readable.from(pieces(sample, bytes), { objectMode: false });
  await encryptInto(deps.blobs, { blobKey, key: randomBytes(32), context, maxBytes: bytes }, upload);
}

async function rawCiphers(from: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<void> {
  const cipher = createCipheriv('aes-256-gcm', randomBytes(32), randomBytes(12));
  const hash = createHash('sha256');
  for await (const piece of from) {
    hash.update(piece);
    cipher.update(piece);
  }
  cipher.final();
  hash.digest();
}

function* pieces(sample: Buffer, bytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes; at += PIECE)
    yield sample.subarray(at % sample.length, (at % sample.length) + PIECE);
}

async function rate(bytes: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return bytes / MB / ((performance.now() - started) / 1000);
}

async function peakGrowth(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 2);
  await work();
  clearInterval(timer);
  return (peak - before) / MIB;
}

function packSample(dir: string): Promise<PackedRobot> {
  mkdirSync(dir);
  writeFileSync(join(dir, 'robot.yaml'), ROBOT_YAML);
  for (let i = 0; i < 4; i++) {
    writeFileSync(join(dir, `noise-${i}.bin`), randomBytes(8 * MIB));
    const lines = Array.from(
      { length: 80_000 },
      (_, n) => `${n},customer ${(n * 7919) % 977},${((n * 31) % 10_000) / 100}\n`,
    );
    writeFileSync(join(dir, `table-${i}.csv`), lines.join(''));
  }
  return packRobot(dir);
}
