/** What keeps a stack from harm: termination protection, and a policy that denies replacing what is stateful. */
import { isRocError } from '../kernel/errors.js';
import { protectStack, setStackPolicy } from './aws/stacks.js';
import { isStateful } from './decide/stateful.js';
import type { Engine } from './engine.js';
import type { Template } from './template.js';

/**
 * Updates may do all but replace or delete what is stateful, save what is named in `allowed`.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
 */
export function stackPolicy(template: Template, allowed: readonly string[] = []): object {
  const kept = Object.entries(template.Resources)
    .filter(([id, { Type }]) => isStateful(Type) && !allowed.includes(id))
    .map(([id]) => `LogicalResourceId/${id}`);
  const anything = { Effect: 'Allow', Principal: '*', Action: 'Update:*', Resource: '*' };
  if (kept.length === 0) return { Statement: [anything] };
  return {
    Statement: [
      anything,
      { Effect: 'Deny', Principal: '*', Action: ['Update:Replace', 'Update:Delete'], Resource: kept },
    ],
  };
}

/** Puts both in force. What AWS refuses comes back as a warning: the deployment itself stands. */
export async function protect(engine: Engine, stackId: string, template: Template): Promise<string[]> {
  const warnings: string[] = [];
  const tried = async (what: string, act: () => Promise<void>) => {
    try {
      await act();
    } catch (error) {
      if (!isRocError(error)) throw error;
      warnings.push(`${what} could not be set: ${error.message}`);
    }
  };
  await tried('the stack policy', () => setStackPolicy(engine.access, stackId, stackPolicy(template)));
  await tried('termination protection', () => protectStack(engine.access, stackId, true));
  return warnings;
}
