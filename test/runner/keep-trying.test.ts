import { describe, expect, it } from 'vitest';
import { RocError } from '../../src/kernel/errors.js';
import { keepTrying } from '../../src/runner/keep-trying.js';
import { fakeTiming } from '../helpers/fake-timing.js';

const away = new RocError('ROC_UNREACHABLE', 'away');
const answer = (status: number, retryAfter: string | null = null) =>
  new RocError('ROC_UNEXPECTED', String(status), { details: { status, retryAfter } });

/** Fails with these in turn, then succeeds. */
function failing(errors: readonly unknown[]) {
  const left = [...errors];
  let tries = 0;
  return {
    work: async () => {
      tries += 1;
      if (left.length > 0) throw left.shift();
      return 'done';
    },
    tries: () => tries,
  };
}

describe('keepTrying', () => {
  it('tries until it succeeds, with pauses that double', async () => {
    const timing = fakeTiming();
    const { work, tries } = failing([away, answer(500), new TypeError('x'), answer(503)]);
    const result = keepTrying(work, { kind: 'job', timing, signal: new AbortController().signal });
    await timing.advance(60_000);
    expect(await result).toBe('done');
    expect([tries(), timing.slept]).toEqual([5, [500, 1000, 2000, 4000]]);
  });

  it('goes on for days', async () => {
    const timing = fakeTiming();
    const { work } = failing(Array.from({ length: 500 }, () => away));
    let failures = 0;
    const result = keepTrying(work, {
      ...{ kind: 'job', timing, signal: new AbortController().signal },
      onFailure: (_, count) => {
        failures = count;
      },
    });
    while (failures < 500) await timing.advance(30_000);
    await timing.advance(30_000);
    expect(await result).toBe('done');
    expect(Math.max(...timing.slept)).toBe(30_000);
  });

  it('waits longer where the server asks for it', async () => {
    const timing = fakeTiming();
    const { work } = failing([answer(503, '120'), answer(429, 'Sun, 01 Mar 2026 12:05:00 GMT')]);
    const result = keepTrying(work, { kind: 'job', timing, signal: new AbortController().signal });
    await timing.advance(600_000);
    expect(await result).toBe('done');
    expect(timing.slept).toEqual([120_000, 180_000]);
  });

  it.each([
    ['job', 409],
    ['job', 422],
    ['agent', 410],
    ['agent', 426],
  ] as const)('does not try a %s call again after %i', async (kind, status) => {
    const timing = fakeTiming();
    const { work, tries } = failing([answer(status)]);
    await expect(keepTrying(work, { kind, timing, signal: new AbortController().signal })).rejects.toThrow(
      String(status),
    );
    expect(tries()).toBe(1);
  });

  it('stops in the middle of a pause', async () => {
    const timing = fakeTiming();
    const stop = new AbortController();
    const { work, tries } = failing([away, away]);
    const result = keepTrying(work, { kind: 'job', timing, signal: stop.signal });
    result.catch(() => {});
    await timing.settle();
    stop.abort();
    await expect(result).rejects.toBe(away);
    expect(tries()).toBe(1);
  });
});
