import { describe, expect, it } from 'vitest';
import { readIgnores } from '../../../src/protocol/package/ignore.js';

describe('readIgnores', () => {
  it.each([
    ['.git/config', true],
    ['sub/.git/config', true],
    ['.gitignore', false],
    ['.DS_Store', true],
    ['a/b/.DS_Store', true],
    ['__pycache__/x.cpython-311.pyc', true],
    ['lib/x.pyc', true],
    ['node_modules/left-pad/index.js', false],
    ['node_modules/.bin/tool', true],
    ['node_modules/a/node_modules/.bin/tool', true],
    ['.rocignore', true],
    ['sub/.rocignore', false],
    ['robot.yaml', false],
    ['.env', false],
  ])('by default: %s stays out: %s', (path, expected) => {
    expect(readIgnores().hasFile(path)).toBe(expected);
  });

  it.each([
    ['*.log', 'a.log', true],
    ['*.log', 'deep/down/a.log', true],
    ['*.log', 'a.log.txt', false],
    ['/a.log', 'a.log', true],
    ['/a.log', 'sub/a.log', false],
    ['data/raw', 'data/raw/x', true],
    ['data/raw', 'other/data/raw', false],
    ['build/', 'build/x', true],
    ['build/', 'sub/build/x', true],
    ['build/', 'build', false],
    ['t?st', 'test', true],
    ['t?st', 'teest', false],
    ['**/secret', 'a/b/secret', true],
    ['**/secret', 'secret', true],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['a/**', 'a/b/c', true],
    ['a/**', 'ab', false],
    ['# comment', '# comment', false],
    ['  spaced.txt  ', 'spaced.txt', true],
    ['a+(b).txt', 'a+(b).txt', true],
    ['a.txt', 'aXtxt', false],
    ['[ab]', '[ab]', true],
    ['ñandú-*', 'ñandú-é', true],
    ['*.log\n!keep.log', 'keep.log', false],
    ['*.log\n!keep.log', 'other.log', true],
    ['!keep.log\n*.log', 'keep.log', true],
    ['logs/\n!logs/keep.log', 'logs/keep.log', true],
    ['!.DS_Store', '.DS_Store', false],
  ])('%j on %s: %s', (text, path, expected) => {
    expect(readIgnores(text).hasFile(path)).toBe(expected);
  });

  it('is not slowed down by a pattern made to be slow', () => {
    const pattern = `${'*a'.repeat(30)}b`;
    const started = performance.now();
    expect(readIgnores(pattern).hasFile('a'.repeat(200))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
