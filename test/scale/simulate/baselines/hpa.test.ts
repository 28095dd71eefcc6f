import { describe, expect, it } from 'vitest';
import { createHpa, HPA_DEFAULTS } from '../../../../src/scale/simulate/baselines/hpa.js';
import { viewOf } from './view.js';

const create = (window: number = HPA_DEFAULTS.window) =>
  createHpa({ name: 'hpa', ...HPA_DEFAULTS, target: 0.5, window }, 1, 20);

/** One look with the recommendation before it as high as what is there. */
function once(cpu: number, ready: number, more: { desired?: number; booting?: number } = {}): number {
  return create(1).step(viewOf({ cpu: [cpu], ready: [ready], desired: ready, ...more }));
}

describe('the horizontal pod autoscaler, emulated', () => {
  // desired = ceil(current * metric / target): 200m of 100m doubles, 50m of 100m halves.
  it.each([
    ['twice the target doubles', 1, 4, 8],
    ['half the target halves', 0.25, 4, 2],
    ['rounds up', 0.6, 4, 5],
    ['within a tenth above nothing happens', 0.55, 4, 4],
    ['within a tenth below nothing happens', 0.46, 4, 4],
    ['just outside it does', 0.56, 4, 5],
  ])('%s', (_, cpu, ready, expected) => {
    expect(once(cpu, ready)).toBe(expected);
  });

  it('takes pods that are not ready as idle where it would grow', () => {
    // 4 pods at 100 %, 4 starting: 50 % on average is the target; nothing more is started.
    expect(once(1, 4, { desired: 8, booting: 4 })).toBe(8);
    // With one starting there is still too little.
    expect(once(1, 4, { desired: 5, booting: 1 })).toBe(8);
  });

  it('grows by at most its double or by four', () => {
    const wide = createHpa({ name: 'hpa', ...HPA_DEFAULTS, target: 0.05, window: 1 }, 1, 200);
    expect(wide.step(viewOf({ cpu: [1], ready: [2], desired: 2, booting: 1 }))).toBe(6);
  });

  it('refuses to act without metrics', () => {
    expect(once(Number.NaN, 4)).toBe(4);
  });

  it('shrinks to the highest recommendation of its window', () => {
    const controller = create(5);
    const cpu = [1, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25];
    let desired = 4;
    const asked = cpu.map((_, t) => {
      const seen = cpu.slice(0, t + 1);
      desired = controller.step({
        ...viewOf({ cpu: seen, ready: seen.map((_v, i) => (i === 0 ? 4 : 8)), desired }),
        minute: t,
      });
      return desired;
    });
    // Eight pods at 25 % need four; the eight of minute 0 stand for five minutes.
    expect(asked).toEqual([8, 8, 8, 8, 8, 4, 4]);
  });
});
