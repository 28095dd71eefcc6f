import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wipeDir } from '../../src/runner/wipe-dir.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const newDir = tempDirs('wipe');

describe('wipeDir', () => {
  it('removes what is there, and is content where nothing is', async () => {
    const dir = newDir();
    mkdirSync(join(dir, 'a/b'), { recursive: true });
    writeFileSync(join(dir, 'a/b/c'), 'x');
    expect([await wipeDir(dir), existsSync(dir), await wipeDir(dir)]).toEqual([true, false, true]);
  });

  it('removes links and leaves alone what they lead to', async () => {
    const outside = newDir();
    writeFileSync(join(outside, 'kept'), 'x');
    const dir = newDir();
    symlinkSync(outside, join(dir, 'folder'));
    symlinkSync(join(outside, 'kept'), join(dir, 'file'));
    expect(await wipeDir(dir)).toBe(true);
    expect(readFileSync(join(outside, 'kept'), 'utf8')).toBe('x');
  });

  it('removes folders that nobody may enter', async () => {
    const dir = newDir();
    mkdirSync(join(dir, 'a/b'), { recursive: true });
    writeFileSync(join(dir, 'a/b/c'), 'x');
    for (const path of ['a/b', 'a', '.']) chmodSync(join(dir, path), 0);
    expect([await wipeDir(dir), existsSync(dir)]).toEqual([true, false]);
  });

  it('removes folders nested deeper than any path may be long', async () => {
    const dir = newDir();
    const nest = "for (let i = 0; i < 1500; i++) { require('fs').mkdirSync('deep'); process.chdir('deep'); }";
    expect(
      spawnSync(process.execPath, ['-e', nest], { cwd: dir, timeout: 15_000, killSignal: 'SIGKILL' }).status,
    ).toBe(0);
    expect([await wipeDir(dir), existsSync(dir)]).toEqual([true, false]);
  });
});
