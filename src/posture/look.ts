/** One look at an account: its name, what the controls need of it, and what they say. */
import type { AwsTarget } from '../kernel/aws.js';
import { RocError } from '../kernel/errors.js';
import type { StackOutputs } from '../kernel/stack-outputs.js';
import { awsAccess } from './aws/access.js';
import { readAccount } from './aws/watching.js';
import { decidePosture } from './decide.js';
import type { PostureFacts } from './facts.js';
import { type GatherOptions, gatherPosture, type PostureScope } from './gather.js';
import type { LoadedPolicy } from './load-policy.js';
import type { Checked } from './model.js';

export interface LookOptions {
  readonly target: AwsTarget;
  readonly scope: PostureScope;
  readonly loaded: LoadedPolicy;
  readonly now: () => number;
  readonly verifiedAt: GatherOptions['verifiedAt'];
  readonly signal?: AbortSignal | undefined;
}

/** @throws RocError ROC_CREDENTIALS_MISSING, ROC_UNREACHABLE, ROC_INTERRUPTED; ROC_NOT_FOUND where the VPC is not there */
export async function lookAtAccount({ target, scope, loaded, ...options }: LookOptions): Promise<Checked> {
  const access = awsAccess(target, options.signal);
  // Nothing is judged of an account that cannot be named.
  const account = await readAccount(access);
  const now = options.now();
  const facts = await gatherPosture({ access, account, scope, now, verifiedAt: options.verifiedAt });
  requireVpc(scope.vpc, facts.vpcs, target.region);
  const about = { account, region: target.region, vpc: scope.vpc };
  const posture = decidePosture(facts, about, { policy: loaded.policy, now });
  return { posture, policyHash: loaded.sha256 };
}

// A filter by a VPC that is not there finds nothing, and where there is nothing no control fails.
function requireVpc(vpc: string | null, found: PostureFacts['vpcs'], region: string): void {
  if (vpc === null || 'unknown' in found || found.value.includes(vpc)) return;
  throw new RocError('ROC_NOT_FOUND', `there is no VPC ${vpc} in ${region}, so there is nothing to judge`, {
    hint: "Check --vpc and --region; for the stack's own, write its outputs anew: `roc provision outputs`.",
  });
}

/**
 * The stack's own VPC and what its outputs name, or another VPC, or the whole region.
 * @param vpc undefined for the stack's; null for the whole region
 */
export function scopeOf(
  vpc: string | null | undefined,
  buckets: readonly string[],
  outputs: Partial<StackOutputs> | null,
): PostureScope {
  const looked = vpc === undefined ? (outputs?.vpcId ?? null) : vpc;
  const own = looked !== null && looked === outputs?.vpcId ? outputs : null;
  const named = (value: string | null | undefined) => (value ? [value] : []);
  return {
    vpc: looked,
    secrets: named(own?.dbSecretArn),
    buckets: [...new Set([...named(own?.robotsBucket), ...buckets])],
    keys: named(own?.kmsKeyArn),
    logGroups: own?.logGroups ?? null,
  };
}
