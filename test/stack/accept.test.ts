import { describe, expect, test } from 'vitest';
import { requireAccepted } from '../../src/stack/accept.js';
import type { PostureView } from '../../src/stack/plan-model.js';

const finding = (change: Partial<PostureView> = {}): PostureView => ({
  ...{ id: 'open-ingress', severity: 'critical', resource: 'AppGroup', waived: false },
  ...{ why: 'a security group lets in everybody', fix: 'name the networks that need it' },
  ...change,
});
const planOf = (...posture: PostureView[]) => ({ posture, action: 'update' as const });

describe('open findings of a plan', () => {
  test.each(['critical', 'high'])('%s stands in the way, and the way out is named', (severity) => {
    expect(() => requireAccepted(planOf(finding({ severity })))).toThrow(
      expect.objectContaining({
        code: 'ROC_REFUSED',
        exitCode: 4,
        message: expect.stringContaining('open-ingress AppGroup'),
        hint: expect.stringContaining('--accept open-ingress'),
      }),
    );
  });

  test.each([
    ['medium', planOf(finding({ severity: 'medium' })), []],
    ['waived by the policy', planOf(finding({ waived: true })), []],
    ['accepted by its rule', planOf(finding()), ['open-ingress']],
    ['accepted on this resource', planOf(finding()), ['open-ingress:AppGroup']],
    ['an import, which makes nothing', { ...planOf(finding()), action: 'import' as const }, []],
  ])('%s does not', (_what, plan, accepted) => {
    expect(() => requireAccepted(plan, accepted)).not.toThrow();
  });

  test('what was accepted on one resource is open on another', () => {
    const plan = planOf(finding(), finding({ resource: 'BastionGroup' }));
    expect(() => requireAccepted(plan, ['open-ingress:AppGroup'])).toThrow(/BastionGroup/);
    expect(() => requireAccepted(plan, ['open-ingress:AppGroup'])).not.toThrow(/AppGroup:/);
  });
});
