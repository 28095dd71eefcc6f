import { describe, expect, it } from 'vitest';
import { scalePolicySchema } from '../../../../src/scale/model.js';
import type { ControllerSpec } from '../../../../src/scale/simulate/fleet/controller.js';
import { FLEETS, toWorkload } from '../../../../src/scale/simulate/fleet/model.js';
import { runPolicy } from '../../../../src/scale/simulate/fleet/run.js';
import { TARGETS } from '../../../../src/scale/simulate/tune/families.js';
import { frontiers, suggest } from '../../../../src/scale/simulate/tune/suggest.js';
import { BASELINE_TUNABLES, rocTunable } from '../../../../src/scale/simulate/tune/tunables.js';
import { syntheticSeries } from '../synthetic.js';
import { workload } from '../tiny.js';

const FLEET = FLEETS.small;
const TUNABLES = [rocTunable('roc', scalePolicySchema.parse({ version: 1 })), ...BASELINE_TUNABLES];
const LOADS = [1, 2].map((seed) => toWorkload(syntheticSeries(`s${seed}`, seed, 2), FLEET));

describe('tuning', () => {
  it('gives every contender the same number of settings', () => {
    const { choices } = suggest(LOADS, TUNABLES, FLEET, 0.5);
    expect(choices.map(({ name, tried }) => [name, tried])).toEqual([
      ['roc', 48],
      ['HPA', 48],
      ['AWS target tracking', 48],
    ]);
    expect(TARGETS).toHaveLength(16);
  });

  it('chooses the cheapest setting within the budget, from the first 70 % alone', () => {
    const [choice] = suggest(LOADS, TUNABLES, FLEET, 1).choices;
    expect(choice?.trained?.avoidablePct).toBeLessThanOrEqual(1);
    expect(choice?.settings).toMatchObject({
      'signal.targetUtil': expect.closeTo(choice?.target ?? 0, 3),
      'scaleIn.window': `${choice?.family?.replace('roc-w', '')}m`,
    });
    const blind = LOADS.map((load) => ({
      ...load,
      demand: load.demand.map((value, t) => (t < Math.floor(load.demand.length * 0.7) ? value : 6)),
    }));
    const [same] = suggest(blind, TUNABLES, FLEET, 1).choices;
    expect([same?.family, same?.target, same?.trained]).toEqual([
      choice?.family,
      choice?.target,
      choice?.trained,
    ]);
    expect(same?.heldOut).not.toEqual(choice?.heldOut);
  });

  it('says so where nothing keeps to the budget', () => {
    const late: ControllerSpec = { name: 'late', create: () => ({ step: () => FLEET.min }) };
    const load = workload(Array.from({ length: 1000 }, (_, t) => (t % 100 < 50 ? 3 : 0)));
    const [choice] = suggest(
      [load],
      [{ name: 'late', families: [{ name: 'late', at: () => late }] }],
      FLEET,
      0.5,
    ).choices;
    expect(choice).toMatchObject({ family: null, target: null, trained: null, heldOut: null });
  });

  it('draws a frontier on which a tighter budget costs more', () => {
    for (const { cells, points } of frontiers(LOADS, TUNABLES, FLEET)) {
      const hours = cells.map(({ instanceHoursPerDay }) => instanceHoursPerDay ?? Number.POSITIVE_INFINITY);
      expect([...hours].sort((a, b) => b - a)).toEqual(hours);
      expect(points).toHaveLength(48);
    }
  });

  it('leaves the policy itself as it was', () => {
    const [load] = LOADS;
    const policy = scalePolicySchema.parse({ version: 1, signal: { targetUtil: 0.5 } });
    const [family] = rocTunable('roc', policy).families;
    if (load === undefined || family === undefined) throw new TypeError('no sample');
    const [low, high] = [0.3, 0.7].map((target) => runPolicy(load, family.at(target), FLEET).billedMinutes);
    expect(low).toBeGreaterThan(high ?? 0);
    expect(policy.signal.targetUtil).toBe(0.5);
  });
});
