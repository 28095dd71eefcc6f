import { describe, expect, test } from 'vitest';
import { newPlanId, type PlanFacts, planFault } from '../../src/scale/plan-id.js';

const NOW = Date.parse('2026-03-02T12:00:00Z');
const FACTS: PlanFacts = {
  ...{ group: 'roc-app', region: 'eu-west-1', current: 4, desired: 3, policyHash: 'ab' },
};

describe('the id of a plan', () => {
  test('is good for five minutes, for the same facts', () => {
    const { id, expiresAt } = newPlanId(FACTS, NOW);
    expect(id).toMatch(/^4to3-/);
    expect(expiresAt).toBe(NOW + 300_000);
    expect(planFault(id, FACTS, NOW + 300_000)).toBeNull();
    expect(planFault(id, FACTS, NOW + 300_001)).toBe('the plan is older than five minutes');
  });

  test.each<[string, Partial<PlanFacts>, string]>([
    ['the group has changed', { current: 5 }, 'made at 4 instances and now 5 are asked for'],
    ['demand has changed', { desired: 5 }, 'the plan was 3 instances and now it would be 5'],
    ['it is another group', { group: 'other' }, 'another group or another policy'],
    ['it is another region', { region: 'us-east-1' }, 'another group or another policy'],
    ['it is another policy', { policyHash: 'cd' }, 'another group or another policy'],
  ])('is stale when %s', (_, change, why) => {
    expect(planFault(newPlanId(FACTS, NOW).id, { ...FACTS, ...change }, NOW)).toContain(why);
  });

  test('cannot be made to last', () => {
    const { id } = newPlanId(FACTS, NOW + 3_600_000);
    expect(planFault(id, FACTS, NOW)).toContain('clock that is ahead');
    const [head, , digest] = newPlanId(FACTS, NOW).id.split('-');
    const longer = `${head}-${(NOW + 200_000).toString(36)}-${digest}`;
    expect(planFault(longer, FACTS, NOW)).toContain('another group or another policy');
    expect(planFault('yes', FACTS, NOW)).toContain('no id of a plan');
  });
});
