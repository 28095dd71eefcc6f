import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, makeFolderSync } from '../../src/kernel/make-folder.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const newDir = tempDirs('folder');

describe.each([
  ['makeFolder', makeFolder],
  ['makeFolderSync', async (path: string, mode?: number) => makeFolderSync(path, mode)],
])('%s', (_, make) => {
  it('makes all that is missing, with its mode, and tells the first', async () => {
    const dir = newDir();
    expect(await make(join(dir, 'a/b/c'), 0o700)).toBe(join(dir, 'a'));
    for (const part of ['a', 'a/b', 'a/b/c']) expect(statSync(join(dir, part)).mode & 0o777).toBe(0o700);
    expect(await make(join(dir, 'a/b/c'))).toBeUndefined();
    expect(await make(join(dir, 'a/b/d/'))).toBe(join(dir, 'a/b/d/'));
  });

  it('can be asked many times at once', async () => {
    const dir = newDir();
    await Promise.all(Array.from({ length: 20 }, () => make(join(dir, 'x/y/z'))));
    expect(existsSync(join(dir, 'x/y/z'))).toBe(true);
  });

  it('refuses a file in its place or on its way', async () => {
    const dir = newDir();
    writeFileSync(join(dir, 'file'), '');
    await expect(make(join(dir, 'file'))).rejects.toThrow('EEXIST');
    await expect(make(join(dir, 'file/sub'))).rejects.toThrow('ENOTDIR');
  });

  it.runIf(process.platform === 'linux')(
    'refuses where no folder can be made, and does not try for ever',
    async () => {
      await expect(make('/proc/roc/data')).rejects.toThrow(/ENOENT.*\/proc\/roc/);
    },
  );
});
