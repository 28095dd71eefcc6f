import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileWriter } from '../../../src/vulns/outputs/writer.js';
import { tempDirs } from '../../helpers/temp-dirs.js';

const newDir = tempDirs('writer');

describe('a file that is written', () => {
  it('has its name once it is whole', async () => {
    const dir = newDir();
    const writer = fileWriter(join(dir, 'out'));
    writer.write('all of it');
    expect(readdirSync(dir)).not.toContain('out');
    await writer.close();
    writer.abandon();
    expect([readdirSync(dir), readFileSync(join(dir, 'out'), 'utf8')]).toEqual([['out'], 'all of it']);
  });

  it('leaves nothing behind where its name cannot be had', async () => {
    const dir = newDir();
    mkdirSync(join(dir, 'out'));
    const writer = fileWriter(join(dir, 'out'));
    await expect(writer.close()).rejects.toMatchObject({ code: 'ROC_INVALID_INPUT' });
    writer.abandon();
    expect(readdirSync(dir)).toEqual(['out']);
  });

  it('is closed once: the number of its descriptor is soon that of another file', () => {
    const dir = newDir();
    const writer = fileWriter(join(dir, 'out'));
    writer.abandon();
    const others = Array.from({ length: 8 }, () => openSync(dir, 'r'));
    writer.abandon();
    expect(others.map((other) => fstatSync(other).isDirectory())).toEqual(others.map(() => true));
    for (const other of others) closeSync(other);
  });
});
