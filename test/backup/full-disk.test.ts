/** A disk that is full in the middle of a line: the journal stays what it was, and the run can be gone on with. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runFolder } from '../../src/backup/run/run-folder.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

const disk = vi.hoisted(() => ({ room: Number.POSITIVE_INFINITY, piece: Number.POSITIVE_INFINITY }));

vi.mock('node:fs', async (actual) => {
  const fs = await actual<typeof import('node:fs')>();
  const writeSync = (fd: number, bytes: Buffer, at = 0) => {
    if (disk.room <= 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const length = Math.min(bytes.length - at, disk.piece, disk.room);
    disk.room -= length;
    return fs.writeSync(fd, bytes, at, length);
  };
  return { ...fs, writeSync };
});

const RUN = '20261122-001500-k3x9qz';
let dir: string;
beforeEach(() => {
  dir = makeTempDir('full');
  Object.assign(disk, { room: Number.POSITIVE_INFINITY, piece: Number.POSITIVE_INFINITY });
});
afterEach(() => removeDir(dir));

it('a line that the disk takes in pieces is written whole', () => {
  const { lines } = runFolder(dir, RUN);
  disk.piece = 3;
  lines.append('{"seq":1,"é":"ü"}\n');
  lines.append('{"seq":2}\n');
  expect(lines.read()).toBe('{"seq":1,"é":"ü"}\n{"seq":2}\n');
});

it('a line that does not fit leaves no half of it behind', () => {
  const { lines, path } = runFolder(dir, RUN);
  lines.append('{"seq":1}\n');
  disk.room = 4;
  expect(() => lines.append('{"seq":2}\n')).toThrow(
    expect.objectContaining({
      code: 'ROC_RESUMABLE',
      exitCode: 75,
      message: expect.stringContaining('ENOSPC'),
    }),
  );
  expect(readFileSync(`${path}/journal.jsonl`, 'utf8')).toBe('{"seq":1}\n');
  disk.room = Number.POSITIVE_INFINITY;
  lines.append('{"seq":2}\n');
  expect(lines.read()).toBe('{"seq":1}\n{"seq":2}\n');
});
