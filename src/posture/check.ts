/** `roc posture check`: configuration, flags and the stack's outputs as one look at an account. Changes nothing. */
import { type AwsFlags, resolveAwsTarget } from '../kernel/aws.js';
import { type Config, readSection } from '../kernel/config.js';
import { readStackFile } from '../kernel/stack-file.js';
import type { GatherOptions } from './gather.js';
import { loadPosturePolicy } from './load-policy.js';
import { lookAtAccount, scopeOf } from './look.js';
import type { Checked } from './model.js';
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

/** @throws RocError ROC_REGION_MISSING, ROC_CREDENTIALS_MISSING, ROC_UNREACHABLE, ROC_POLICY_INVALID */
export async function checkPosture(options: CheckOptions): Promise<Checked> {
  const { config, cwd, env, flags, now, verifiedAt, signal } = options;
  const section = readSection(config, 'posture', postureSectionSchema, { policy: flags.policy });
  const loaded = await loadPosturePolicy(options.packageRoot, section.policy);
  const outputs = readStackFile(config.file, cwd);
  const region = flags.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? outputs?.region;
  const target = resolveAwsTarget({ ...flags, region }, env);
  const vpc = flags['whole-region'] ? null : flags.vpc;
  const scope = scopeOf(vpc, [...section.buckets, ...(flags.bucket ?? [])], outputs);
  return lookAtAccount({ target, scope, loaded, now, verifiedAt, signal });
}
