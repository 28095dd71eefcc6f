/** One policy of roc at other targets; everything else is as the policy says. */
import { MINUTE } from '../../../kernel/time.js';
import type { ScalePolicy } from '../../policy/policy.js';
import { rocPolicy } from '../roc-policy.js';
import type { Family } from './families.js';

export function rocFamily(name: string, policy: ScalePolicy): Family {
  const sloFor = (target: number) => Math.max(policy.signal.sloUtil, rounded(target + 0.01));
  return {
    name,
    at: (target) =>
      rocPolicy(`${name}@${(100 * target).toFixed(1)}`, {
        ...policy,
        signal: { ...policy.signal, targetUtil: target, sloUtil: sloFor(target) },
      }),
    settings: (target) => ({
      'signal.targetUtil': rounded(target),
      ...(sloFor(target) === policy.signal.sloUtil ? {} : { 'signal.sloUtil': sloFor(target) }),
      'scaleIn.window': `${policy.scaleIn.window / MINUTE}m`,
    }),
  };
}

function rounded(share: number): number {
  return Number(share.toFixed(3));
}
