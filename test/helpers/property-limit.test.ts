import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROPERTY_MS } from './property-limit.js';

/** A limit that a test can wait for; the rest is what every property has. */
const LIMIT = { interruptAfterTimeLimit: 50 };

function spin(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; ) Math.random();
}

describe('the limit of a property', () => {
  it('is that of all of them, without a word in their tests', () => {
    expect(fc.readConfigureGlobal()).toEqual({
      interruptAfterTimeLimit: PROPERTY_MS,
      markInterruptAsFailure: true,
    });
  });

  it('ends a search for a smaller counterexample, and keeps the one that was found', () => {
    const started = performance.now();
    const endless = fc.property(fc.array(fc.nat(), { minLength: 1000, maxLength: 1000 }), () => {
      spin(10);
      return false;
    });
    const found = expect.arrayContaining([expect.any(Number)]);
    expect(fc.check(endless, LIMIT)).toMatchObject({
      failed: true,
      interrupted: true,
      counterexample: [found],
    });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('makes a property red that has not had all its runs', () => {
    const slow = fc.property(fc.nat(), () => spin(20));
    expect(fc.check(slow, LIMIT)).toMatchObject({ failed: true, interrupted: true, counterexample: null });
  });

  it('holds for asynchronous ones that never let anybody else run', async () => {
    const busy = fc.asyncProperty(fc.nat(), async () => spin(20));
    expect(await fc.check(busy, LIMIT)).toMatchObject({ failed: true, interrupted: true });
  });

  it('leaves alone what is done in time', () => {
    expect(fc.check(fc.property(fc.nat(), () => true))).toMatchObject({ failed: false, interrupted: false });
  });
});
