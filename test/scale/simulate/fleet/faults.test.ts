import { describe, expect, it } from 'vitest';
import { AWS_DEFAULTS, targetTracking } from '../../../../src/scale/simulate/baselines/target-tracking.js';
import { NO_FAULTS, randomFrom, visibility } from '../../../../src/scale/simulate/fleet/faults.js';
import { FLEETS, toWorkload } from '../../../../src/scale/simulate/fleet/model.js';
import { runPolicy } from '../../../../src/scale/simulate/fleet/run.js';
import { syntheticSeries } from '../synthetic.js';
import { follow, TINY, workload } from '../tiny.js';

const idle = (minutes: number) => workload(Array.from({ length: minutes }, () => 0));

describe('faults', () => {
  it('take the metrics away for so long once a day, at a time that the seed fixes', () => {
    const day = (seed: number) => visibility(3 * 1440, { ...NO_FAULTS, seed, outageMinutes: 45 });
    const seen = day(7);
    for (const from of [0, 1440, 2880])
      expect(seen.subarray(from, from + 1440).reduce((sum, one) => sum + one, 0)).toBe(45);
    expect([...day(7)]).toEqual([...seen]);
    expect([...day(8)]).not.toEqual([...seen]);
  });

  it('show zeros where an exporter fills them in', () => {
    const seen = visibility(1440, { ...NO_FAULTS, outageMinutes: 30, outageAs: 'zero' });
    expect(new Set(seen)).toEqual(new Set([0, 2]));
  });

  it('drop single minutes by their share', () => {
    const seen = visibility(50_000, { ...NO_FAULTS, dropOuts: 0.1 });
    expect(seen.reduce((sum, one) => sum + one, 0) / 50_000).toBeCloseTo(0.1, 1);
  });

  it('make zeros cost what missing data does not: a policy that believes them scales in', () => {
    const load = toWorkload(syntheticSeries('s', 5, 14), FLEETS.small);
    const policy = targetTracking({ name: 'tt', ...AWS_DEFAULTS, target: 0.5 });
    const violations = (outageAs: 'missing' | 'zero') =>
      runPolicy(load, policy, FLEETS.small, { ...NO_FAULTS, outageMinutes: 45, outageAs }).violationMinutes;
    expect(violations('zero')).toBeGreaterThan(violations('missing'));
  });

  it('start a failed launch again, billed and not serving', () => {
    const failing = runPolicy(idle(200), follow([3]), TINY, { ...NO_FAULTS, seed: 3, launchFailures: 0.6 });
    const sound = runPolicy(idle(200), follow([3]), TINY);
    expect(failing.trace.ready.at(-1)).toBe(3);
    const first = (ready: Uint8Array) => ready.indexOf(3);
    expect(first(failing.trace.ready)).toBeGreaterThan(first(sound.trace.ready));
    expect(failing.billedMinutes).toBe(sound.billedMinutes);
  });

  it('lose a zone at once, and launch anew for it', () => {
    const run = runPolicy(idle(20), follow([3]), TINY, { ...NO_FAULTS, zoneLossAt: 10 });
    expect([...run.trace.ready.subarray(8, 15)]).toEqual([3, 3, 1, 1, 3, 3, 3]);
    expect(run.actions).toBe(1);
  });

  it('draw the same numbers from the same seed', () => {
    const [a, b] = [randomFrom(11), randomFrom(11)];
    const drawn = Array.from({ length: 1000 }, () => a());
    expect(drawn).toEqual(Array.from({ length: 1000 }, () => b()));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThan(1);
    expect(drawn.reduce((sum, one) => sum + one, 0) / 1000).toBeCloseTo(0.5, 1);
  });
});
