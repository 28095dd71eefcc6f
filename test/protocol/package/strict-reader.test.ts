import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bufferSource } from '../../../src/protocol/package/source.js';
import { readPackage } from '../../../src/protocol/package/strict-reader.js';
import { unpackPackage } from '../../../src/protocol/package/unpack.js';
import { HOSTILE_ARCHIVES } from '../../helpers/hostile-archives.js';
import {
  DESCRIPTOR,
  descriptorOf,
  extraField,
  type RawEntry,
  rawZip,
  unixMode,
} from '../../helpers/raw-zip.js';
import { ROBOT_YAML } from '../../helpers/robot-folder.js';
import { tempDirs } from '../../helpers/temp-dirs.js';

const freshDir = tempDirs('strict-reader');
const robot: RawEntry = { name: 'robot.yaml', content: ROBOT_YAML };
const text = 'some text, repeated, some text, repeated';

describe('a hostile archive', () => {
  it.each(HOSTILE_ARCHIVES)('is refused: $name', async ({ make, says }) => {
    const bytes = make();
    await expect(readPackage(bufferSource(bytes))).rejects.toMatchObject({
      code: 'ROC_PACKAGE_INVALID',
      message: expect.stringMatching(says),
    });
    const parent = freshDir();
    await expect(unpackPackage(bufferSource(bytes), join(parent, 'robot'))).rejects.toMatchObject({
      code: 'ROC_PACKAGE_INVALID',
    });
    expect(readdirSync(parent)).toEqual([]);
  });

  it('never prints what it holds unescaped', async () => {
    for (const { make } of HOSTILE_ARCHIVES.filter(({ name }) => name.startsWith('name'))) {
      const error = await readPackage(bufferSource(make())).catch((e: Error) => e);
      expect((error as Error).message).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    }
    expect(existsSync('/tmp/evil')).toBe(false);
  });
});

describe('an honest archive', () => {
  const honest: [string, RawEntry][] = [
    ['stored', { name: 'a.txt', content: text, method: 0 }],
    ['deflated', { name: 'a.txt', content: text }],
    ['empty', { name: 'a.txt' }],
    ['empty, yet deflated', { name: 'a.txt', method: 8 }],
    [
      'with a signed descriptor',
      { name: 'a.txt', content: text, flags: DESCRIPTOR, trailer: descriptorOf(text) },
    ],
    [
      'with a bare descriptor',
      { name: 'a.txt', content: text, flags: DESCRIPTOR, trailer: descriptorOf(text, false) },
    ],
    [
      'with its sizes deferred',
      {
        name: 'a.txt',
        content: text,
        flags: DESCRIPTOR,
        local: { crc: 0, size: 0, compressedSize: 0 },
        trailer: descriptorOf(text),
      },
    ],
    ['with a UTF-8 name', { name: 'informe de año – 請求書 📄.txt', content: text }],
    [
      'with times in an extra field',
      { name: 'a.txt', content: text, extra: extraField(0x5455, Buffer.alloc(5)) },
    ],
    ['made on DOS', { name: 'a.txt', content: text, madeBy: 0, attributes: 0x20 }],
    ['with a comment', { name: 'a.txt', content: text, comment: 'a comment' }],
    ['larger than a piece', { name: 'a.txt', content: Buffer.alloc(700_000, text) }],
  ];
  it.each(honest)('is read: %s', async (_, entry) => {
    const { manifest, entries } = await readPackage(bufferSource(rawZip({ entries: [robot, entry] })));
    expect(manifest.name).toBe('totals');
    expect(entries.find(({ path }) => path === entry.name)?.size).toBe(
      Buffer.from(entry.content ?? '').length,
    );
  });

  it('may have folders and a comment, which the digest does not count', async () => {
    const plain = await readPackage(
      bufferSource(rawZip({ entries: [{ name: 'd/a', content: text }, robot] })),
    );
    const other = await readPackage(
      bufferSource(
        rawZip({
          entries: [robot, { name: 'd/' }, { name: 'd/a', content: text }],
          comment: Buffer.from('v1'),
        }),
      ),
    );
    expect(other.digest).toBe(plain.digest);
    expect(other.entries.map(({ path }) => path)).toEqual(['d/a', 'robot.yaml']);
  });

  it('has a digest that counts paths, modes and contents', async () => {
    const digest = async (entry: RawEntry) =>
      (await readPackage(bufferSource(rawZip({ entries: [robot, entry] })))).digest;
    const digests = await Promise.all([
      digest({ name: 'a', content: 'x' }),
      digest({ name: 'b', content: 'x' }),
      digest({ name: 'a', content: 'y' }),
      digest({ name: 'a', content: 'x', attributes: unixMode(0o100755) }),
    ]);
    expect(new Set(digests).size).toBe(4);
    expect(await digest({ name: 'a', content: 'x', attributes: unixMode(0o104611) })).toBe(digests[0]);
  });

  it('names entries in code point order, not that of UTF-16', async () => {
    const names = ['\u{1f600}', '\uffe0', 'z'];
    const zip = rawZip({ entries: [robot, ...names.map((name) => ({ name, content: 'x' }))] });
    const { entries } = await readPackage(bufferSource(zip));
    expect(entries.map(({ path }) => path)).toEqual(['robot.yaml', 'z', '\uffe0', '\u{1f600}']);
  });
});
