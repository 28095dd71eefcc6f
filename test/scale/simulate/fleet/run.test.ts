import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ControllerSpec, FleetView } from '../../../../src/scale/simulate/fleet/controller.js';
import { FLEETS, sliceWorkload, toWorkload } from '../../../../src/scale/simulate/fleet/model.js';
import { runPolicy } from '../../../../src/scale/simulate/fleet/run.js';
import { scoreOf } from '../../../../src/scale/simulate/score.js';
import { syntheticSeries } from '../synthetic.js';
import { follow, TINY, workload } from '../tiny.js';

const idle = (minutes: number) => workload(Array.from({ length: minutes }, () => 0));

describe('the fleet', () => {
  it('boots for its minutes and drains for its minutes, billed all the while', () => {
    const run = runPolicy(idle(10), follow([2, 2, 2, 2, 1]), TINY);
    expect([...run.trace.ready]).toEqual([1, 1, 1, 2, 2, 1, 1, 1, 1, 1]);
    expect([...run.trace.billed]).toEqual([1, 2, 2, 2, 2, 2, 2, 1, 1, 1]);
    expect(run.billedMinutes).toBe(16);
  });

  it('takes a launch back before it serves, without a drain', () => {
    const run = runPolicy(idle(6), follow([2, 1]), TINY);
    expect([...run.trace.billed]).toEqual([1, 2, 1, 1, 1, 1]);
  });

  it.each([
    ['above the maximum', [9, 9, 9, 9], 3],
    ['below the minimum', [0, -5], 1],
    ['a fraction', [1.2], 2],
    ['no number', [Number.NaN], 1],
    ['infinity', [Number.POSITIVE_INFINITY], 3],
  ])('holds %s within its bounds', (_, list, expected) => {
    expect(runPolicy(idle(8), follow(list), TINY).trace.desired.at(-1)).toBe(expected);
  });

  it('counts minutes above the SLO, and demand that found every instance full', () => {
    const run = runPolicy(workload([0.8, 0.81, 1, 1.5]), follow([1]), TINY);
    expect(run.violationMinutes).toBe(3);
    expect(run.droppedDemand).toBeCloseTo(0.5);
    expect(run.demand).toBeCloseTo(4.11);
  });

  it('counts a change back within a quarter of an hour as a flap, and no other', () => {
    const list = [...Array(3).fill(2), ...Array(15).fill(1), ...Array(16).fill(2), 1] as number[];
    const run = runPolicy(idle(60), follow(list), TINY);
    // Out at 0, in at 3 (a flap), out at 18 (a flap, 15 minutes later), in at 34 (16 minutes later).
    expect([run.actions, run.flaps]).toEqual([4, 2]);
  });

  it('tells CPU up to 100 %, requests without a limit, and nothing before it is known', () => {
    const seen: [number, number, number][] = [];
    const spy: ControllerSpec = {
      name: 'spy',
      create: () => ({
        step({ minute, known, metrics }: FleetView) {
          expect(known).toBe(minute - TINY.lagMinutes);
          if (known >= 0) seen.push([known, metrics.cpu[known] ?? 0, metrics.requests[known] ?? 0]);
          return 1;
        },
      }),
    };
    runPolicy(workload([0.5, 2.5, 0.25]), spy, TINY);
    expect(seen).toEqual([
      [0, 0.5, 0.5],
      [1, 1, 2.5],
    ]);
  });

  it('ages instances by the clock', () => {
    const ages: number[][] = [];
    const spy: ControllerSpec = {
      name: 'spy',
      create: () => ({
        step(view: FleetView) {
          ages.push([view.ready, view.booting, view.olderThan(2), view.olderThan(4)]);
          return 2;
        },
      }),
    };
    runPolicy(idle(6), spy, TINY);
    expect(ages).toEqual([
      [1, 0, 1, 1],
      [1, 1, 1, 1],
      [1, 1, 2, 1],
      [2, 0, 2, 1],
      [2, 0, 2, 2],
      [2, 0, 2, 2],
    ]);
  });

  it('repeats itself to the last decision', () => {
    const load = toWorkload(syntheticSeries('s', 3, 3), FLEETS.small);
    const list = Array.from({ length: 4000 }, (_, i) => 2 + ((i * 7) % 5));
    const [a, b] = [0, 1].map(() => runPolicy(load, follow(list), FLEETS.small));
    expect(a?.decisions).toBe(b?.decisions);
    expect(a).toEqual(b);
    const other = runPolicy(load, follow([...list.slice(0, 100), 6, ...list.slice(101)]), FLEETS.small);
    expect(other.decisions).not.toBe(a?.decisions);
  });

  it('bills what serves, boots and drains, and nothing else', () => {
    const list = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        list,
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 0, max: 4 }),
        (asked, boot, drain) => {
          const model = { ...TINY, bootMinutes: boot, drainMinutes: drain };
          const { trace, billedMinutes } = runPolicy(idle(50), follow(asked), model);
          expect(trace.billed.reduce((sum, one) => sum + one, 0)).toBe(billedMinutes);
          trace.billed.forEach((billed, t) => {
            const wanted = t === 0 ? model.min : (trace.desired[t - 1] ?? 0);
            const ready = trace.ready[t] ?? 0;
            expect(ready).toBeLessThanOrEqual(wanted);
            expect(billed).toBeGreaterThanOrEqual(wanted);
            expect(ready).toBeGreaterThanOrEqual(model.min);
          });
          // Long after the last change everything serves and nothing else is billed.
          expect(trace.ready.at(-1)).toBe(asked.length > 39 ? trace.ready.at(-1) : asked.at(-1));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('a workload', () => {
  it('is scaled so that 99.5 % of its minutes need at most four instances', () => {
    const { demand } = toWorkload(syntheticSeries('s', 1, 14), FLEETS.small);
    const above = demand.filter((load) => Math.ceil(load / 0.8 - 1e-9) > 4).length;
    expect(above / demand.length).toBeLessThanOrEqual(0.005);
    expect(above).toBeGreaterThan(0);
  });

  it('takes a capacity as it is given, keeps it in a part, and needs some demand', () => {
    const series = syntheticSeries('s', 1, 2);
    const whole = toWorkload(series, FLEETS.small, 50);
    expect(whole.demand[7]).toBe((series.demand[7] ?? 0) / 50);
    const part = sliceWorkload(whole, 60, 120);
    expect([part.startMs - whole.startMs, part.demand.length, part.capacity]).toEqual([3_600_000, 60, 50]);
    expect(() => toWorkload({ ...series, demand: new Float64Array(2000) }, FLEETS.small)).toThrow(
      /no demand at all/,
    );
  });
});

describe('a score', () => {
  it('says rates a day and shares', () => {
    const run = runPolicy(
      workload(Array.from({ length: 2880 }, (_, t) => (t < 144 ? 2 : 0.2))),
      follow([1]),
      TINY,
    );
    const score = scoreOf(run, run, TINY);
    expect(score).toMatchObject({
      violationsPct: 5,
      avoidablePct: 0,
      instanceHoursPerDay: 24,
      timesOracle: 1,
    });
    expect(score.instanceUsdPerDay).toBeCloseTo(24 * 0.0208);
    expect(score.droppedPct).toBeCloseTo((100 * 144) / (288 + 0.2 * 2736));
    expect(score.costUsdPerDay).toBeCloseTo(score.instanceUsdPerDay + score.surplusUsdPerDay);
  });
});
