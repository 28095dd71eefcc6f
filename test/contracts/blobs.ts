/** What every Blobs must do; run on each implementation. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { Blobs } from '../../src/orchestrator/blobs/blobs.js';

export interface BlobsUnderTest {
  readonly blobs: Blobs;
  /** How many objects lie in the store, half-written ones too. */
  count(): Promise<number>;
}

export function blobsContract(name: string, setUp: () => Promise<BlobsUnderTest>): void {
  describe(`blobs: ${name}`, () => {
    it.each([0, 1, 70_000, 3_500_000])('gives back the %i bytes it was given', async (size) => {
      const { blobs } = await setUp();
      const bytes = randomBytes(size);
      expect(await blobs.put('a/b1', inPieces(bytes, 65_536))).toEqual({ size });
      expect((await buffer(await blobs.get('a/b1'))).equals(bytes)).toBe(true);
      expect(await blobs.size('a/b1')).toBe(size);
      const source = await blobs.open('a/b1');
      expect(source.size).toBe(size);
      expect((await source.read(0, size)).equals(bytes)).toBe(true);
      await source.close();
    });

    it('reads any range', async () => {
      const { blobs } = await setUp();
      const bytes = randomBytes(200_000);
      await blobs.put('a', inPieces(bytes, 1000));
      const source = await blobs.open('a');
      for (const [offset, length] of [
        [0, 1],
        [199_999, 1],
        [65_000, 2000],
        [0, 0],
        [200_000, 0],
      ] as const)
        expect((await source.read(offset, length)).equals(bytes.subarray(offset, offset + length))).toBe(
          true,
        );
      for (const [offset, length] of [
        [200_000, 1],
        [-1, 1],
        [0, 200_001],
      ] as const)
        await expect(source.read(offset, length)).rejects.toThrow(RangeError);
      await source.close();
    });

    it('stores nothing when the stream fails', async () => {
      const { blobs, count } = await setUp();
      const failing = async function* () {
        yield randomBytes(2_000_000);
        throw new RangeError('broken off');
      };
      await expect(blobs.put('a', failing())).rejects.toThrow('broken off');
      expect(await blobs.size('a')).toBeNull();
      expect(await count()).toBe(0);
    });

    it('stores nothing when a Readable is destroyed', async () => {
      const { blobs, count } = await setUp();
      const body = new Readable({ read() {} });
      body.push(randomBytes(1000));
      setTimeout(() => body.destroy(), 5);
      await expect(blobs.put('a', body)).rejects.toThrow();
      expect(await count()).toBe(0);
    });

    it('never replaces a blob', async () => {
      const { blobs, count } = await setUp();
      await blobs.put('a', inPieces(Buffer.from('first'), 2));
      await expect(blobs.put('a', inPieces(Buffer.from('second'), 2))).rejects.toMatchObject({
        code: 'ROC_CONFLICT',
      });
      expect((await buffer(await blobs.get('a'))).toString()).toBe('first');
      expect(await count()).toBe(1);
    });

    it('lets one of two that write one key win, whole', async () => {
      const { blobs, count } = await setUp();
      const [a, b] = [randomBytes(300_000), randomBytes(300_000)];
      const results = await Promise.allSettled([
        blobs.put('k', inPieces(a, 5000)),
        blobs.put('k', inPieces(b, 7000)),
      ]);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const stored = await buffer(await blobs.get('k'));
      expect(stored.equals(a) || stored.equals(b)).toBe(true);
      expect(await count()).toBe(1);
    });

    it('forgets what is deleted, and deletes what is not there', async () => {
      const { blobs, count } = await setUp();
      await blobs.put('a', inPieces(Buffer.from('x'), 1));
      await blobs.delete('a');
      await blobs.delete('a');
      expect(await blobs.size('a')).toBeNull();
      expect(await count()).toBe(0);
      await blobs.put('a', inPieces(Buffer.from('y'), 1));
      expect((await buffer(await blobs.get('a'))).toString()).toBe('y');
    });

    it('lists the keys that begin as it is asked, and nothing else', async () => {
      const { blobs } = await setUp();
      const before = Date.now() - 10_000;
      const list = async (prefix: string) => {
        const keys: string[] = [];
        for await (const { key, modifiedAt } of blobs.list(prefix)) {
          expect(modifiedAt).toBeGreaterThan(before);
          expect(modifiedAt).toBeLessThan(Date.now() + 10_000);
          keys.push(key);
        }
        return keys.sort();
      };
      expect(await list('')).toEqual([]);
      for (const key of ['packages/a', 'packages/deep/b', 'package01', 'other/d'])
        await blobs.put(key, inPieces(Buffer.from('x'), 1));
      expect(await list('')).toEqual(['other/d', 'package01', 'packages/a', 'packages/deep/b']);
      expect(await list('package')).toEqual(['package01', 'packages/a', 'packages/deep/b']);
      expect(await list('packages/')).toEqual(['packages/a', 'packages/deep/b']);
      expect(await list('../')).toEqual([]);
    });

    it('says of a missing blob that the store is damaged', async () => {
      const { blobs } = await setUp();
      await expect(blobs.open('gone')).rejects.toMatchObject({ code: 'ROC_BLOB_CORRUPT' });
      await expect(blobs.get('gone')).rejects.toMatchObject({ code: 'ROC_BLOB_CORRUPT' });
    });

    it.each([
      '',
      '/',
      'a/',
      '/a',
      'a//b',
      '../a',
      'a/../b',
      '.',
      'A',
      'a b',
      'a.b',
      'a\\b',
      'a\0',
      'é',
      'a'.repeat(201),
    ])('takes no key that the server would not make: %j', async (key) => {
      const { blobs, count } = await setUp();
      await expect(blobs.put(key, inPieces(Buffer.from('x'), 1))).rejects.toThrow(TypeError);
      await expect(blobs.open(key)).rejects.toThrow(TypeError);
      await expect(blobs.get(key)).rejects.toThrow(TypeError);
      await expect(blobs.size(key)).rejects.toThrow(TypeError);
      await expect(blobs.delete(key)).rejects.toThrow(TypeError);
      expect(await count()).toBe(0);
    });
  });
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
