import { describe, expect, it } from 'vitest';
import { isRocError } from '../../../src/kernel/errors.js';
import { createRunnerQuotas } from '../../../src/orchestrator/auth/runner-quotas.js';

let now = 1_000_000;
const clock = () => now;

/** How many of `count` requests pass, and what the first refused one is told. */
function ask(quotas: ReturnType<typeof createRunnerQuotas>, count: number, id = 'one') {
  let [passed, told] = [0, null as unknown];
  for (let n = 0; n < count; n++) {
    try {
      quotas.take(id);
      passed++;
    } catch (error) {
      told ??= isRocError(error) ? [error.code, error.details?.['retryAfterSeconds']] : error;
    }
  }
  return { passed, told };
}

describe('the quota of a runner', () => {
  it('is five seconds at once, then its rate', () => {
    const quotas = createRunnerQuotas(10, clock);
    expect(ask(quotas, 60)).toEqual({ passed: 50, told: ['ROC_THROTTLED', 1] });
    now += 1000;
    expect(ask(quotas, 60).passed).toBe(10);
    now += 250;
    expect(ask(quotas, 60).passed).toBe(2);
    // What was left of that quarter is not lost.
    now += 50;
    expect(ask(quotas, 60).passed).toBe(1);
    now += 3_600_000;
    expect(ask(quotas, 60).passed).toBe(50);
  });

  it('is each runner’s own', () => {
    const quotas = createRunnerQuotas(1, clock);
    expect([ask(quotas, 9).passed, ask(quotas, 9, 'two').passed]).toEqual([5, 5]);
  });

  it('outlives a clock that is set back', () => {
    const quotas = createRunnerQuotas(10, clock);
    ask(quotas, 50);
    now -= 3_600_000;
    expect(ask(quotas, 1).passed).toBe(0);
    now += 1000;
    expect(ask(quotas, 60).passed).toBe(10);
  });

  it('says how long to wait, in whole seconds', () => {
    const quotas = createRunnerQuotas(1, clock);
    expect(ask(quotas, 6).told).toEqual(['ROC_THROTTLED', 1]);
  });
});
