import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDiskBlobs } from '../../../src/orchestrator/blobs/disk.js';
import { blobsContract } from '../../contracts/blobs.js';
import { tempDirs } from '../../helpers/temp-dirs.js';

const freshDir = tempDirs('blobs');
const isPosix = process.platform !== 'win32';

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function* of(...pieces: (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece);
}

blobsContract('disk', async () => {
  const root = freshDir();
  return { blobs: createDiskBlobs({ root }), count: async () => filesBelow(root).length };
});

describe('createDiskBlobs', () => {
  it.runIf(isPosix)('keeps everything from other users, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      const root = join(freshDir(), 'deep', 'blobs');
      const blobs = createDiskBlobs({ root });
      await blobs.put('robots/x/y', of('secret'));
      for (const file of filesBelow(root)) expect(statSync(file).mode & 0o777).toBe(0o600);
      for (const entry of readdirSync(root, { recursive: true, withFileTypes: true }))
        if (entry.isDirectory())
          expect(statSync(join(entry.parentPath, entry.name)).mode & 0o777).toBe(0o700);
      expect(statSync(root).mode & 0o777).toBe(0o700);
    } finally {
      process.umask(before);
    }
  });

  it('finds its blobs again after a restart', async () => {
    const root = freshDir();
    await createDiskBlobs({ root }).put('a', of('x'));
    expect(await createDiskBlobs({ root }).size('a')).toBe(1);
  });

  it('sweeps what a dead process of this host left, and no more', async () => {
    const root = freshDir();
    createDiskBlobs({ root });
    const incoming = join(root, 'incoming');
    const host = hostname().replace(/[^a-zA-Z0-9-]/g, '-');
    // One more than Linux gives out.
    const dead = 2 ** 22 + 1;
    const week = new Date(Date.now() - 7 * 86_400_000);
    const leave = (name: string, at?: Date) => {
      writeFileSync(join(incoming, name), 'half');
      if (at) utimesSync(join(incoming, name), at, at);
    };
    leave(`${host}.${dead}.aa`);
    leave(`${host}.${process.pid}.before`, new Date(Date.now() - 3_600_000 - process.uptime() * 1000));
    leave(`${host}.${process.pid}.now`);
    leave(`${host}.${process.ppid}.alive`);
    leave(`elsewhere.1.bb`);
    leave(`elsewhere.1.old`, week);
    leave('no-name-of-ours');
    createDiskBlobs({ root });
    expect(readdirSync(incoming).sort()).toEqual(
      [
        `${host}.${process.pid}.now`,
        `${host}.${process.ppid}.alive`,
        'elsewhere.1.bb',
        'no-name-of-ours',
      ].sort(),
    );
  });

  it('does not sweep away what another part of this process is writing', async () => {
    const root = freshDir();
    const blobs = createDiskBlobs({ root });
    const halfway = deferred();
    const gate = deferred();
    const slow = async function* () {
      yield Buffer.from('first ');
      halfway.resolve();
      await gate.promise;
      yield Buffer.from('second');
    };
    const writing = blobs.put('a', slow());
    await halfway.promise;
    expect(readdirSync(join(root, 'incoming'))).toHaveLength(1);
    createDiskBlobs({ root });
    gate.resolve();
    expect(await writing).toEqual({ size: 12 });
  });

  it('says so where it cannot write', () => {
    const file = join(freshDir(), 'file');
    writeFileSync(file, '');
    expect(() => createDiskBlobs({ root: join(file, 'blobs') })).toThrow(
      expect.objectContaining({ code: 'ROC_DATA_DIR_UNUSABLE' }),
    );
  });
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
