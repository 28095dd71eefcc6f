import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  loadIdentity,
  makeMarkPrefix,
  makeRunnerKeys,
  publicKeyText,
  saveIdentity,
} from '../../src/runner/identity.js';
import { makePrivateDir, readPrivateFile, writePrivateFile } from '../../src/runner/private-files.js';
import { defaultStateDir, openStateDir } from '../../src/runner/state-dir.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const newDir = tempDirs('private');
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const unusable = expect.objectContaining({ code: 'ROC_DATA_DIR_UNUSABLE' });

describe('private files', () => {
  it('are 0600 in folders of 0700, and leave no half of themselves behind', () => {
    const dir = join(newDir(), 'a', 'b');
    makePrivateDir(dir);
    writePrivateFile(join(dir, 'f'), 'one');
    writePrivateFile(join(dir, 'f'), 'two');
    expect([modeOf(dir), modeOf(join(dir, 'f')), readdirSync(dir)]).toEqual(['700', '600', ['f']]);
    expect(readPrivateFile(join(dir, 'f'))).toBe('two');
    expect(readPrivateFile(join(dir, 'none'))).toBeNull();
  });

  it('are not read where others could have read or changed them', () => {
    const file = join(newDir(), 'f');
    writeFileSync(file, 'x');
    chmodSync(file, 0o640);
    expect(() => readPrivateFile(file)).toThrow(unusable);
  });

  it('are not read through a link', () => {
    const dir = newDir();
    writeFileSync(join(dir, 'f'), 'x', { mode: 0o600 });
    symlinkSync(join(dir, 'f'), join(dir, 'link'));
    expect(() => readPrivateFile(join(dir, 'link'))).toThrow(unusable);
  });

  it('are not put into a folder that others may enter, or a file', () => {
    const dir = newDir();
    mkdirSync(join(dir, 'open'));
    chmodSync(join(dir, 'open'), 0o755);
    writeFileSync(join(dir, 'file'), '');
    expect(() => makePrivateDir(join(dir, 'open'))).toThrow(unusable);
    expect(() => makePrivateDir(join(dir, 'file'))).toThrow(unusable);
    expect(() => openStateDir(join(dir, 'file', 'below'))).toThrow(unusable);
  });

  it('do not replace what cannot be replaced, and say so', () => {
    const dir = newDir();
    mkdirSync(join(dir, 'f'));
    expect(() => writePrivateFile(join(dir, 'f'), 'x')).toThrow(unusable);
    expect(readdirSync(dir)).toEqual(['f']);
  });
});

describe('the identity of a runner', () => {
  const identity = () => ({
    ...{
      runnerId: '01JZ',
      name: 'host-1',
      pool: 'default',
      tenant: 'default',
      audience: 'a',
      url: 'http://x',
    },
    ...{ markPrefix: makeMarkPrefix(), keys: makeRunnerKeys() },
  });

  it('is the same after it was stored', () => {
    const file = join(newDir(), 'runner.json');
    const made = identity();
    saveIdentity(file, made);
    const loaded = loadIdentity(file);
    expect(modeOf(file)).toBe('600');
    expect({ ...loaded, keys: null }).toEqual({ ...made, keys: null });
    for (const key of ['sign', 'box'] as const)
      expect(loaded?.keys[key].export({ format: 'jwk' })).toEqual(made.keys[key].export({ format: 'jwk' }));
  });

  it('has public keys of 32 bytes', () => {
    const { sign, box } = makeRunnerKeys();
    expect([sign, box].map((key) => Buffer.from(publicKeyText(key), 'base64url').length)).toEqual([32, 32]);
  });

  it.each(['', 'null', '{}', '{"runnerId":1}', 'no json'])('is refused where the file holds %j', (text) => {
    const file = join(newDir(), 'runner.json');
    writeFileSync(file, text, { mode: 0o600 });
    expect(() => loadIdentity(file)).toThrow(unusable);
  });
});

describe('the default state folder', () => {
  it.each([
    [{ XDG_STATE_HOME: '/s' }, 'linux', '/s/roc/runner'],
    [{}, 'linux', '/home/u/.local/state/roc/runner'],
    [{}, 'darwin', '/home/u/.local/state/roc/runner'],
    [{ LOCALAPPDATA: '/l', XDG_STATE_HOME: '/s' }, 'win32', '/l/roc/runner'],
  ] as const)('%j on %s', (env, platform, expected) => {
    expect(defaultStateDir(env, platform, '/home/u')).toBe(expected);
  });
});
