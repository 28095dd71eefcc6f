/** Bad data keeps or raises capacity, never cuts it, and is called by its name. */
import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../src/kernel/time.js';
import { decide } from '../../../src/scale/decide/decide.js';
import type { DataVerdict } from '../../../src/scale/decide/decision.js';
import type { Metrics, Series } from '../../../src/scale/decide/snapshot.js';
import { emptyState } from '../../../src/scale/decide/state.js';
import { afterMinutes, aPolicy, aSeries, aSnapshot, flat, START } from './cases.js';

const MINUTES = 90;
const NOW = afterMinutes(MINUTES);
const CALM = flat(MINUTES, 100);
const DST_HOUR: Series = {
  ...aSeries(CALM),
  // The clock was put back: an hour is there twice, with other values.
  points: [
    ...aSeries(flat(60, 100)).points,
    ...aSeries(flat(60, 90)).points,
    ...aSeries(CALM).points.slice(60),
  ],
};

interface BadCase {
  readonly what: string;
  readonly metrics: Partial<Metrics>;
  readonly verdict: DataVerdict;
  readonly now?: number;
  readonly primary?: 'cpu';
}

const BAD: readonly BadCase[] = [
  { what: 'none at all', metrics: { demand: null }, verdict: 'not-read' },
  { what: 'an empty answer', metrics: { demand: aSeries([]), healthyHosts: null }, verdict: 'missing' },
  {
    what: 'an answer that failed',
    metrics: { demand: { ...aSeries(CALM), status: 'failed' } },
    verdict: 'failed',
  },
  {
    what: 'a partial answer',
    metrics: { demand: { ...aSeries(CALM), status: 'partial' } },
    verdict: 'partial',
  },
  {
    what: 'a value that is none',
    metrics: { demand: aSeries(CALM.map((value, i) => (i === 40 ? Number.NaN : value))) },
    verdict: 'partial',
  },
  {
    what: 'a negative value',
    metrics: { demand: aSeries(CALM.map((value, i) => (i === 40 ? -5 : value))) },
    verdict: 'partial',
  },
  { what: 'an hour twice', metrics: { demand: DST_HOUR }, verdict: 'duplicated' },
  {
    what: 'zeros after work, nothing to confirm them',
    metrics: { demand: aSeries([...flat(85, 900), ...flat(5, 0)]) },
    verdict: 'zero-filled',
  },
  {
    what: 'zeros after work, and a CPU of zero',
    metrics: { demand: aSeries([...flat(85, 900), ...flat(5, 0)]), cpu: aSeries(flat(MINUTES, 0)) },
    verdict: 'zero-filled',
  },
  {
    what: 'zeros for longer than the window while CPU is at work',
    metrics: { demand: aSeries([...flat(15, 900), ...flat(75, 0)]), cpu: aSeries(flat(MINUTES, 60)) },
    verdict: 'zero-filled',
  },
  { what: 'old data', metrics: {}, now: NOW + 6 * MINUTE, verdict: 'stale' },
  { what: 'CPU that ended', metrics: { cpu: aSeries(flat(70, 5)) }, primary: 'cpu', verdict: 'stale' },
];

describe('on bad data', () => {
  it.each(BAD)(
    '$what: nothing is cut, and it is called $verdict',
    ({ metrics, verdict, primary, now = NOW }) => {
      const policy = primary === undefined ? aPolicy() : cpuPolicy();
      const snapshot = aSnapshot({ desired: 5, demand: CALM, metrics });
      const decision = decide(policy, snapshot, emptyState(), now);
      expect(decision.desired).toBe(5);
      const note = decision.data.find(({ metric }) => metric === (primary ?? 'demand'));
      expect(note?.verdict).toBe(verdict);
    },
  );

  it.each(BAD.filter(({ metrics: { demand }, primary }) => demand !== null && primary === undefined))(
    '$what: more is added all the same, if what is known asks for it',
    ({ metrics, now = NOW }) => {
      const { demand } = metrics;
      const points = demand?.points ?? aSeries(CALM).points;
      if (points.length === 0) return;
      const high = { ...aSeries([]), ...demand, points: [{ at: START, value: 3000 }, ...points.slice(1)] };
      const snapshot = aSnapshot({ desired: 2, demand: CALM, metrics: { ...metrics, demand: high } });
      const policy = aPolicy({ scaleIn: { window: '2h' } });
      expect(decide(policy, snapshot, emptyState(), now).desired).toBe(5);
    },
  );

  it('a hole longer than maxAge makes the window begin anew', () => {
    const holed = CALM.map((value, i) => (i >= 50 && i < 60 ? null : value));
    const snapshot = aSnapshot({ desired: 5, demand: holed, metrics: { healthyHosts: null } });
    const decision = decide(aPolicy(), snapshot, emptyState(), NOW);
    expect(decision.desired).toBe(5);
    expect(decision.reasons.join('\n')).toContain('window');
  });

  it('minutes without requests are quiet, not missing, where targets are healthy', () => {
    const silent = CALM.map((value, i) => (i < 2 ? value : null));
    const healthy = aSnapshot({
      desired: 5,
      demand: silent,
      metrics: { healthyHosts: aSeries(flat(MINUTES, 5)) },
    });
    const nobody = aSnapshot({
      desired: 5,
      demand: silent,
      metrics: { healthyHosts: aSeries(flat(MINUTES, 0)) },
    });
    const cpu = aSeries(flat(MINUTES, 3));
    const confirmed = { ...healthy, metrics: { ...healthy.metrics, cpu } };
    expect(decide(aPolicy(), confirmed, emptyState(), NOW).desired).toBe(4);
    expect(decide(aPolicy(), nobody, emptyState(), NOW).desired).toBe(5);
  });
});

describe('a bucket', () => {
  it('that grows after it was taken in counts when it has grown', () => {
    const first = aSnapshot({ desired: 2, demand: CALM });
    const { state, desired } = decide(aPolicy(), first, emptyState(), NOW);
    const grown = aSnapshot({ desired: 2, demand: [...CALM.slice(0, -2), 2500, 100] });
    expect([desired, decide(aPolicy(), grown, state, NOW).desired]).toEqual([2, 4]);
  });

  it('that has not settled changes nothing, whatever it says', () => {
    const bytes = [0, 1, 50_000, Number.NaN].map((value) => {
      const snapshot = aSnapshot({ desired: 3, demand: [...CALM, value] });
      return JSON.stringify(decide(aPolicy(), snapshot, emptyState(), NOW));
    });
    expect(new Set(bytes).size).toBe(1);
  });

  it('of five minutes is not stale before the next is due', () => {
    const demand = aSeries(flat(24, 500), START, 5 * MINUTE);
    const healthyHosts = aSeries(flat(24, 5), START, 5 * MINUTE);
    const snapshot = aSnapshot({ desired: 5, demand: [], metrics: { demand, healthyHosts } });
    expect(decide(aPolicy(), snapshot, emptyState(), START + 2 * HOUR + 6 * MINUTE).desired).toBe(4);
    expect(decide(aPolicy(), snapshot, emptyState(), START + 2 * HOUR + 16 * MINUTE).desired).toBe(5);
  });
});

describe('CPU as the signal', () => {
  it('counts what serves, and more where it is full', () => {
    const at = (value: number) =>
      decide(
        cpuPolicy(),
        aSnapshot({ desired: 3, demand: flat(MINUTES, 0), metrics: { cpu: aSeries(flat(MINUTES, value)) } }),
        emptyState(),
        NOW,
      );
    expect(at(50).figures.demand).toBeCloseTo(1.5);
    expect(at(99).figures.demand).toBeCloseTo(0.99 * 3 * 1.3);
    expect(at(99).desired).toBe(6);
  });

  it('teaches how many requests fill an instance', () => {
    const policy = aPolicy({ signal: { capacityPerInstance: 'auto' } });
    const snapshot = aSnapshot({
      desired: 3,
      demand: flat(MINUTES, 750),
      metrics: { cpu: aSeries(flat(MINUTES, 50)) },
    });
    const { state } = decide(policy, snapshot, emptyState(), NOW);
    expect(state.signal.capacity.perInstance).toBeCloseTo(500);
    const busier = aSnapshot({ desired: 3, demand: [...flat(MINUTES, 750), 2000] });
    expect(decide(policy, busier, state, NOW + MINUTE).figures.demand).toBeCloseTo(4);
  });
});

function cpuPolicy() {
  return aPolicy({ signal: { primary: 'cpu', capacityPerInstance: 'auto' } });
}
