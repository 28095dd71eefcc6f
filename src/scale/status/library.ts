/** `roc status` as a library: an installation looked at as often as a program likes, in types of roc's own. */
import type { AwsTarget } from '../../kernel/aws.js';
import type { StackOutputs } from '../../kernel/stack-outputs.js';
import { createClient } from '../../protocol/client.js';
import { awsAccess } from '../aws/access.js';
import type { ReadingCost } from '../metrics/cost.js';
import type { Status } from './model.js';
import { readNodes } from './nodes.js';
import type { OrchestratorAccess } from './orchestrator.js';
import { repeatedLook, statusTarget } from './take.js';

export interface StatusOptions extends AwsTarget {
  /** Which parts there are: the outputs of a stack as they are, or what of them there is. */
  readonly stack: Partial<StackOutputs>;
  /** The orchestrator's server; the stack's url without a token where it is left out, null for none. */
  readonly server?: { readonly url: string; readonly token?: string | undefined } | null | undefined;
  /** Epoch milliseconds. @default Date.now */
  readonly now?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface StatusLook {
  readonly status: Status;
  /** What CloudWatch charges for this look. */
  readonly cost: ReadingCost;
}

export interface StatusWatch {
  /**
   * Reads all anew; two weeks of the database only at the first look and then once an hour.
   * @throws RocError ROC_CREDENTIALS_MISSING, ROC_INTERRUPTED; what else cannot be read is an unknown part
   */
  look(): Promise<StatusLook>;
}

/**
 * @example const { status } = await createStatus({ region: 'eu-west-1', stack: outputs }).look();
 * @throws RocError ROC_USAGE where nothing is named
 */
export function createStatus(options: StatusOptions): StatusWatch {
  const { stack, now = Date.now, signal } = options;
  const server = options.server === undefined && stack.url ? { url: stack.url } : (options.server ?? null);
  const look = repeatedLook({
    access: awsAccess(options),
    target: statusTarget({}, stack, server?.url ?? null),
    orchestrator: server === null ? null : orchestratorOf(server),
    ...{ now, signal },
  });
  return {
    async look() {
      const { status, cost } = await look();
      return { status, cost };
    },
  };
}

function orchestratorOf({ url, token }: NonNullable<StatusOptions['server']>): OrchestratorAccess {
  const origin = url.replace(/\/+$/, '');
  const open = async () =>
    createClient({ url: origin, token: async () => token ?? null, userAgent: 'roc-library' });
  return {
    ...{ url: origin, fetch, clock: () => performance.now() },
    nodes: async () => (token === undefined ? NOT_ASKED : readNodes(open)),
  };
}

const NOT_ASKED = { unknown: 'not asked, no token was given' };
