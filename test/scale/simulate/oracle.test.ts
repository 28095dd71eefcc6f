import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FleetModel, Workload } from '../../../src/scale/simulate/fleet/model.js';
import { type Run, runPolicy } from '../../../src/scale/simulate/fleet/run.js';
import { runOracle } from '../../../src/scale/simulate/oracle.js';
import { follow, TINY, workload } from './tiny.js';

describe('the oracle', () => {
  it('is as good as the best of all possible policies', () => {
    const model = fc.record({
      bootMinutes: fc.integer({ min: 0, max: 3 }),
      drainMinutes: fc.integer({ min: 0, max: 3 }),
      max: fc.integer({ min: 2, max: 3 }),
    });
    const demand = fc.array(fc.constantFrom(0.1, 0.9, 1.7, 3), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(model, demand, (shape, loads) => {
        const fleet = { ...TINY, ...shape };
        const oracle = runOracle(workload(loads), fleet);
        const best = bruteForce(workload(loads), fleet);
        expect([oracle.violationMinutes, oracle.billedMinutes]).toEqual([
          best.violationMinutes,
          best.billedMinutes,
        ]);
      }),
      { numRuns: process.env['ROC_TEST_SIZE'] === 'long' ? 500 : 60 },
    );
  });

  it('launches before the peak and leaves after it', () => {
    const oracle = runOracle(workload([0, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 0]), TINY);
    expect([...oracle.trace.ready]).toEqual([1, 1, 1, 1, 1, 3, 3, 1, 1, 1, 1, 1]);
    expect(oracle.violationMinutes).toBe(0);
    // Twelve minutes of one, two peak minutes, a boot and a drain of two minutes for two more.
    expect(oracle.billedMinutes).toBe(12 + 2 * (2 + 2 + 2));
  });

  it('keeps an instance through a dip that costs less than leaving and coming back', () => {
    const loads = [0, 0, 0, 1.2, 1.2, 0, 0, 0, 1.2, 1.2, 0, 0, 0];
    expect([...runOracle(workload(loads), TINY).trace.ready].slice(3, 10)).toEqual([2, 2, 2, 2, 2, 2, 2]);
  });

  it('cannot avoid what comes before the first boot, nor what is above the largest fleet', () => {
    const early = runOracle(workload([0, 2, 2, 2, 2, 0]), TINY);
    expect(early.violationMinutes).toBe(2);
    const high = runOracle(workload([0, 0, 0, 0, 9, 0]), TINY);
    expect(high.violationMinutes).toBe(1);
    expect(high.billedMinutes).toBe(6);
  });

  it('changes nothing for nothing', () => {
    expect(runOracle(workload(Array.from({ length: 50 }, () => 0.3)), TINY).actions).toBe(0);
  });
});

/** Every list of sizes that a controller could ask for, by the simulator itself. */
function bruteForce(load: Workload, fleet: FleetModel): Run {
  const sizes = Array.from({ length: fleet.max - fleet.min + 1 }, (_, i) => fleet.min + i);
  const steps = load.demand.length - 1;
  let best: Run | undefined;
  for (let code = 0; code < sizes.length ** steps; code++) {
    const list = Array.from(
      { length: steps },
      (_, i) => sizes[Math.floor(code / sizes.length ** i) % sizes.length] ?? 1,
    );
    const run = runPolicy(load, follow(list), fleet);
    const isBetter =
      best === undefined ||
      run.violationMinutes < best.violationMinutes ||
      (run.violationMinutes === best.violationMinutes && run.billedMinutes < best.billedMinutes);
    if (isBetter) best = run;
  }
  return best ?? runPolicy(load, follow([fleet.min]), fleet);
}
