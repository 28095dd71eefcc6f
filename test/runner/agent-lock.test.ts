import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockAgent } from '../../src/runner/agent-lock.js';
import { processStartMark } from '../../src/runner/process-table.js';
import { startProgram } from '../helpers/program.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const newDir = tempDirs('lock');

describe('the lock of an agent', () => {
  it('is held once, and again after it was let go', () => {
    const dir = newDir();
    const path = join(dir, 'agent.lock');
    const unlock = lockAgent(path);
    expect(() => lockAgent(path)).toThrow(expect.objectContaining({ code: 'ROC_CONFLICT' }));
    unlock();
    expect(existsSync(path)).toBe(false);
    lockAgent(path)();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('names the process that holds it', () => {
    const path = join(newDir(), 'agent.lock');
    const unlock = lockAgent(path);
    expect(() => lockAgent(path)).toThrow(`pid ${process.pid}`);
    unlock();
  });

  it('is not let go by who no longer has it', () => {
    const path = join(newDir(), 'agent.lock');
    const unlock = lockAgent(path);
    writeFileSync(path, 'another');
    unlock();
    expect(existsSync(path)).toBe(true);
  });

  it('is taken over from a process that is gone', async () => {
    const path = join(newDir(), 'agent.lock');
    const gone = startProgram('sleep', ['0']);
    await gone.ended;
    writeFileSync(path, JSON.stringify({ pid: gone.pid, started: null }));
    lockAgent(path)();
  });

  it.each(['', 'nonsense', '{"pid":"1"}', '{"pid":-1}'])('is taken over where it holds %j', (text) => {
    const path = join(newDir(), 'agent.lock');
    writeFileSync(path, text);
    lockAgent(path)();
  });

  it('is not taken over from a living process', async () => {
    const path = join(newDir(), 'agent.lock');
    const alive = startProgram('sleep', ['60']);
    for (const started of [processStartMark(alive.pid), null]) {
      writeFileSync(path, JSON.stringify({ pid: alive.pid, started }));
      expect(() => lockAgent(path)).toThrow(expect.objectContaining({ code: 'ROC_CONFLICT' }));
    }
    await alive.stop('SIGKILL');
  });

  it.skipIf(process.platform !== 'linux')('is taken over where its number is another process by now', () => {
    const path = join(newDir(), 'agent.lock');
    writeFileSync(path, JSON.stringify({ pid: process.pid, started: 'another-boot:1' }));
    lockAgent(path)();
  });
});
