import { describe, expect, it } from 'vitest';
import type { DemandHistory } from '../../../src/scale/aws/history.js';
import { demandPoints } from '../../../src/scale/simulate/live-history.js';

const FROM = Date.UTC(2026, 2, 1);
const fill = (value: number | null, count: number) => Array.from({ length: count }, () => value);

function history(changes: Partial<DemandHistory>): DemandHistory {
  return {
    from: FROM,
    stepMs: 60_000,
    requests: [],
    cpu: [],
    healthy: [],
    inService: [],
    warnings: [],
    retries: 0,
    cost: { metrics: 0, usd: 0 },
    ...changes,
  };
}

describe('demand from CloudWatch', () => {
  it('is requests a minute, whatever the step', () => {
    const points = demandPoints('web', history({ stepMs: 300_000, requests: [500, null, 0] }), 'auto');
    expect(points).toEqual({
      name: 'web',
      at: [FROM, FROM + 300_000, FROM + 600_000],
      value: [100, Number.NaN, 0],
      capacity: undefined,
      notes: [],
    });
  });

  it('learns what one instance carries from the CPU of the same minutes', () => {
    const minutes = 90;
    const both = { requests: fill(600, minutes), cpu: fill(50, minutes), inService: fill(2, minutes) };
    expect(demandPoints('web', history(both), 'auto').capacity).toBeCloseTo(600);
    expect(demandPoints('web', history(both), 750).capacity).toBe(750);
    const few = { requests: fill(600, 30), cpu: fill(50, 30), inService: fill(2, 30) };
    expect(demandPoints('web', history(few), 'auto').capacity).toBeUndefined();
  });

  it('is CPU times the instances that served where there is no balancer', () => {
    const points = demandPoints(
      'web',
      history({ cpu: [50, null, 20], inService: [2, 2, null], healthy: [] }),
      'auto',
    );
    expect(points.value).toEqual([1, Number.NaN, Number.NaN]);
    expect(points.capacity).toBe(1);
  });

  it('says so where there is nothing', () => {
    expect(() => demandPoints('web', history({ requests: [null, null], cpu: [null] }), 'auto')).toThrow(
      expect.objectContaining({ code: 'ROC_NOT_FOUND' }),
    );
  });
});
