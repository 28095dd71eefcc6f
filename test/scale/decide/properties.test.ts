/** What holds for every decision, whatever the fleet and its past. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../../src/kernel/time.js';
import { createController } from '../../../src/scale/decide/controller.js';
import { decide } from '../../../src/scale/decide/decide.js';
import type { Facts, Snapshot } from '../../../src/scale/decide/snapshot.js';
import { checkState, emptyState, type ScaleState } from '../../../src/scale/decide/state.js';
import type { ScalePolicy } from '../../../src/scale/policy/policy.js';
import { aPolicy, aSeries, aSnapshot, instances, START, type Values } from './cases.js';

const RUNS = process.env['ROC_TEST_SIZE'] === 'long' ? 2000 : 60;
const LIMIT = 32 * 1024;

const POLICIES: readonly ScalePolicy[] = [
  aPolicy(),
  aPolicy({ learn: { mode: 'on' } }),
  aPolicy({ learn: { mode: 'on' }, scaleIn: { window: '20m', cooldown: '2m' } }),
  aPolicy({ forecast: { mode: 'trend' } }),
  aPolicy({ forecast: { mode: 'seasonal' }, bounds: { maxStepIn: 3 } }),
];
const policy = fc.constantFrom(...POLICIES);

/** Requests a minute that stay for a while, with holes. */
const demand = fc
  .array(
    fc.tuple(
      fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 1, max: 6000 }) },
        { weight: 1, arbitrary: fc.constant(null) },
      ),
      fc.integer({ min: 1, max: 25 }),
    ),
    { minLength: 3, maxLength: 14 },
  )
  .map(
    (blocks): Values => blocks.flatMap(([value, minutes]) => Array.from({ length: minutes }, () => value)),
  );

const facts = fc.record<Facts>({
  isSwitchedOff: fc.constantFrom(false, false, false, null),
  isRefreshing: fc.constantFrom(false, false, true, null),
  isDeploying: fc.constantFrom(false, false, true),
  dbMaxConnections: fc.constantFrom(null, 40, 1000),
  bootMs: fc.constantFrom(null, 60_000, 400_000),
  burst: fc.constantFrom(
    null,
    { mode: 'standard', baseline: 0.2 } as const,
    { mode: 'unlimited', baseline: 0.2 } as const,
  ),
});
const zones = fc.constantFrom(['a', 'b'], ['a', 'b', 'c']);
const desired = fc.integer({ min: 2, max: 6 });

const fleet = fc.record({ policy, demand, facts, zones, desired });
type FleetCase = typeof fleet extends fc.Arbitrary<infer T> ? T : never;

function snapshotOf({ demand, facts, zones, desired }: Omit<FleetCase, 'policy'>, count = desired): Snapshot {
  const group = { zones, desired: count, instances: instances(count, zones) };
  return aSnapshot({ desired: count, demand, facts, group });
}
const endOf = ({ demand }: { readonly demand: Values }) => START + (demand.length + 1) * MINUTE;
const check = <T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => void) =>
  fc.assert(fc.property(arbitrary, holds), { numRuns: RUNS });

/** Every minute a decision that is carried out at once. */
function live(
  input: FleetCase,
  state: ScaleState = emptyState(),
): { readonly desired: number[]; readonly bytes: string } {
  let at = input.desired;
  let kept = state;
  const bytes: string[] = [];
  const desiredOf: number[] = [];
  for (let minute = 5; minute <= input.demand.length; minute += 5) {
    const seen = { ...input, demand: input.demand.slice(0, minute) };
    const decision = decide(input.policy, snapshotOf(seen, at), kept, endOf(seen));
    kept = JSON.parse(JSON.stringify(decision.state)) as ScaleState;
    at = decision.desired;
    desiredOf.push(at);
    bytes.push(JSON.stringify(decision));
  }
  return { desired: desiredOf, bytes: bytes.join('\n') };
}

describe('a decision', () => {
  it('is never below one a zone nor below the minimum, and never raises above the maximum', () => {
    check(fleet, (input) => {
      for (const number of live(input).desired) {
        if (input.facts.isSwitchedOff === null) continue;
        expect(number).toBeGreaterThanOrEqual(Math.max(2, input.zones.length));
        expect(number).toBeLessThanOrEqual(6);
      }
    });
  });

  it('cuts nothing on stale or partial data', () => {
    check(fc.tuple(fleet, fc.boolean(), fc.integer({ min: 7, max: 600 })), ([input, isStale, minutes]) => {
      const whole = snapshotOf(input);
      const broken = { ...aSeries(input.demand), status: 'partial' as const };
      const metrics = { ...whole.metrics, demand: isStale ? whole.metrics.demand : broken };
      const now = endOf(input) + (isStale ? minutes * MINUTE : 0);
      const healthyHosts = isStale ? null : whole.metrics.healthyHosts;
      const { desired, current } = decide(
        input.policy,
        { ...whole, metrics: { ...metrics, healthyHosts } },
        emptyState(),
        now,
      );
      expect(desired).toBeGreaterThanOrEqual(current);
    });
  });

  it('is never lower for more demand in the newest minute', () => {
    check(fc.tuple(fleet, fc.integer({ min: 0, max: 5000 })), ([input, more]) => {
      const newest = input.demand.at(-1) ?? 1;
      const before = { ...input, demand: input.demand.slice(0, -1) };
      const { state } = decide(input.policy, snapshotOf(before), emptyState(), endOf(before));
      const [less, most] = [newest, newest + more].map((value) => {
        const now = { ...input, demand: [...input.demand.slice(0, -1), value] };
        return decide(input.policy, snapshotOf(now), state, endOf(now)).desired;
      });
      expect(most).toBeGreaterThanOrEqual(less ?? 0);
    });
  });

  it('is never lower for more demand in any minute, where nothing forecasts', () => {
    const past = fc.array(fc.tuple(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 0, max: 2000 })), {
      minLength: 1,
      maxLength: 200,
    });
    check(fc.tuple(past, desired, facts), ([values, count, known]) => {
      const decisions = [values.map(([value]) => value), values.map(([value, more]) => value + more)].map(
        (load) =>
          decide(
            aPolicy(),
            aSnapshot({ desired: count, demand: load, facts: known }),
            emptyState(),
            endOf({ demand: load }),
          ),
      );
      expect(decisions[1]?.desired).toBeGreaterThanOrEqual(decisions[0]?.desired ?? 0);
    });
  });

  it('replays to the byte', () => {
    check(fleet, (input) => {
      expect(live(input).bytes).toBe(live(structuredClone(input)).bytes);
    });
  });

  it('does not know what is newer than the settle time', () => {
    const future = fc.array(fc.oneof(fc.double(), fc.integer({ min: 0, max: 9000 })), { maxLength: 10 });
    check(fc.tuple(fleet, future), ([input, values]) => {
      const known = snapshotOf(input);
      const points = values.map((value, i) => ({ at: START + (input.demand.length + i) * MINUTE, value }));
      const told = {
        ...known.metrics,
        demand: { ...aSeries(input.demand), points: [...aSeries(input.demand).points, ...points] },
      };
      const now = endOf(input);
      expect(JSON.stringify(decide(input.policy, { ...known, metrics: told }, emptyState(), now))).toBe(
        JSON.stringify(decide(input.policy, known, emptyState(), now)),
      );
    });
  });

  it('of two controllers at once is one number, and the second changes nothing after the first', () => {
    check(fleet, (input) => {
      const now = endOf(input);
      const snapshot = snapshotOf(input);
      const first = decide(input.policy, snapshot, emptyState(), now);
      const second = decide(input.policy, snapshot, structuredClone(emptyState()), now);
      expect(second.desired).toBe(first.desired);
      // The other one looks again after the change; what it knew is from before. What the newest bucket taught counts then,
      // so that where it learns it may follow another way.
      if (input.policy.learn.mode === 'on') return;
      const after = decide(input.policy, snapshotOf(input, first.desired), second.state, now + 1000);
      if (first.action === 'in') expect(after.desired).toBe(first.desired);
      else expect(after.desired).toBeGreaterThanOrEqual(first.desired);
    });
  });

  it('by decision and by controller is the same, state and all', () => {
    check(fleet, (input) => {
      const controller = createController(input.policy);
      let state = emptyState();
      for (let minute = 10; minute <= input.demand.length; minute += 7) {
        const seen = { ...input, demand: input.demand.slice(0, minute) };
        const snapshot = snapshotOf(seen);
        const decision = decide(input.policy, snapshot, state, endOf(seen));
        expect(controller.tick(snapshot, endOf(seen))).toBe(decision.desired);
        expect(controller.save()).toEqual(decision.state);
        state = JSON.parse(JSON.stringify(decision.state)) as ScaleState;
      }
    });
  });
});

describe('a state', () => {
  it('is small, whatever the policy and the past', () => {
    const falling = Array.from({ length: 5 * 1440 }, (_, i) => 600_000 / (i + 100) + 0.123456);
    for (const one of [
      ...POLICIES,
      aPolicy({
        learn: { mode: 'on' },
        scaleIn: { window: '1d' },
        forecast: { mode: 'seasonal', seasonal: { period: '7d', days: 7 } },
      }),
    ]) {
      const snapshot = aSnapshot({ desired: 3, demand: falling });
      const { state } = decide(one, snapshot, emptyState(), endOf({ demand: falling }));
      expect(JSON.stringify(state).length).toBeLessThanOrEqual(LIMIT);
      expect(checkState(JSON.parse(JSON.stringify(state)))).toEqual(state);
    }
  });

  it('that is none is refused, and none is needed', () => {
    const broken = [null, 7, 'x', {}, { ...emptyState(), version: 2 }, { ...emptyState(), window: ['a'] }];
    expect(broken.map(checkState)).toEqual(broken.map(() => null));
    expect(checkState(emptyState())).toEqual(emptyState());
  });
});
