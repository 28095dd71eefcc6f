/** Findings of high severity stand in the way of a deployment until somebody accepts them, or the policy does. */
import { RocError } from '../kernel/errors.js';
import type { Plan, PostureView } from './plan-model.js';

const GRAVE = ['critical', 'high'];

/**
 * @param accepted `ID` of a rule, for whatever resource, or `ID:RESOURCE`
 * @throws RocError ROC_REFUSED with the findings that nobody accepted
 */
export function requireAccepted(
  { posture, action }: Pick<Plan, 'posture' | 'action'>,
  accepted: readonly string[] = [],
): void {
  // What is imported is there already: not to know it would make it no better.
  if (action === 'import') return;
  const open = posture.filter((finding) => isOpen(finding, accepted));
  if (open.length === 0) return;
  const flags = [...new Set(open.map(({ id }) => `--accept ${id}`))].join(' ');
  const lines = open.map(({ severity, id, resource, why }) => `${severity} ${id} ${resource}: ${why}`);
  throw new RocError('ROC_REFUSED', `findings stand in the way: ${lines.join('; ')}`, {
    hint: `${open[0]?.fix ?? ''}. To apply all the same: ${flags}; for longer than once, write an exception with a reason and a last day into the policy.`,
    details: { findings: open.map(({ id, resource }) => ({ id, resource })) },
  });
}

function isOpen({ severity, waived, id, resource }: PostureView, accepted: readonly string[]): boolean {
  return (
    GRAVE.includes(severity) && !waived && !accepted.includes(id) && !accepted.includes(`${id}:${resource}`)
  );
}
