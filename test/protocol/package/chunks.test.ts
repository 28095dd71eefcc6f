import { createHash, randomBytes } from 'node:crypto';
import { Readable, type Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkCipher } from '../../../src/protocol/package/chunk-format.js';
import {
  createSealer,
  decryptChunks,
  encryptChunks,
  openEncrypted,
} from '../../../src/protocol/package/chunks.js';
import type { PackageContext } from '../../../src/protocol/package/context.js';
import { bufferSource } from '../../../src/protocol/package/source.js';

const CHUNK = 64 * 1024;
const HEADER = 12;
const TAG = 16;
const SEALED = CHUNK + TAG;
const context: PackageContext = {
  tenant: '01HZZZZZZZZZZZZZZZZZZZZZZZ',
  robot: 'default/invoice-totals',
  version: '1.4.0',
};
const key = createHash('sha256').update('a data key for tests').digest();
const isLong = process.env['ROC_TEST_SIZE'] === 'long';

async function through(pieces: Iterable<Buffer>, transform: Transform): Promise<Buffer> {
  const source = Readable.from(pieces, { objectMode: false });
  source.on('error', (error) => transform.destroy(error));
  return buffer(source.pipe(transform));
}

function encrypt(plaintext: Buffer, of = context, withKey = key): Buffer {
  const sealer = createSealer(withKey, of);
  return Buffer.concat([...sealer.add(plaintext), ...sealer.end()]);
}

const decrypt = (sealed: Buffer, of = context) => through([sealed], decryptChunks(key, of));

async function readAll(sealed: Buffer, of = context): Promise<Buffer> {
  const source = await openEncrypted(bufferSource(sealed), key, of);
  return Buffer.from(await source.read(0, source.size));
}

/** Every way to get at the plaintext must refuse it. */
async function expectRefused(sealed: Buffer, of = context): Promise<void> {
  const corrupt = { code: 'ROC_BLOB_CORRUPT' };
  await expect(decrypt(sealed, of)).rejects.toMatchObject(corrupt);
  await expect(readAll(sealed, of)).rejects.toMatchObject(corrupt);
}

/** Cuts a file into its header and chunks, so that a test can deal them anew. */
function chunksOf(sealed: Buffer): { header: Buffer; chunks: Buffer[] } {
  const chunks: Buffer[] = [];
  for (let at = HEADER; at < sealed.length; at += SEALED) chunks.push(sealed.subarray(at, at + SEALED));
  return { header: sealed.subarray(0, HEADER), chunks };
}

describe('the layout', () => {
  // Frozen: a runner of any later version must open what any earlier server stored. Stated in docs/package-format.md.
  it('is that of the published test vector', async () => {
    const prefix = Buffer.from('00010203040506', 'hex');
    const vectorKey = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
    const of = { tenant: 'acme', robot: 'default/invoice-totals', version: '1.4.0' };
    const sealer = createSealer(vectorKey, of, prefix);
    const sealed = Buffer.concat([...sealer.add(Buffer.from('hello, robot')), ...sealer.end()]);
    expect(sealed.toString('hex')).toBe(
      '524f433110000102030405061d13d932e829036de0ac59ffd768c6dc511aeb22ce2f758187d1e34b',
    );
    const opened = await through([sealed], decryptChunks(vectorKey, of));
    expect(opened.toString()).toBe('hello, robot');
    const long = createSealer(vectorKey, of, prefix);
    const twoChunks = Buffer.concat([...long.add(Buffer.alloc(CHUNK + 1, 'roc')), ...long.end()]);
    expect(createHash('sha256').update(twoChunks).digest('hex')).toBe(
      '4287d11a1ab4f4cc61822441d352bb62ded264ae6ac7e79ea9b6c679c1fc87ce',
    );
  });

  it.each([
    [0, HEADER + TAG],
    [1, HEADER + TAG + 1],
    [CHUNK - 1, HEADER + SEALED - 1],
    [CHUNK, HEADER + SEALED],
    [CHUNK + 1, HEADER + SEALED + TAG + 1],
    [3 * CHUNK, HEADER + 3 * SEALED],
  ])('of %i bytes takes %i', async (size, expected) => {
    const plaintext = randomBytes(size);
    const sealed = encrypt(plaintext);
    expect(sealed.length).toBe(expected);
    expect((await decrypt(sealed)).equals(plaintext)).toBe(true);
    expect((await readAll(sealed)).equals(plaintext)).toBe(true);
  });

  it('differs each time, though key and content are the same', () => {
    expect(encrypt(Buffer.from('x')).equals(encrypt(Buffer.from('x')))).toBe(false);
  });
});

describe('encryptChunks and decryptChunks', () => {
  it('give the same back, however the bytes come in pieces', async () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 3 * CHUNK }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 3 * CHUNK }), cuts, cuts, async (size, cutsIn, cutsOut) => {
        const plaintext = randomBytes(size);
        const sealed = await through(piecesOf(plaintext, cutsIn), encryptChunks(key, context));
        const opened = await through(piecesOf(sealed, cutsOut), decryptChunks(key, context));
        expect(opened.equals(plaintext)).toBe(true);
      }),
      { numRuns: isLong ? 2000 : 60 },
    );
  });

  it('take bytes one by one', async () => {
    const plaintext = randomBytes(300);
    const one = (bytes: Buffer) => Array.from(bytes, (byte) => Buffer.from([byte]));
    const sealed = await through(one(plaintext), encryptChunks(key, context));
    expect((await through(one(sealed), decryptChunks(key, context))).equals(plaintext)).toBe(true);
  });
});

describe('openEncrypted', () => {
  it('reads any range', async () => {
    const plaintext = randomBytes(5 * CHUNK + 123);
    const source = await openEncrypted(bufferSource(encrypt(plaintext)), key, context);
    const range = fc
      .tuple(fc.nat(plaintext.length), fc.nat(plaintext.length))
      .map(([a, b]) => [Math.min(a, b), Math.abs(a - b)] as const);
    await fc.assert(
      fc.asyncProperty(range, async ([offset, length]) => {
        const read = await source.read(offset, length);
        expect(read.equals(plaintext.subarray(offset, offset + length))).toBe(true);
      }),
      { numRuns: isLong ? 5000 : 300 },
    );
  });

  it('refuses a range outside', async () => {
    const source = await openEncrypted(bufferSource(encrypt(Buffer.alloc(10))), key, context);
    for (const [offset, length] of [
      [0, 11],
      [-1, 2],
      [10, 1],
      [0, -1],
      [0.5, 1],
    ] as const)
      await expect(source.read(offset, length)).rejects.toThrow(RangeError);
    expect(await source.read(10, 0)).toHaveLength(0);
  });
});

describe('an attacker with the ciphertext', () => {
  it('cannot flip a single bit', async () => {
    const sealed = encrypt(Buffer.from('a small package'));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = Buffer.from(sealed);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      await expectRefused(flipped);
    }
  });

  it('cannot flip a bit of any chunk', async () => {
    const sealed = encrypt(randomBytes(2 * CHUNK + 100));
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const flipped = Buffer.from(sealed);
        flipped[at] = (flipped[at] as number) ^ mask;
        await expectRefused(flipped);
      }),
      { numRuns: isLong ? 5000 : 100 },
    );
  });

  it('cannot cut it anywhere', async () => {
    const small = encrypt(randomBytes(200));
    for (let length = 0; length < small.length; length++) await expectRefused(small.subarray(0, length));
    const large = encrypt(randomBytes(3 * CHUNK));
    for (let chunk = 0; chunk < 3; chunk++)
      for (const offset of [-1, 0, 1, TAG, TAG + 1, CHUNK]) {
        const length = HEADER + chunk * SEALED + offset;
        if (length >= 0 && length < large.length) await expectRefused(large.subarray(0, length));
      }
  });

  it('cannot append to it', async () => {
    const sealed = encrypt(randomBytes(CHUNK));
    for (const extra of [1, TAG, TAG + 1, SEALED])
      await expectRefused(Buffer.concat([sealed, Buffer.alloc(extra)]));
    await expectRefused(Buffer.concat([sealed, sealed.subarray(HEADER)]));
  });

  it('cannot swap, drop or repeat chunks', async () => {
    const { header, chunks } = chunksOf(encrypt(randomBytes(4 * CHUNK)));
    const [a, b, c, d] = chunks as [Buffer, Buffer, Buffer, Buffer];
    for (const dealt of [
      [b, a, c, d],
      [a, c, b, d],
      [a, b, d, c],
      [a, b, c],
      [b, c, d],
      [a, c, d],
      [a, a, b, c, d],
      [a, b, c, d, d],
      [d],
      [a],
    ])
      await expectRefused(Buffer.concat([header, ...dealt]));
  });

  it('cannot take a chunk, or the header, of another package under the same key', async () => {
    const one = chunksOf(encrypt(randomBytes(2 * CHUNK)));
    const two = chunksOf(encrypt(randomBytes(2 * CHUNK)));
    await expectRefused(Buffer.concat([one.header, ...one.chunks.slice(0, 1), ...two.chunks.slice(1)]));
    await expectRefused(Buffer.concat([two.header, ...one.chunks]));
  });

  it.each([
    ['tenant', { tenant: '01HYYYYYYYYYYYYYYYYYYYYYYY' }],
    ['robot', { robot: 'default/other' }],
    ['project', { robot: 'other/invoice-totals' }],
    ['version', { version: '1.4.1' }],
    ['boundary between tenant and robot', { tenant: `${context.tenant}d`, robot: context.robot.slice(1) }],
  ])('cannot pass it off as that of another %s', async (_, change) => {
    await expectRefused(encrypt(randomBytes(100)), { ...context, ...change });
  });

  it('cannot make it open with another key', async () => {
    await expectRefused(encrypt(randomBytes(100), context, randomBytes(32)));
  });

  it.each([0, 11, 23, 255])('cannot ask for chunks of 2^%i bytes', async (log2) => {
    const sealed = encrypt(randomBytes(100));
    sealed[4] = log2;
    await expectRefused(sealed);
  });
});

describe('a holder of the key', () => {
  it('cannot write a package in a second form, with an empty last chunk', async () => {
    const { header } = chunksOf(encrypt(Buffer.alloc(0)));
    const cipher = chunkCipher(key, context, header);
    const sealed = [header, ...cipher.seal([randomBytes(CHUNK)], 0, false), ...cipher.seal([], 1, true)];
    await expectRefused(Buffer.concat(sealed));
  });
});

describe('a key of the wrong size', () => {
  it.each([0, 16, 31, 33])('%i bytes is a mistake of the program', (size) => {
    expect(() => encryptChunks(Buffer.alloc(size), context)).toThrow(TypeError);
  });
});

function piecesOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.filter((cut) => cut <= bytes.length), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}
