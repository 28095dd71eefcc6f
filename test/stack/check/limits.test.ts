import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/stack/check/judge.js';
import { refuseUnderPolicy } from '../../../src/stack/check/limits.js';
import { stackPolicySchema, type Waiver } from '../../../src/stack/check/policy.js';
import { waive } from '../../../src/stack/check/waive.js';
import { loadStackPolicy } from '../../../src/stack/load-policy.js';
import { projectPath } from '../../helpers/project.js';
import { NOW, settingsOf, templateFor } from '../samples.js';

const policy = await loadStackPolicy(projectPath('.'), undefined);

describe('what the policy refuses', () => {
  test.each([
    [{ db: { retentionDays: 3 } }, 'stack.db.retentionDays: 3 is under the policy'],
    [{ backup: { dailyDays: 3 } }, 'stack.backup.dailyDays: 3 is under'],
    [{ logs: { retentionDays: 30 } }, 'stack.logs.retentionDays: 30 is under'],
    [
      { db: { engineVersion: '8.0.40' } },
      'standard support of MySQL 8.0 ended on 2026-07-31: take one of 8.4',
    ],
    [{ db: { engineVersion: '9.9.1' } }, 'MySQL 9.9 is not in the policy'],
  ])('%j', (extra, message) => {
    expect(() => refuseUnderPolicy(settingsOf('prod', extra), policy, NOW)).toThrow(
      expect.objectContaining({ code: 'ROC_CONFIG_INVALID', message: expect.stringContaining(message) }),
    );
  });

  test('an engine is taken until the day its support ends', () => {
    const settings = settingsOf('prod', { db: { engineVersion: '8.0.40' } });
    expect(() => refuseUnderPolicy(settings, policy, Date.parse('2026-07-30T00:00:00Z'))).not.toThrow();
  });

  test('what is short for production may do for development', () => {
    const extra = { db: { retentionDays: 3 } };
    expect(() => refuseUnderPolicy(settingsOf('dev', extra), policy, NOW)).not.toThrow();
  });
});

describe('exceptions', () => {
  const finding = {
    id: 'A-1[Resource::*]',
    severity: 'high',
    resource: 'OpsRolePolicy',
    why: '',
    fix: '',
  } as const;
  const waiver: Waiver = {
    rule: 'A-1',
    resources: ['*RolePolicy'],
    reason: 'because it is so',
    expires: '2026-12-01',
  };
  const at = (day: string) => ({ settings: settingsOf('prod'), now: Date.parse(day) });
  const isWaived = (change: object, day = '2026-12-01T12:00:00Z') =>
    waive([finding], [{ ...waiver, ...change }], at(day))[0]?.waived;

  test('cover until the end of their last day', () => {
    expect(isWaived({})).toBe(true);
    expect(isWaived({}, '2026-12-02T00:00:00Z')).toBe(false);
  });

  test('cover no other rule, resource, detail or profile', () => {
    expect(isWaived({ rule: 'A-10' })).toBe(false);
    expect(isWaived({ resources: ['OpsRole'] })).toBe(false);
    expect(isWaived({ details: ['Action::*'] })).toBe(false);
    expect(isWaived({ details: ['Resource::*'] })).toBe(true);
    expect(isWaived({ when: { compute: 'ecs' } })).toBe(false);
    expect(isWaived({ when: { env: ['prod'] } })).toBe(true);
  });

  test('of the shipped policy all run out within two years', () => {
    for (const { expires } of policy.waivers)
      expect(Date.parse(expires)).toBeLessThan(NOW + 2 * 366 * 86_400_000);
  });

  test('on Fargate a bastion that reaches the database is an open finding', async () => {
    const settings = settingsOf('ecs', { bastion: { database: true } });
    const template = structuredClone(await templateFor('prod'));
    const found = judge({ template, settings }, policy).filter(({ id }) => id === 'database-reach');
    expect(waive(found, policy.waivers, { settings, now: NOW }).map(({ waived }) => waived)).toEqual([false]);
  });
});

describe('a policy', () => {
  test.each([
    ['a rule without an expectation', { id: 'x', severity: 'high', why: 'ten letters', fix: 'do it' }],
    [
      'two expectations',
      {
        id: 'x',
        severity: 'high',
        on: 'A',
        expect: { path: 'p', is: 1, present: true },
        why: 'ten letters',
        fix: 'do it',
      },
    ],
    ['an unknown key', { id: 'x', severity: 'high', check: 'c', why: 'ten letters', fix: 'do it', bogus: 1 }],
  ])('is refused with %s', (_what, rule) => {
    expect(stackPolicySchema.safeParse({ ...policy, rules: [rule] }).success).toBe(false);
  });

  test('that names a check nobody wrote is refused when it judges', async () => {
    const rules = [{ id: 'x', severity: 'high' as const, check: 'nothing', why: 'w', fix: 'f' }];
    const input = { template: await templateFor('prod'), settings: settingsOf('prod') };
    expect(() => judge(input, { rules })).toThrow(expect.objectContaining({ code: 'ROC_POLICY_INVALID' }));
  });
});
