import { describe, expect, it } from 'vitest';
import {
  AWS_DEFAULTS,
  createTargetTracking,
} from '../../../../src/scale/simulate/baselines/target-tracking.js';
import { viewOf } from './view.js';

const OPTIONS = { name: 'tt50', ...AWS_DEFAULTS, target: 0.5 };

/** Shows the metric minute by minute; the number that the last minute asked for. */
function play(
  cpu: readonly number[],
  fleet: { ready: number; desired?: number; warm?: number; booting?: number },
  options: Partial<typeof OPTIONS> | { period: number } | { outPoints: number } = {},
): number[] {
  const controller = createTargetTracking({ ...OPTIONS, ...options });
  let desired = fleet.desired ?? fleet.ready;
  return cpu.map((_, t) => {
    const seen = cpu.slice(0, t + 1);
    desired = controller.step(
      viewOf({
        cpu: seen,
        ready: seen.map(() => fleet.ready),
        desired,
        warm: fleet.warm ?? fleet.ready,
        booting: fleet.booting ?? 0,
      }),
    );
    return desired;
  });
}

describe('target tracking, emulated', () => {
  // https://repost.aws: four instances; the alarm repeats while the fifth warms up, and then the metric rises.
  it('does not stack: 4 + 1 = 5, 5 again while it warms up, then 4 + 2 = 6', () => {
    expect(play([0.6, 0.6, 0.6, 0.6, 0.75], { ready: 4 })).toEqual([4, 4, 5, 5, 6]);
  });

  it('grows after three datapoints above the target and not after two', () => {
    expect(play([0.9, 0.9, 0.4, 0.9, 0.9], { ready: 2 })).toEqual([2, 2, 2, 2, 2]);
    expect(play([0.9, 0.9, 0.9], { ready: 2 })).toEqual([2, 2, 4]);
  });

  it('grows after one where it is set so', () => {
    expect(play([0.9], { ready: 2 }, { outPoints: 1 })).toEqual([4]);
  });

  it('shrinks after fifteen datapoints below 90 % of the target, to what keeps the target', () => {
    const quiet = Array.from({ length: 15 }, () => 0.24);
    expect(play(quiet, { ready: 4 }).slice(-2)).toEqual([4, 2]);
    expect(play([...quiet.slice(0, 14), 0.46], { ready: 4 }).at(-1)).toBe(4);
  });

  it('needs fifteen new datapoints for the next cut', () => {
    expect(
      play(
        Array.from({ length: 29 }, () => 0.3),
        { ready: 4 },
      ).at(-1),
    ).toBe(3);
  });

  it('does not shrink where the smaller group would be above the target', () => {
    expect(
      play(
        Array.from({ length: 20 }, () => 0.44),
        { ready: 2 },
      ).at(-1),
    ).toBe(2);
  });

  it('does not shrink while anything warms up', () => {
    expect(
      play(
        Array.from({ length: 20 }, () => 0.1),
        { ready: 4, desired: 5, warm: 4 },
      ).at(-1),
    ).toBe(5);
  });

  it('does nothing on missing data', () => {
    expect(play([0.9, 0.9, Number.NaN], { ready: 2 })).toEqual([2, 2, 2]);
  });

  it('sees a datapoint in five minutes with basic monitoring: a quarter of an hour to grow', () => {
    const run = play(
      Array.from({ length: 16 }, () => 0.9),
      { ready: 2 },
      { period: 5 },
    );
    expect(run.indexOf(4)).toBe(14);
  });

  it('sees more than 100 % in requests a target and not in CPU', () => {
    const high = [1.6, 1.6, 1.6];
    expect(
      play(
        high.map((load) => Math.min(1, load)),
        { ready: 2 },
      ).at(-1),
    ).toBe(4);
    const controller = createTargetTracking({ ...OPTIONS, signal: 'requests' });
    const asked = high.map((_, t) =>
      controller.step(
        viewOf({ cpu: high.slice(0, t + 1), ready: high.slice(0, t + 1).map(() => 2), desired: 2 }),
      ),
    );
    expect(asked.at(-1)).toBe(7);
  });
});
