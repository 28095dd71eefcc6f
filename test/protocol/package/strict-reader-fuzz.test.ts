import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bufferSource } from '../../../src/protocol/package/source.js';
import { readPackage } from '../../../src/protocol/package/strict-reader.js';
import { unpackPackage } from '../../../src/protocol/package/unpack.js';
import { DESCRIPTOR, descriptorOf, rawZip } from '../../helpers/raw-zip.js';
import { ROBOT_YAML } from '../../helpers/robot-folder.js';
import { tempDirs } from '../../helpers/temp-dirs.js';

const freshDir = tempDirs('fuzz');
const isLong = process.env['ROC_TEST_SIZE'] === 'long';
const numRuns = isLong ? 100_000 : 3000;

const good = rawZip({
  entries: [
    { name: 'robot.yaml', content: ROBOT_YAML },
    { name: 'lib/', content: '' },
    { name: 'lib/a.js', content: 'module.exports = 1;\n'.repeat(20) },
    { name: 'data.bin', content: 'stored', method: 0 },
    { name: 'b.txt', content: 'bbb', flags: DESCRIPTOR, trailer: descriptorOf('bbb') },
  ],
  comment: Buffer.from('c'),
});

type Mutation = (bytes: Buffer) => Buffer;

const at = fc.nat(good.length - 1);
const interesting = fc.constantFrom(
  0,
  1,
  0x7f,
  0x80,
  0xff,
  0xffff,
  0x7fff,
  0xffffffff,
  0x7fffffff,
  0x06054b50,
  0x02014b50,
);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(at, fc.integer({ min: 1, max: 255 })).map(
    ([i, mask]): Mutation =>
      (bytes) => {
        if (i < bytes.length) bytes[i] = (bytes[i] as number) ^ mask;
        return bytes;
      },
  ),
  fc.tuple(at, interesting, fc.constantFrom(1, 2, 4)).map(
    ([i, value, width]): Mutation =>
      (bytes) => {
        if (i + width <= bytes.length) bytes.writeUIntLE(value % 2 ** (8 * width), i, width);
        return bytes;
      },
  ),
  fc.tuple(at, at).map(
    ([a, b]): Mutation =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, Math.min(a, b)), bytes.subarray(Math.max(a, b))]),
  ),
  fc.tuple(at, at, at).map(
    ([a, b, to]): Mutation =>
      (bytes) =>
        Buffer.concat([
          bytes.subarray(0, to),
          bytes.subarray(Math.min(a, b), Math.max(a, b)),
          bytes.subarray(to),
        ]),
  ),
  fc.tuple(at, fc.uint8Array({ maxLength: 30 })).map(
    ([i, extra]): Mutation =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, i), Buffer.from(extra), bytes.subarray(i)]),
  ),
);

it('a mutated archive is refused as such or read whole, and nothing is ever written beside it', async () => {
  const { digest } = await readPackage(bufferSource(good));
  const parent = freshDir();
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
      const bytes = mutations.reduce<Buffer>((mutated, mutate) => mutate(mutated), Buffer.from(good));
      const target = join(parent, 'robot');
      const outcome = await unpackPackage(bufferSource(bytes), target).catch((error: unknown) => error);
      if (outcome instanceof Error) {
        expect(outcome).toMatchObject({ name: 'RocError', code: 'ROC_PACKAGE_INVALID' });
        expect(readdirSync(parent)).toEqual([]);
        return;
      }
      accepted++;
      expect(readdirSync(parent)).toEqual(['robot']);
      rmSync(target, { recursive: true });
    }),
    { numRuns },
  );
  // Times and comments may change freely; that some pass shows that the rest was refused for a reason.
  expect(accepted).toBeGreaterThan(0);
  expect((await readPackage(bufferSource(good))).digest).toBe(digest);
}, 600_000);

it('every single byte of an archive counts, but for times, versions, a disk number, attributes and comment', async () => {
  const { digest } = await readPackage(bufferSource(good));
  const free: number[] = [];
  for (let i = 0; i < good.length; i++) {
    const changed = Buffer.from(good);
    changed[i] = (changed[i] as number) ^ 0xff;
    const outcome = await readPackage(bufferSource(changed)).catch(() => null);
    if (outcome?.digest === digest) free.push(i);
    else if (outcome !== null) expect(outcome.digest).not.toBe(digest);
  }
  expect(free.map((i) => fieldAt(good, i))).toEqual(
    free.map(() => expect.stringMatching(/^(time|version|disk|attributes|comment)$/)),
  );
});

/** The name of the header field that holds a byte; `other` for what must count. */
function fieldAt(zip: Buffer, index: number): string {
  const end = zip.lastIndexOf(Buffer.from('504b0506', 'hex'));
  if (index >= end + 22) return 'comment';
  const signatures: [string, [number, number, string][]][] = [
    [
      '504b0304',
      [
        [4, 6, 'version'],
        [10, 14, 'time'],
      ],
    ],
    [
      '504b0102',
      [
        [4, 8, 'version'],
        [12, 16, 'time'],
        [34, 36, 'disk'],
        [36, 42, 'attributes'],
      ],
    ],
  ];
  for (const [signature, fields] of signatures) {
    const start = zip.lastIndexOf(Buffer.from(signature, 'hex'), index);
    const field = fields.find(([from, to]) => start >= 0 && index - start >= from && index - start < to);
    if (field) return field[2];
  }
  return 'other';
}
