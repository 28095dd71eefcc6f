import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLocalKms } from '../../../src/orchestrator/kms/local.js';
import { kmsContract } from '../../contracts/kms.js';
import { tempDirs } from '../../helpers/temp-dirs.js';

const freshDir = tempDirs('kms');
const isPosix = process.platform !== 'win32';
const freshPath = () => join(freshDir(), 'keys', 'master.key');

kmsContract('local', async () => {
  const path = freshPath();
  return {
    kms: createLocalKms({ path }),
    again: async () => createLocalKms({ path }),
    other: async () => createLocalKms({ path: freshPath() }),
  };
});

describe('the master key file', () => {
  const unusable = (message: RegExp) =>
    expect.objectContaining({
      code: 'ROC_DATA_DIR_UNUSABLE',
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });

  it.runIf(isPosix)('is made whole and private, whatever the umask', () => {
    const before = process.umask(0);
    try {
      const path = freshPath();
      createLocalKms({ path });
      expect(readFileSync(path)).toHaveLength(32);
      expect(statSync(path).mode & 0o7777).toBe(0o600);
      expect(statSync(dirname(path)).mode & 0o7777).toBe(0o700);
      expect(readdirSync(dirname(path))).toEqual(['master.key']);
    } finally {
      process.umask(before);
    }
  });

  it('differs from one installation to the next', () => {
    const [a, b] = [freshPath(), freshPath()];
    createLocalKms({ path: a });
    createLocalKms({ path: b });
    expect(readFileSync(a).equals(readFileSync(b))).toBe(false);
  });

  it.runIf(isPosix).each([0o640, 0o604, 0o620, 0o601, 0o777])('is refused at mode %o', (mode) => {
    const path = freshPath();
    createLocalKms({ path });
    chmodSync(path, mode);
    expect(() => createLocalKms({ path })).toThrow(
      unusable(/may be read by others: mode 0\d{3}, expected 0600/),
    );
  });

  it.runIf(isPosix).each([0o750, 0o705, 0o711])('is refused in a folder at mode %o', (mode) => {
    const path = freshPath();
    createLocalKms({ path });
    chmodSync(dirname(path), mode);
    expect(() => createLocalKms({ path })).toThrow(unusable(/expected 0700/));
  });

  it.runIf(isPosix)('is not made in a folder that others may read', () => {
    const path = freshPath();
    mkdirSync(dirname(path), { mode: 0o755 });
    chmodSync(dirname(path), 0o755);
    expect(() => createLocalKms({ path })).toThrow(unusable(/expected 0700/));
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it.each([0, 31, 33, 64])('is refused at %i bytes, and not replaced', (size) => {
    const path = freshPath();
    mkdirSync(dirname(path), { mode: 0o700 });
    writeFileSync(path, Buffer.alloc(size), { mode: 0o600 });
    expect(() => createLocalKms({ path })).toThrow(unusable(new RegExp(`has ${size} bytes`)));
    expect(readFileSync(path)).toHaveLength(size);
  });

  it.runIf(isPosix)('is not followed through a link', () => {
    const real = freshPath();
    createLocalKms({ path: real });
    const path = join(freshDir(), 'master.key');
    symlinkSync(real, path);
    expect(() => createLocalKms({ path })).toThrow(unusable(/cannot be read/));
  });

  it('is a file, not a folder', () => {
    const path = freshPath();
    mkdirSync(path, { recursive: true, mode: 0o700 });
    expect(() => createLocalKms({ path })).toThrow(unusable(/regular file/));
  });

  it('of another process that was faster is used', () => {
    const path = freshPath();
    const other = freshPath();
    createLocalKms({ path: other });
    mkdirSync(dirname(path), { mode: 0o700 });
    linkSync(other, path);
    expect(createLocalKms({ path }).keyId).toBe(createLocalKms({ path: other }).keyId);
  });

  it('shows in the key id, without giving it away', () => {
    const path = freshPath();
    const { keyId } = createLocalKms({ path });
    expect(keyId).toMatch(/^local:[0-9a-f]{16}$/);
    expect(readFileSync(path).toString('hex')).not.toContain(keyId.slice(6, 14));
  });
});
