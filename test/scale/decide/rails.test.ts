/** Each rail changes a number that nothing else would have changed: without it, its case comes out differently. */
import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../src/kernel/time.js';
import { createController } from '../../../src/scale/decide/controller.js';
import { decide } from '../../../src/scale/decide/decide.js';
import { RAILS } from '../../../src/scale/decide/rails/all.js';
import type { RailId } from '../../../src/scale/decide/rails/rail.js';
import type { Snapshot } from '../../../src/scale/decide/snapshot.js';
import { emptyState, type ScaleState } from '../../../src/scale/decide/state.js';
import type { ScalePolicy } from '../../../src/scale/policy/policy.js';
import { afterMinutes, aPolicy, aSeries, aSnapshot, flat, instances } from './cases.js';

interface RailCase {
  readonly rail: RailId;
  readonly what: string;
  readonly policy?: ScalePolicy;
  readonly snapshot: Snapshot;
  readonly state?: ScaleState;
  readonly now?: number;
  /** With all rails, and with this one taken out. */
  readonly desired: number;
  readonly without: number;
  readonly why: RegExp;
}

const MINUTES = 90;
const NOW = afterMinutes(MINUTES);
const QUIET = flat(MINUTES, 100);
/** Two and a half instances' worth: four at 65 %. */
const BUSY = flat(MINUTES, 2500);
const quiet = (more: object = {}) => aSnapshot({ desired: 5, demand: QUIET, ...more });
const busy = (more: object = {}) => aSnapshot({ desired: 2, demand: BUSY, ...more });
const changed = (changes: Partial<ScaleState['changes']>): ScaleState => ({
  ...emptyState(),
  changes: { ...emptyState().changes, seen: 5, asked: 5, ...changes },
});
const withCredits = (count: number, balance: number) =>
  instances(count).map((one) => ({ ...one, creditBalance: balance }));

const CASES: readonly RailCase[] = [
  {
    rail: 'credits',
    what: 'dry instances in standard mode do only their baseline',
    policy: aPolicy({ bounds: { max: 20, maxStepOut: 20 } }),
    snapshot: busy({
      group: { instances: withCredits(2, 3) },
      facts: { burst: { mode: 'standard', baseline: 0.4 } },
    }),
    desired: 10,
    without: 4,
    why: /10 for what 4 would do/,
  },
  {
    rail: 'credits',
    what: 'in unlimited mode a cut below the baseline saves nothing',
    snapshot: aSnapshot({
      desired: 5,
      demand: flat(MINUTES, 900),
      group: { instances: withCredits(5, 0) },
      facts: { burst: { mode: 'unlimited', baseline: 0.2 } },
    }),
    desired: 5,
    without: 4,
    why: /surplus/,
  },
  {
    rail: 'database-connections',
    what: 'pools of more instances would exhaust the database',
    snapshot: busy({ facts: { dbMaxConnections: 40 } }),
    desired: 3,
    without: 4,
    why: /at most 3 instances; 4 would exhaust/,
  },
  {
    rail: 'database-cpu',
    what: 'a busy database behind idle instances is the bottleneck',
    snapshot: aSnapshot({
      desired: 4,
      demand: [...flat(MINUTES - 1, 3000), 1500],
      metrics: { dbCpu: aSeries(flat(MINUTES, 95)) },
    }),
    desired: 4,
    without: 5,
    why: /bottleneck/,
  },
  {
    rail: 'adopted',
    what: 'what somebody else set stands while the SLO holds',
    snapshot: aSnapshot({ desired: 3, demand: flat(MINUTES, 2200) }),
    state: changed({ seen: 5, asked: 5 }),
    desired: 3,
    without: 4,
    why: /somebody else set 3/,
  },
  {
    rail: 'data',
    what: 'old data takes nothing away',
    snapshot: quiet(),
    now: NOW + 10 * MINUTE,
    desired: 5,
    without: 4,
    why: /older than timing.maxAge/,
  },
  {
    rail: 'window',
    what: 'half an hour of calm is not the whole window',
    snapshot: aSnapshot({ desired: 5, demand: flat(30, 100) }),
    now: afterMinutes(30),
    desired: 5,
    without: 4,
    why: /nothing is cut yet/,
  },
  {
    rail: 'clock',
    what: 'after the clock was put back',
    snapshot: quiet(),
    state: { ...emptyState(), now: NOW + HOUR },
    desired: 5,
    without: 4,
    why: /clock was put back/,
  },
  {
    rail: 'unhealthy',
    what: 'an unhealthy target',
    snapshot: quiet({ metrics: { unhealthyHosts: aSeries(flat(MINUTES, 1)) } }),
    desired: 5,
    without: 4,
    why: /1 unhealthy target/,
  },
  ...[aSeries([]), { ...aSeries(flat(MINUTES, 0)), status: 'failed' as const }].map(
    (unhealthyHosts): RailCase => ({
      rail: 'unhealthy',
      what: `a count of unhealthy targets that is ${unhealthyHosts.status} with ${unhealthyHosts.points.length} values`,
      snapshot: quiet({ metrics: { unhealthyHosts } }),
      desired: 5,
      without: 4,
      why: /is not known: capacity is kept/,
    }),
  ),
  {
    rail: 'unhealthy',
    what: 'an instance that the group calls unhealthy',
    snapshot: quiet({
      group: { instances: instances(5).map((one, i) => ({ ...one, healthy: i !== 4 })) },
    }),
    desired: 5,
    without: 4,
    why: /1 unhealthy target/,
  },
  ...(
    [
      [{ isRefreshing: true }, /refresh runs/],
      [{ isDeploying: true }, /deployment runs/],
      [{ isRefreshing: null }, /could not be found out/],
      [{ isDeploying: null }, /could not be found out/],
    ] as const
  ).map(
    ([facts, why]): RailCase => ({
      rail: 'rollout',
      what: JSON.stringify(facts),
      snapshot: quiet({ facts }),
      desired: 5,
      without: 4,
      why,
    }),
  ),
  {
    rail: 'freeze',
    what: 'a freeze window of the week',
    policy: aPolicy({ scaleIn: { freeze: [{ days: ['mon'], from: '01:00', to: '02:00' }] } }),
    snapshot: quiet(),
    desired: 5,
    without: 4,
    why: /frozen mon 01:00 to 02:00 UTC/,
  },
  {
    rail: 'cooldown',
    what: 'a change of three minutes ago',
    snapshot: quiet(),
    state: changed({ actions: [NOW - 3 * MINUTE] }),
    desired: 5,
    without: 4,
    why: /kept for another 7m/,
  },
  {
    rail: 'flap-budget',
    what: 'too many cuts after raises',
    policy: aPolicy({ scaleIn: { flapBudget: { actions: 2, per: '6h' } } }),
    snapshot: quiet(),
    state: changed({
      actions: [50, -45, 40, -35, 30].map(
        (minutes) => Math.sign(minutes) * (NOW - Math.abs(minutes) * MINUTE),
      ),
    }),
    desired: 5,
    without: 4,
    why: /2 are allowed/,
  },
  {
    rail: 'step',
    what: 'a raise of more than a step',
    policy: aPolicy({ bounds: { maxStepOut: 1 } }),
    snapshot: busy(),
    desired: 3,
    without: 4,
    why: /more than a step/,
  },
  {
    rail: 'step',
    what: 'a cut of more than a step',
    snapshot: quiet(),
    desired: 4,
    without: 2,
    why: /more than a step/,
  },
  {
    rail: 'zones',
    what: 'fewer than one a zone',
    policy: aPolicy({ bounds: { min: 1 } }),
    snapshot: aSnapshot({
      desired: 3,
      demand: QUIET,
      group: { zones: ['a', 'b', 'c'], instances: instances(3, ['a', 'b', 'c']) },
    }),
    desired: 3,
    without: 2,
    why: /2 would be too few/,
  },
  {
    rail: 'zones',
    what: 'a zone that is empty already',
    snapshot: quiet({ group: { instances: instances(5, ['a']) } }),
    desired: 5,
    without: 4,
    why: /b has fewer than 1 in service/,
  },
  {
    rail: 'bounds',
    what: 'credits ask for more than the maximum',
    policy: aPolicy({ bounds: { maxStepOut: 20 } }),
    snapshot: busy({
      group: { instances: withCredits(2, 3) },
      facts: { burst: { mode: 'standard', baseline: 0.4 } },
    }),
    desired: 6,
    without: 10,
    why: /above the maximum/,
  },
  {
    rail: 'bounds',
    what: 'fewer than the minimum',
    policy: aPolicy({ bounds: { min: 3 } }),
    snapshot: aSnapshot({ desired: 3, demand: QUIET }),
    desired: 3,
    without: 2,
    why: /below the minimum/,
  },
  {
    rail: 'bounds',
    what: 'fewer than the schedule asks for at this hour',
    policy: aPolicy({ schedule: [{ from: '01:00', to: '02:00', min: 5 }] }),
    snapshot: aSnapshot({ desired: 2, demand: QUIET }),
    desired: 5,
    without: 2,
    why: /schedule 5/,
  },
  {
    rail: 'off-switch',
    what: 'the tag stops a raise',
    snapshot: busy({ facts: { isSwitchedOff: true } }),
    desired: 2,
    without: 4,
    why: /remove the tag/,
  },
  {
    rail: 'off-switch',
    what: 'not knowing the tag stops a cut',
    snapshot: quiet({ facts: { isSwitchedOff: null } }),
    desired: 5,
    without: 4,
    why: /could not be found out: capacity is kept/,
  },
];

describe('a rail', () => {
  it.each(CASES)(
    '$rail: $what',
    ({ rail, policy = aPolicy(), snapshot, state = emptyState(), now = NOW, ...expected }) => {
      const decision = decide(policy, snapshot, state, now);
      const note = decision.rails.find(({ id }) => id === rail);
      const rails = RAILS.filter(({ id }) => id !== rail);
      const bare = createController(policy, { state, rails });
      expect([decision.desired, bare.tick(snapshot, now)]).toEqual([expected.desired, expected.without]);
      expect(note).toMatchObject({ applied: true, why: expect.stringMatching(expected.why) });
      expect(decision.reasons.some((reason) => reason.startsWith(`${rail}: `))).toBe(true);
    },
  );

  it('each has a case here', () => {
    expect(new Set(CASES.map(({ rail }) => rail))).toEqual(new Set(RAILS.map(({ id }) => id)));
  });

  it('says something where it changes nothing, too', () => {
    const { rails } = decide(
      aPolicy(),
      aSnapshot({ desired: 2, demand: flat(MINUTES, 1200) }),
      emptyState(),
      NOW,
    );
    expect(rails.map(({ id }) => id)).toEqual(RAILS.map(({ id }) => id));
    expect(rails.filter(({ applied, why }) => applied || why.length < 8)).toEqual([]);
  });

  it('of what somebody else set gives way where the SLO would break', () => {
    const snapshot = aSnapshot({ desired: 2, demand: BUSY });
    const { desired, rails } = decide(aPolicy(), snapshot, changed({ seen: 5, asked: 5 }), NOW);
    expect(desired).toBe(4);
    expect(rails.find(({ id }) => id === 'adopted')?.why).toMatch(/SLO|stands/);
  });

  it('lets a cut happen that none of them speaks against', () => {
    expect(decide(aPolicy(), quiet(), emptyState(), NOW).desired).toBe(4);
  });
});
