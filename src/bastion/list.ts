/** `roc bastion list`: the instances of the account and region, those that answer first. */
import type { AwsAccess } from './aws/clients.js';
import { listTargets } from './aws/instances.js';
import type { Target } from './model.js';
import { resolveTargets, sortedForChoice } from './target/resolve.js';

/** All of them, or those that an expression means. */
export async function listBastionTargets(
  access: AwsAccess,
  expression: string | undefined,
): Promise<Target[]> {
  const targets =
    expression === undefined ? await listTargets(access) : await resolveTargets(access, expression);
  return sortedForChoice(targets);
}
