import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isAlive, processPlace } from '../../src/kernel/process-place.js';

describe('a process', () => {
  it('that runs is alive, one that ended is not', () => {
    const ended = spawnSync(process.execPath, ['-e', ''], { timeout: 15_000, killSignal: 'SIGKILL' }).pid;
    expect([isAlive(process.pid), isAlive(ended), isAlive(2 ** 31 - 2)]).toEqual([true, false, false]);
  });

  it('of another user is alive', () => {
    expect(isAlive(1)).toBe(true);
  });
});

it('names its host and, on Linux, its pid namespace', () => {
  const space = process.platform === 'linux' ? / pid:\[\d+\]$/ : '';
  expect(processPlace()).toMatch(space);
  expect(processPlace().startsWith(hostname())).toBe(true);
});
