import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scalePolicySchema } from '../../../src/scale/model.js';
import { baselineOf } from '../../../src/scale/simulate/baselines/names.js';
import { FLEETS } from '../../../src/scale/simulate/fleet/model.js';
import { runPolicy } from '../../../src/scale/simulate/fleet/run.js';
import { rocPolicy } from '../../../src/scale/simulate/roc-policy.js';
import { workload } from './tiny.js';

const FLEET = FLEETS.small;
const policy = (changes: object) => scalePolicySchema.parse({ version: 1, ...changes });

const CONTENDERS = [
  rocPolicy('roc', policy({})),
  rocPolicy('roc, CPU', policy({ signal: { primary: 'cpu' } })),
  rocPolicy('roc, trend', policy({ forecast: { mode: 'trend' } })),
  rocPolicy('roc, seasonal', policy({ forecast: { mode: 'seasonal' } })),
  ...['tt50', 'tt50-5m', 'tt50-req', 'pred50', 'step', 'hpa60', 'hpa60w60'].map((name) =>
    baselineOf(name, FLEET),
  ),
];

/** Loads that stay for a while, so that alarms and windows have something to see. */
const demand = fc
  .array(fc.tuple(fc.double({ min: 0, max: 5, noNaN: true }), fc.integer({ min: 1, max: 40 })), {
    minLength: 4,
    maxLength: 12,
  })
  .map((blocks) => blocks.flatMap(([load, minutes]) => Array.from({ length: minutes }, () => load)));

describe('no policy sees the future', () => {
  it.each(CONTENDERS)('$name decides the same whatever comes after what it can know', (spec) => {
    fc.assert(
      fc.property(demand, demand, fc.double({ min: 0, max: 1, noNaN: true }), (past, future, share) => {
        const now = Math.floor(share * past.length);
        const changed = [...past.slice(0, now), ...future, ...past].slice(0, past.length);
        const [a, b] = [past, changed].map((load) => runPolicy(workload(load), spec, FLEET).trace.desired);
        // Minute `now` is the first that differs; it is known a minute after it has ended.
        const same = now + FLEET.lagMinutes;
        expect(a?.subarray(0, same)).toEqual(b?.subarray(0, same));
      }),
      { numRuns: process.env['ROC_TEST_SIZE'] === 'long' ? 300 : 25 },
    );
  });

  it('and each acts on the first minute that it can know', () => {
    const [calm, busy] = [0.5, 4].map((last) => {
      const load = [...Array.from({ length: 30 }, () => 0.5), last, last, last, last];
      return runPolicy(workload(load), baselineOf('hpa60', FLEET), FLEET).trace.desired;
    });
    expect(calm?.subarray(0, 31)).toEqual(busy?.subarray(0, 31));
    expect(calm?.[31]).not.toBe(busy?.[31]);
  });

  it('for a metric is written only when its minute has ended', () => {
    const early = { ...FLEET, lagMinutes: -3 };
    const { trace } = runPolicy(
      workload(Array.from({ length: 30 }, () => 4)),
      baselineOf('hpa60', FLEET),
      early,
    );
    expect(new Set(trace.desired)).toEqual(new Set([FLEET.min]));
  });
});
