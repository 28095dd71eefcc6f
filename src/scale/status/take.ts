/** `roc status`: gathers, judges, and says what the look cost. */
import { RocError } from '../../kernel/errors.js';
import type { StackOutputs } from '../../kernel/stack-outputs.js';
import { HOUR, parseDuration, SECOND } from '../../kernel/time.js';
import { monthlyUsd, type ReadingCost } from '../metrics/cost.js';
import { type GatherOptions, gatherStatus, type StatusTarget } from './gather.js';
import { judgeStatus } from './judge.js';
import type { Status } from './model.js';

export interface TakenStatus {
  readonly status: Status;
  readonly cost: ReadingCost;
  readonly retries: number;
}

/**
 * A look that asks for two weeks of the database only once an hour, and keeps its advice in between.
 * The first look has it.
 */
export function repeatedLook(options: GatherOptions): () => Promise<TakenStatus> {
  let advised: { readonly at: number; readonly advice: Status['advice'] } | null = null;
  return async () => {
    const kept = advised !== null && options.now() - advised.at < HOUR ? advised : null;
    const taken = await takeStatus({ ...options, withHistory: kept === null });
    if (kept !== null) return { ...taken, status: { ...taken.status, advice: kept.advice } };
    advised = { at: options.now(), advice: taken.status.advice };
    return taken;
  };
}

export async function takeStatus(options: GatherOptions): Promise<TakenStatus> {
  const { facts, cost, retries } = await gatherStatus(options);
  return { status: judgeStatus(facts), cost, retries };
}

/** Words about what a look costs, and what looking again and again would. */
export function costLine({ metrics, usd }: ReadingCost, everyMs: number | null): string {
  if (everyMs === null) return `${metrics} metrics read for $${usd.toFixed(5)}`;
  const monthly = monthlyUsd(metrics, everyMs);
  return `${metrics} metrics a look; left on for a month, CloudWatch charges $${monthly.toFixed(2)}`;
}

/** @throws RocError ROC_USAGE where the text is no duration, or CloudWatch would be asked too often */
export function watchEvery(text: string): number {
  const every = parseDuration(text);
  if (every >= 10 * SECOND) return every;
  throw new RocError('ROC_USAGE', `--every ${text} is too often`, {
    hint: 'The newest data is a minute old; write 10s or more.',
  });
}

export interface TargetFlags {
  readonly asg?: string | undefined;
  readonly balancer?: string | undefined;
  readonly 'target-group'?: string | undefined;
  readonly ecs?: string | undefined;
  readonly database?: string | undefined;
}

/**
 * What to look at: flags, and the stack's outputs for what no flag names.
 * @throws RocError ROC_USAGE where nothing is named at all
 */
export function statusTarget(
  flags: TargetFlags,
  outputs: Partial<StackOutputs> | null,
  url: string | null,
): StatusTarget {
  const [cluster, service, ...rest] = flags.ecs?.split('/') ?? [];
  if (flags.ecs !== undefined && (!cluster || !service || rest.length > 0)) {
    throw new RocError('ROC_USAGE', `--ecs ${flags.ecs} is not a cluster and a service`, {
      hint: 'Write both, joined by a slash: --ecs roc-prod/roc-prod-api.',
    });
  }
  const isOther = flags.balancer !== undefined;
  const target: StatusTarget = {
    albArn: flags.balancer ?? outputs?.albArn ?? null,
    apiTargetGroupArn: flags['target-group'] ?? (isOther ? null : (outputs?.apiTargetGroupArn ?? null)),
    runnerTargetGroupArn: isOther ? null : (outputs?.runnerTargetGroupArn ?? null),
    asgName: flags.asg ?? outputs?.asgName ?? null,
    ecsCluster: cluster ?? outputs?.ecsCluster ?? null,
    ecsService: service ?? outputs?.ecsService ?? null,
    dbInstanceId: flags.database ?? outputs?.dbInstanceId ?? null,
    alarmTopicArn: outputs?.alarmTopicArn ?? null,
  };
  if (url !== null || Object.values(target).some((value) => value !== null)) return target;
  throw new RocError(
    'ROC_USAGE',
    'nothing to look at: there are no outputs of a stack, and no flag names a part',
    {
      hint: 'Sign in to a server (`roc login`) or name it with --url; for AWS run `roc provision outputs` here first, or name --asg, --balancer or --database.',
    },
  );
}
