/** `roc posture check`: gathers, judges. Changes nothing. */
import { type AwsFlags, resolveAwsTarget } from '../kernel/aws.js';
import { type Config, readSection } from '../kernel/config.js';
import { readStackFile } from '../kernel/stack-file.js';
import type { StackOutputs } from '../kernel/stack-outputs.js';
import { awsAccess } from './aws/access.js';
import { readAccount } from './aws/watching.js';
import { decidePosture } from './decide.js';
import { type GatherOptions, gatherPosture, type PostureScope } from './gather.js';
import { loadPosturePolicy } from './load-policy.js';
import type { Posture } from './model.js';
import { postureSectionSchema } from './section.js';

export interface CheckOptions {
  readonly config: Config;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: AwsFlags & {
    readonly policy?: string | undefined;
    readonly vpc?: string | undefined;
    readonly bucket?: readonly string[] | undefined;
    readonly 'whole-region'?: boolean | undefined;
  };
  readonly packageRoot: string;
  readonly now: () => number;
  readonly verifiedAt: GatherOptions['verifiedAt'];
  readonly signal?: AbortSignal;
}

export interface Checked {
  readonly posture: Posture;
  readonly policyHash: string;
}

/** @throws RocError ROC_REGION_MISSING, ROC_CREDENTIALS_MISSING, ROC_UNREACHABLE, ROC_POLICY_INVALID */
export async function checkPosture(options: CheckOptions): Promise<Checked> {
  const { config, cwd, env, flags, now, verifiedAt, signal } = options;
  const section = readSection(config, 'posture', postureSectionSchema, { policy: flags.policy });
  const { policy, sha256 } = await loadPosturePolicy(options.packageRoot, section.policy);
  const outputs = readStackFile(config.file, cwd);
  const region = flags.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? outputs?.region;
  const access = awsAccess(resolveAwsTarget({ ...flags, region }, env), signal);
  // Nothing is judged of an account that cannot be named.
  const account = await readAccount(access);
  const scope = scopeOf(flags, [...section.buckets, ...(flags.bucket ?? [])], outputs);
  const at = now();
  const facts = await gatherPosture({ access, scope, now: at, verifiedAt });
  const about = { account, region: access.target.region, vpc: scope.vpc };
  return { posture: decidePosture(facts, about, { policy, now: at }), policyHash: sha256 };
}

/** The stack's own VPC and what its outputs name, another VPC, or the whole region. */
function scopeOf(
  flags: CheckOptions['flags'],
  buckets: readonly string[],
  outputs: Partial<StackOutputs> | null,
): PostureScope {
  const vpc = flags['whole-region'] ? null : (flags.vpc ?? outputs?.vpcId ?? null);
  const own = vpc !== null && vpc === outputs?.vpcId ? outputs : null;
  const named = (value: string | null | undefined) => (value ? [value] : []);
  return {
    vpc,
    secrets: named(own?.dbSecretArn),
    buckets: [...new Set([...named(own?.robotsBucket), ...buckets])],
    keys: named(own?.kmsKeyArn),
    logGroups: own?.logGroups ?? null,
  };
}
