import { describe, expect, it } from 'vitest';
import { parseProgress } from '../../src/runner/progress-line.js';

describe('parseProgress', () => {
  it.each([
    ['::progress 40 reading page 2', { percent: 40, message: 'reading page 2' }],
    ['::progress 40', { percent: 40, message: '' }],
    ['::progress 40% half', { percent: 40, message: 'half' }],
    ['::progress 99.5 almost', { percent: 99.5, message: 'almost' }],
    ['::progress waiting for the bank', { percent: null, message: 'waiting for the bank' }],
    ['::progress 100 done', { percent: 100, message: 'done' }],
    ['::progress', null],
    ['::progress 101 too much', null],
    ['::progressing 4', null],
    [' ::progress 40', null],
    ['progress 40', null],
  ])('%s', (line, expected) => {
    expect(parseProgress(line)).toEqual(expected);
  });

  it('cuts a message to what the server takes', () => {
    expect(parseProgress(`::progress 1 ${'x'.repeat(900)}`)?.message).toHaveLength(500);
  });
});
