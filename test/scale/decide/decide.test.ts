/** The decision as a whole, on small histories. */
import { describe, expect, it } from 'vitest';
import { DAY, MINUTE } from '../../../src/kernel/time.js';
import { decide } from '../../../src/scale/decide/decide.js';
import { emptyState, knownUntil, usefulPast } from '../../../src/scale/decide/state.js';
import { afterMinutes, aPolicy, aSnapshot, flat, START } from './cases.js';

const NOW = afterMinutes(90);

describe('a decision', () => {
  it('adds at once what demand needs, and says so', () => {
    const decision = decide(aPolicy(), aSnapshot({ desired: 2, demand: flat(90, 2500) }), emptyState(), NOW);
    expect(decision).toMatchObject({ current: 2, desired: 4, action: 'out' });
    expect(decision.figures).toEqual({ demand: 2.5, need: 4, windowNeed: 4, forecastNeed: null });
    expect(decision.reasons).toEqual([
      'demand fills 2.50 instances: 4 at 65 %',
      'the last 1h needed up to 4',
      '2 become 4',
    ]);
  });

  it('cuts one at a time once the whole window needs less', () => {
    const decision = decide(aPolicy(), aSnapshot({ desired: 5, demand: flat(90, 100) }), emptyState(), NOW);
    expect(decision).toMatchObject({ desired: 4, action: 'in' });
  });

  it('keeps what the window needed once', () => {
    const demand = [...flat(40, 100), 2900, ...flat(49, 100)];
    const decision = decide(aPolicy(), aSnapshot({ desired: 5, demand }), emptyState(), NOW);
    expect(decision).toMatchObject({ desired: 5, action: 'hold' });
    const later = aSnapshot({ desired: 5, demand: [...demand, ...flat(15, 100)] });
    expect(decide(aPolicy(), later, decision.state, NOW + 15 * MINUTE).desired).toBe(4);
  });

  it('is ready for a rise before it comes, where a trend is asked for', () => {
    const demand = Array.from({ length: 90 }, (_, minute) => 200 + 20 * minute);
    const snapshot = aSnapshot({ desired: 2, demand });
    const [without, ahead] = ['off', 'trend'].map((mode) =>
      decide(aPolicy({ forecast: { mode }, signal: { targetUtil: 0.79 } }), snapshot, emptyState(), NOW),
    );
    expect(without?.desired).toBe(3);
    expect(ahead?.figures.forecastNeed).toBe(3);
    const steep = aSnapshot({ desired: 2, demand: demand.map((value) => 1.4 * value) });
    const raised = decide(
      aPolicy({ forecast: { mode: 'trend' }, signal: { targetUtil: 0.79 } }),
      steep,
      emptyState(),
      NOW,
    );
    expect(raised.desired).toBeGreaterThanOrEqual(4);
  });

  it('is ready for what other days had at this hour, where a season is asked for', () => {
    const day = (minute: number) => (minute % 1440 >= 540 && minute % 1440 < 600 ? 2500 : 800);
    const until = 2 * 1440 + 525;
    const demand = Array.from({ length: until }, (_, minute) => day(minute));
    const policy = aPolicy({ forecast: { mode: 'seasonal', band: 0 } });
    const decision = decide(policy, aSnapshot({ desired: 2, demand }), emptyState(), afterMinutes(until));
    // At most twice what there is.
    expect(decision.figures).toMatchObject({ need: 2, forecastNeed: 3 });
    expect(decision.desired).toBe(3);
  });

  it('changes neither what it was given nor anything else', () => {
    const snapshot = aSnapshot({ desired: 5, demand: flat(90, 400) });
    const { state } = decide(aPolicy(), snapshot, emptyState(), NOW);
    const before = JSON.stringify([snapshot, state]);
    decide(aPolicy(), snapshot, state, NOW + MINUTE);
    expect(JSON.stringify([snapshot, state])).toBe(before);
  });

  it('tells a gatherer what it knows and what it could use', () => {
    const { state } = decide(aPolicy(), aSnapshot({ desired: 2, demand: flat(90, 400) }), emptyState(), NOW);
    expect([knownUntil(emptyState()), knownUntil(state)]).toEqual([0, START + 89 * MINUTE]);
    expect(usefulPast(aPolicy({ learn: { mode: 'on' } }))).toBe(2 * DAY);
    expect(usefulPast(aPolicy({ forecast: { mode: 'seasonal' } }))).toBe(3 * DAY);
  });
});
