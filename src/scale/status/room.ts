/** What `roc status` starts from: configuration, flags and the stack's outputs as one thing that can be asked. */
import { type AwsFlags, resolveAwsTarget } from '../../kernel/aws.js';
import type { Config } from '../../kernel/config.js';
import { readStackFile } from '../../kernel/stack-file.js';
import type { Client } from '../../protocol/client.js';
import { awsAccess } from '../aws/access.js';
import { readNodes } from './nodes.js';
import type { OrchestratorAccess } from './orchestrator.js';
import { repeatedLook, statusTarget, type TakenStatus, type TargetFlags } from './take.js';

export interface StatusRoomOptions {
  readonly config: Config;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: AwsFlags & TargetFlags & { readonly url?: string | undefined };
  /** `client.url` of roc.yaml, where it is set. */
  readonly clientUrl: string | null;
  /** The server that this shell is signed in to. */
  readonly signedInUrl: string | null;
  /** Fails where nobody is signed in. */
  readonly client: (url: string) => Promise<Client>;
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/** @throws RocError ROC_USAGE where nothing is named, ROC_REGION_MISSING */
export function openStatus(options: StatusRoomOptions): () => Promise<TakenStatus> {
  const { config, cwd, env, flags, now, signal } = options;
  const outputs = readStackFile(config.file, cwd);
  const url = flags.url || env['ROC_URL'] || options.clientUrl || outputs?.url || options.signedInUrl;
  const target = statusTarget(flags, outputs, url);
  // An installation on one machine has nothing on AWS, and needs no region or credentials.
  const isCloud =
    outputs !== null || flags.region !== undefined || Object.values(target).some((part) => part !== null);
  const region = flags.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? outputs?.region;
  const access = isCloud ? awsAccess(resolveAwsTarget({ ...flags, region }, env)) : null;
  const origin = url === null ? null : originOf(url);
  const orchestrator: OrchestratorAccess | null =
    origin === null
      ? null
      : {
          url: origin,
          fetch,
          clock: () => performance.now(),
          nodes: () => readNodes(() => options.client(origin)),
        };
  return repeatedLook({ access, target, orchestrator, now, signal });
}

// The stack's own URL has no path; one that somebody typed may end with a slash.
function originOf(url: string): string {
  return url.replace(/\/+$/, '');
}
