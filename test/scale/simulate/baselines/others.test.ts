import { describe, expect, it } from 'vitest';
import { BASELINE_NAMES, baselineOf } from '../../../../src/scale/simulate/baselines/names.js';
import { FLEETS } from '../../../../src/scale/simulate/fleet/model.js';
import { runPolicy } from '../../../../src/scale/simulate/fleet/run.js';
import { workload } from '../tiny.js';

const FLEET = FLEETS.small;

describe('baselines by name', () => {
  it.each([
    'static2',
    'static6',
    'tt50',
    'tt5',
    'tt50-5m',
    'tt50-1dp',
    'tt50-req',
    'pred50',
    'step',
    'hpa60',
    'hpa60w30',
    'hpa100w1440',
  ])('%s is one, and bears its name', (name) => {
    expect(baselineOf(name, FLEET).name).toBe(name);
  });

  it.each([
    '',
    'static',
    'static1',
    'static9',
    'tt0',
    'tt101',
    'tt50-2m',
    'tt50w30',
    'hpa60-5m',
    'pred50-req',
    'step60',
    'HPA60',
    'oracle2',
  ])('"%s" is none', (name) => {
    expect(() => baselineOf(name, FLEET)).toThrow(
      expect.objectContaining({ code: 'ROC_USAGE', hint: `There are: ${BASELINE_NAMES}.` }),
    );
  });
});

describe('step scaling', () => {
  it('adds one above 60 %, two above 75 %, and waits for its cooldown', () => {
    const demand = [...Array(3).fill(1.3), ...Array(17).fill(1.6)] as number[];
    const { trace } = runPolicy(workload(demand), baselineOf('step', FLEET), FLEET);
    // 65 % is known after a minute's lag; the cooldown lasts five minutes; then two of four instances suffice.
    expect([...trace.desired.subarray(0, 8)]).toEqual([2, 3, 3, 3, 3, 3, 3, 3]);
    expect(Math.max(...trace.desired)).toBeLessThanOrEqual(5);
  });
});

describe('predictive scaling', () => {
  const days = (count: number) =>
    Array.from({ length: count * 1440 }, (_, t) => (t % 1440 >= 600 && t % 1440 < 660 ? 2 : 0.2));

  it('knows nothing on the first day, and is there before the hour on the second', () => {
    const { trace } = runPolicy(workload(days(2)), baselineOf('pred50', FLEET), FLEET);
    expect(trace.ready[600]).toBe(2);
    expect(trace.ready[1440 + 600]).toBe(4);
    expect(trace.ready[1440 + 590]).toBe(2);
  });

  it('only raises what target tracking wants', () => {
    const load = workload(days(4));
    const both = runPolicy(load, baselineOf('pred50', FLEET), FLEET);
    const alone = runPolicy(load, baselineOf('tt50', FLEET), FLEET);
    expect(both.billedMinutes).toBeGreaterThanOrEqual(alone.billedMinutes);
    expect(both.violationMinutes).toBeLessThan(alone.violationMinutes);
  });
});
