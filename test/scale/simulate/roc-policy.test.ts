import { describe, expect, it } from 'vitest';
import { scalePolicySchema } from '../../../src/scale/model.js';
import { NO_FAULTS } from '../../../src/scale/simulate/fleet/faults.js';
import { FLEETS, toWorkload } from '../../../src/scale/simulate/fleet/model.js';
import { runPolicy } from '../../../src/scale/simulate/fleet/run.js';
import { rocPolicy } from '../../../src/scale/simulate/roc-policy.js';
import { syntheticSeries } from './synthetic.js';
import { workload } from './tiny.js';

const FLEET = FLEETS.small;
const policy = (changes: object = {}) => scalePolicySchema.parse({ version: 1, ...changes });
const LOAD = toWorkload(syntheticSeries('s', 9, 10), FLEET);
const steady = (load: number, minutes: number) => Array.from({ length: minutes }, () => load);

describe('a policy of roc in a simulation', () => {
  it('grows with demand and shrinks after it', () => {
    const demand = [...steady(0.8, 60), ...steady(2.8, 90), ...steady(0.8, 240)];
    const { trace } = runPolicy(workload(demand), rocPolicy('roc', policy()), FLEET);
    expect(trace.ready[59]).toBe(2);
    expect(trace.ready[100]).toBeGreaterThanOrEqual(4);
    expect(trace.ready.at(-1)).toBeLessThan(4);
  });

  it('has the bounds of the fleet, whatever its own are', () => {
    const wide = rocPolicy('roc', policy({ bounds: { min: 4, max: 40 } }));
    const { trace } = runPolicy(workload([...steady(0.1, 300), ...steady(9, 60)]), wide, FLEET);
    expect([Math.min(...trace.desired), Math.max(...trace.desired)]).toEqual([FLEET.min, FLEET.max]);
  });

  it('gets every minute also where it waits longer than the metrics are late', () => {
    const patient = rocPolicy('roc', policy({ timing: { settle: { alb: '5m', ec2: '5m' }, maxAge: '10m' } }));
    const prompt = rocPolicy('roc', policy());
    const demand = workload([...steady(0.5, 60), ...steady(3, 60)]);
    const [late, early] = [patient, prompt].map((spec) =>
      runPolicy(demand, spec, FLEET).trace.desired.findIndex((size, t) => t > 55 && size >= 4),
    );
    expect((late ?? 0) - (early ?? 0)).toBe(4);
  });

  it('cuts nothing in an outage of its metrics', () => {
    const faults = { ...NO_FAULTS, seed: 4, outageMinutes: 240 };
    const { trace } = runPolicy(workload(steady(0.3, 1440)), rocPolicy('roc', policy()), FLEET, faults);
    expect(new Set(trace.desired)).toEqual(new Set([FLEET.min]));
    const busy = [...steady(3, 700), ...steady(0.3, 740)];
    const blind = runPolicy(workload(busy), rocPolicy('roc', policy()), FLEET, { ...faults, dropOuts: 1 });
    expect(
      [...blind.trace.desired].every((size, t) => t === 0 || size >= (blind.trace.desired[t - 1] ?? 0)),
    ).toBe(true);
  });

  it('loses little to a daily outage, and does not believe zeros', () => {
    const violations = (outageMinutes: number, outageAs: 'missing' | 'zero') =>
      runPolicy(LOAD, rocPolicy('roc', policy()), FLEET, { ...NO_FAULTS, outageMinutes, outageAs })
        .violationMinutes / LOAD.demand.length;
    const sound = violations(0, 'missing');
    expect(violations(45, 'missing') - sound).toBeLessThan(0.01);
    expect(violations(45, 'zero') - sound).toBeLessThan(0.01);
  });

  it('keeps its number through failed launches and the loss of a zone', () => {
    const faults = { ...NO_FAULTS, launchFailures: 0.3, zoneLossAt: 3000 };
    const run = runPolicy(LOAD, rocPolicy('roc', policy()), FLEET, faults);
    const sound = runPolicy(LOAD, rocPolicy('roc', policy()), FLEET);
    expect(Math.min(...run.trace.desired)).toBeGreaterThanOrEqual(FLEET.min);
    expect(run.violationMinutes).toBeGreaterThanOrEqual(sound.violationMinutes);
    expect(run.violationMinutes / run.minutes).toBeLessThan(0.05);
  });

  it('decides the same twice', () => {
    const [a, b] = [0, 1].map(() => runPolicy(LOAD, rocPolicy('roc', policy()), FLEET).decisions);
    expect(a).toBe(b);
  });
});
