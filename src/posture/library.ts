/** `roc posture check` as a library: an account held against the controls, in types of roc's own. */
import type { AwsTarget } from '../kernel/aws.js';
import type { StackOutputs } from '../kernel/stack-outputs.js';
import { loadPosturePolicy } from './load-policy.js';
import { lookAtAccount, scopeOf } from './look.js';
import type { Checked } from './model.js';

export interface PostureOptions extends AwsTarget {
  /** The package's own folder, where the shipped policy is. */
  readonly packageRoot: string;
  /** The shipped policy when absent. */
  readonly policyFile?: string | undefined;
  /** Outputs of a stack: its VPC and what they name are looked at. */
  readonly stack?: Partial<StackOutputs> | undefined;
  /** The stack's VPC when absent; null for the whole region. */
  readonly vpc?: string | null | undefined;
  /** Buckets to look at beside the stack's. */
  readonly buckets?: readonly string[] | undefined;
  /** When a restore was last proved, epoch milliseconds; null where nobody knows. @default null */
  readonly lastVerifiedAt?: (() => Promise<number | null>) | undefined;
  /** Epoch milliseconds. @default Date.now */
  readonly now?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** @throws RocError ROC_CREDENTIALS_MISSING, ROC_UNREACHABLE, ROC_NOT_FOUND, ROC_POLICY_INVALID, ROC_INTERRUPTED */
export async function checkAccount(options: PostureOptions): Promise<Checked> {
  const { region, profile, endpointUrl, stack = null, vpc, buckets = [], signal } = options;
  const { lastVerifiedAt = async () => null, now = Date.now } = options;
  return lookAtAccount({
    target: { region, profile, endpointUrl },
    scope: scopeOf(vpc, buckets, stack),
    loaded: await loadPosturePolicy(options.packageRoot, options.policyFile),
    verifiedAt: lastVerifiedAt,
    ...{ now, signal },
  });
}
