import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LOG_LIMITS, openJobLog } from '../../src/runner/job-log.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const newDir = tempDirs('job-log');
const newPath = () => join(newDir(), 'a.log');

function drain(log: ReturnType<typeof openJobLog>): string[] {
  const texts: string[] = [];
  for (let lines = log.next(); lines.length > 0; lines = log.next()) {
    texts.push(...lines.map(({ text }) => text));
    log.taken();
  }
  return texts;
}

describe('the log of a job', () => {
  it('numbers lines from 1 without gaps and keeps them until they are taken', () => {
    const log = openJobLog(newPath());
    log.add('stdout', ['a'], 0);
    log.add('stderr', ['b\u0000\u001b'], 1500);
    const expected = [
      { seq: 1, at: '1970-01-01T00:00:00.000Z', stream: 'stdout', text: 'a' },
      { seq: 2, at: '1970-01-01T00:00:01.500Z', stream: 'stderr', text: 'b\u0000\u001b' },
    ];
    expect(log.next()).toEqual(expected);
    log.add('stdout', ['c'], 0);
    expect(log.next()).toEqual(expected);
    log.taken();
    expect(log.next()).toMatchObject([{ seq: 3, text: 'c' }]);
    log.close(false);
  });

  it('gives what was added, in order, whatever the limits of a batch', () => {
    const line = fc.string({ unit: 'binary', maxLength: 30, size: 'max' });
    const steps = fc.array(fc.oneof(line, fc.constant(null)), { maxLength: 40, size: 'max' });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (adds, batchLines) => {
        const log = openJobLog(newPath(), { ...DEFAULT_LOG_LIMITS, batchLines, batchBytes: 400 });
        const seen: string[] = [];
        for (const text of adds) {
          if (text !== null) log.add('stdout', [text], 0);
          else {
            seen.push(...log.next().map(({ text: sent }) => sent));
            log.taken();
          }
        }
        seen.push(...drain(log));
        log.close(false);
        expect(seen).toEqual(adds.filter((text) => text !== null));
      }),
      { numRuns: 20 },
    );
  });

  it('is empty on disk once all was taken', () => {
    const path = newPath();
    const log = openJobLog(path);
    for (let i = 0; i < 100; i++) log.add('stdout', ['x'.repeat(100)], 0);
    expect(statSync(path).size).toBeGreaterThan(10_000);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(drain(log)).toHaveLength(100);
    expect(statSync(path).size).toBe(0);
    log.close(false);
    expect(existsSync(path)).toBe(false);
  });

  it('has no room while the server is far behind, until it catches up', async () => {
    const log = openJobLog(newPath(), { ...DEFAULT_LOG_LIMITS, fileBytes: 1000 });
    let hasRoom = true;
    const ask = async () => {
      hasRoom = false;
      await log.room();
      hasRoom = true;
    };
    await ask();
    expect(hasRoom).toBe(true);
    for (let i = 0; i < 20; i++) log.add('stdout', ['x'.repeat(100)], 0);
    const waiting = ask();
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasRoom).toBe(false);
    drain(log);
    await waiting;
    expect(hasRoom).toBe(true);
    log.close(false);
  });

  it.each(['release', 'close'] as const)('has room again after %s', async (how) => {
    const log = openJobLog(newPath(), { ...DEFAULT_LOG_LIMITS, fileBytes: 1 });
    log.add('stdout', ['x'], 0);
    const waiting = log.room();
    if (how === 'release') log.release();
    else log.close(false);
    await waiting;
    log.add('stdout', ['y'], 0);
    log.close(false);
  });

  it('tells of news and of its end', async () => {
    const log = openJobLog(newPath());
    const news = log.changed();
    log.add('stdout', ['x'], 0);
    await news;
    drain(log);
    const end = log.changed();
    log.finish();
    await end;
    expect(log.finished.aborted).toBe(true);
    log.close(false);
  });

  it('is sent again from its start by the next agent, without the half of a line that the last one left', () => {
    const path = newPath();
    const first = openJobLog(path);
    for (const text of ['a', 'b', 'c']) first.add('stdout', [text], 0);
    first.next();
    first.close(true);
    appendFileSync(path, '{"seq":4,"at":"1970');
    const second = openJobLog(path);
    second.finish();
    expect(drain(second)).toEqual(['a', 'b', 'c']);
    second.close(false);
  });

  it('starts anew where nothing but half a line was left', async () => {
    const path = newPath();
    appendFileSync(path, '{"seq":1,"at":"1970');
    const log = openJobLog(path);
    log.finish();
    await log.changed();
    expect(log.next()).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe('');
    log.close(false);
  });

  it('sends the longest lines there can be, one request at a time', () => {
    const log = openJobLog(newPath());
    for (let i = 0; i < 40; i++) log.add('stdout', ['\u0000'.repeat(8192)], 0);
    const batch = log.next();
    expect(batch.length).toBeGreaterThan(1);
    expect(JSON.stringify(batch).length).toBeLessThan(2 * 1024 * 1024);
    expect(drain(log)).toHaveLength(40);
    log.close(false);
  });
});
