/** Learning: what is cheap on the group's own past is followed, and what somebody would regret is not. */
import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../src/kernel/time.js';
import { createController } from '../../../src/scale/decide/controller.js';
import { decide } from '../../../src/scale/decide/decide.js';
import { createLearner } from '../../../src/scale/decide/learn.js';
import { emptyState } from '../../../src/scale/decide/state.js';
import { violationCost, waysOf } from '../../../src/scale/decide/ways.js';
import { aPolicy, aSnapshot, instances, START } from './cases.js';

const DAYS = 4;

interface Result {
  /** Instance-hours a day and minutes above the SLO, over the last day. */
  readonly hours: number;
  readonly violations: number;
  readonly raises: number;
  readonly reasons: string;
}

/** A fleet that does at once what is decided, with three minutes to boot. */
function run(demandAt: (minute: number) => number, input: object): Result {
  const controller = createController(aPolicy(input));
  const ready: number[] = [];
  let [asked, hours, violations, raises] = [2, 0, 0, 0];
  const demand: number[] = [];
  for (let minute = 0; minute < DAYS * 1440; minute++) {
    demand.push(demandAt(minute));
    const from = Math.max(0, minute - 3);
    const now = START + (minute + 1) * MINUTE;
    const snapshot = aSnapshot({ desired: asked, demand: [], group: { instances: instances(asked) } });
    const points = demand.slice(from).map((value, i) => ({ at: START + (from + i) * MINUTE, value }));
    const series = { periodMs: MINUTE, status: 'complete' as const, points };
    const wanted = controller.tick({ ...snapshot, metrics: { ...snapshot.metrics, demand: series } }, now);
    if (wanted > asked) raises++;
    asked = wanted;
    ready.push(asked);
    if (minute < (DAYS - 1) * 1440) continue;
    hours += asked / 60;
    const serving = Math.min(...ready.slice(-5));
    if ((demand[minute] ?? 0) > 800 * serving) violations++;
  }
  return { hours, violations, raises, reasons: controller.explain().reasons.join('\n') };
}

describe('learning', () => {
  it('holds less for a demand that never jumps', () => {
    const steady = (minute: number) => 2350 + 30 * Math.sin(minute / 200);
    const [without, learned] = ['off', 'on'].map((mode) => run(steady, { learn: { mode } }));
    expect(without?.hours).toBeCloseTo(96, 0);
    expect(learned?.hours).toBeCloseTo(72, 0);
    expect(learned?.violations).toBe(0);
    expect(learned?.reasons).toMatch(/learned: 80 % .* would have cost \d+ instance-hours less/);
  });

  it('keeps an instance for peaks that come back after the window', () => {
    // Every 100 minutes for five: a window of an hour has just let go.
    const bursts = (minute: number) => (minute % 100 < 5 ? 3000 : 900);
    const [without, learned] = ['off', 'on'].map((mode) =>
      run(bursts, { learn: { mode, violationCost: 300 } }),
    );
    expect(without?.violations).toBeGreaterThan(50);
    expect(learned?.violations).toBe(0);
    expect(learned?.raises).toBeLessThan(without?.raises ?? 0);
  });

  it('prepares for the minute of the hour, and lets go in between', () => {
    const hourly = (minute: number) => (minute % 60 < 5 ? 3000 : 300);
    const input = { bounds: { maxStepIn: 4 } };
    const held = run(hourly, { ...input, learn: { mode: 'off' } });
    const learned = run(hourly, { ...input, learn: { mode: 'on' } });
    expect(learned.violations).toBe(0);
    expect(learned.hours).toBeLessThan(0.75 * held.hours);
    expect(learned.reasons).toMatch(/minutes of the hour/);
  });

  it('charges more for a minute above the SLO, the lower the target', () => {
    const costs = [0.4, 0.5, 0.6, 0.7].map((targetUtil) =>
      violationCost(aPolicy({ signal: { targetUtil } })),
    );
    expect(costs).toEqual([...costs].sort((a, b) => b - a));
    expect(violationCost(aPolicy({ learn: { violationCost: 55 } }))).toBe(55);
  });

  it('takes no cut back that the first look made with the same days behind it', () => {
    const policy = aPolicy({ learn: { violationCost: 300 } });
    for (let minute = 1440; minute < 1540; minute += 7) {
      const demand = Array.from({ length: minute }, (_, at) => (at % 100 < 5 ? 3000 : 900));
      const now = START + (minute + 1) * MINUTE;
      const seen = (desired: number) =>
        aSnapshot({ desired, demand, group: { desired, instances: instances(desired) } });
      const first = decide(policy, seen(4), emptyState(), now);
      const next = decide(policy, seen(first.desired), first.state, now + 1000);
      expect(next.desired).toBeLessThanOrEqual(first.desired);
    }
  });

  it("begins with the policy's own target and window", () => {
    const policy = aPolicy({ signal: { targetUtil: 0.55 }, scaleIn: { window: '90m' } });
    const { spans } = waysOf(policy);
    expect(createLearner(policy).leader()).toEqual({ target: 0.55, window: 1, isHourly: false });
    expect(spans[1]).toBe(1.5 * HOUR);
  });
});
