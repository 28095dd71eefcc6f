import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRocError } from '../../src/kernel/errors.js';
import { findRobotProgram } from '../../src/runner/robot-program.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const newDir = tempDirs('program');

function host() {
  const top = newDir();
  const packageDir = join(top, 'package');
  const bin = join(top, 'bin');
  mkdirSync(join(packageDir, 'tools'), { recursive: true });
  mkdirSync(join(bin, 'folder'), { recursive: true });
  for (const file of [
    join(bin, 'python3'),
    join(packageDir, 'tools/run'),
    join(top, 'outside'),
    join(bin, 'tool.exe'),
  ]) {
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, 0o755);
  }
  writeFileSync(join(bin, 'plain'), '');
  writeFileSync(join(packageDir, 'main.js'), '');
  return {
    packageDir,
    bin,
    search: { packageDir, path: `:${bin}`, platform: 'linux', node: '/opt/node' } as const,
  };
}

function codeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return isRocError(error) ? `${error.code}: ${error.message}` : error;
  }
}

describe('the program of an entrypoint', () => {
  it.each([
    ['python3', 'bin/python3'],
    ['./tools/run', 'package/tools/run'],
    ['tools/run', 'package/tools/run'],
    ['tools/../tools/run', 'package/tools/run'],
  ])('%s is %s', (name, expected) => {
    const { search, bin } = host();
    expect(findRobotProgram(name, search)).toBe(join(bin, '..', expected));
  });

  it('takes the Node of the runner where PATH has none', () => {
    expect(findRobotProgram('node', host().search)).toBe('/opt/node');
  });

  it.each([
    ['ruby', /^ROC_NOT_FOUND: this host has no program "ruby"$/],
    ['plain', /^ROC_NOT_FOUND/],
    ['folder', /^ROC_NOT_FOUND/],
    ['../outside', /^ROC_PACKAGE_INVALID: .*is not inside the package$/],
    ['/bin/sh', /^ROC_PACKAGE_INVALID: .*is not inside the package$/],
    ['./tools/nothing', /^ROC_PACKAGE_INVALID: .*is not in the package$/],
    ['./tools', /^ROC_PACKAGE_INVALID: .*is not in the package$/],
    ['./main.js', /^ROC_PACKAGE_INVALID: .*is not executable$/],
  ])('refuses %s', (name, expected) => {
    expect(codeOf(() => findRobotProgram(name, host().search))).toMatch(expected);
  });

  it('never takes a relative folder of PATH as the package’s own', () => {
    const { search } = host();
    expect(codeOf(() => findRobotProgram('main.js', { ...search, path: '' }))).toMatch(/^ROC_NOT_FOUND/);
  });

  it('finds .exe on Windows, and nothing that needs a shell', () => {
    const { search, bin } = host();
    writeFileSync(join(bin, 'batch.cmd'), '');
    chmodSync(join(bin, 'batch.cmd'), 0o755);
    const windows = { ...search, path: bin, platform: 'win32' } as const;
    expect(findRobotProgram('tool', windows)).toBe(join(bin, 'tool.exe'));
    expect(codeOf(() => findRobotProgram('batch', windows))).toMatch(/^ROC_NOT_FOUND/);
  });

  it('follows a link on PATH, as interpreters are installed', () => {
    const { search, bin } = host();
    symlinkSync(join(bin, 'python3'), join(bin, 'python'));
    expect(findRobotProgram('python', search)).toBe(join(bin, 'python'));
  });
});
