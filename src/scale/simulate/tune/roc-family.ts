/** One policy of roc at other targets; everything else is as the policy says. */
import type { ScalePolicy } from '../../policy.js';
import { rocPolicy } from '../roc-policy.js';
import type { Family } from './families.js';

export function rocFamily(name: string, policy: ScalePolicy): Family {
  return {
    name,
    at: (target) =>
      rocPolicy(`${name}@${(100 * target).toFixed(1)}`, {
        ...policy,
        signal: { ...policy.signal, targetUtil: target, sloUtil: Math.max(policy.signal.sloUtil, target) },
      }),
  };
}
