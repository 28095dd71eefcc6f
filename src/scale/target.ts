/** What is scaled and what is looked at: flags, then the policy, then the outputs of the stack. */
import { RocError } from '../kernel/errors.js';
import type { StackOutputs } from '../kernel/stack-outputs.js';
import type { ScalePolicy } from './policy/policy.js';

export interface ScaleTarget {
  readonly fleet:
    | { readonly kind: 'group'; readonly asg: string }
    | { readonly kind: 'service'; readonly cluster: string; readonly service: string };
  readonly targetGroupArn: string | null;
  /** Null where it has to be asked of the target group. */
  readonly balancerArn: string | null;
  readonly dbInstance: string | null;
}

export interface TargetFlags {
  readonly asg?: string | undefined;
  /** `CLUSTER/SERVICE`. */
  readonly ecs?: string | undefined;
}

/** @throws RocError ROC_USAGE where nothing is named */
export function scaleTarget(
  flags: TargetFlags,
  { target }: Pick<ScalePolicy, 'target'>,
  outputs: Partial<StackOutputs> | null,
): ScaleTarget {
  const targetGroupArn = target.targetGroup ?? outputs?.apiTargetGroupArn ?? null;
  return {
    fleet: fleetOf(flags, target, outputs),
    targetGroupArn,
    balancerArn: targetGroupArn === outputs?.apiTargetGroupArn ? (outputs?.albArn ?? null) : null,
    dbInstance: target.dbInstance ?? outputs?.dbInstanceId ?? null,
  };
}

function fleetOf(
  flags: TargetFlags,
  target: ScalePolicy['target'],
  outputs: Partial<StackOutputs> | null,
): ScaleTarget['fleet'] {
  if (flags.asg !== undefined) return { kind: 'group', asg: flags.asg };
  if (flags.ecs !== undefined) return { kind: 'service', ...ecsName(flags.ecs) };
  if (target.asg !== undefined) return { kind: 'group', asg: target.asg };
  if (target.ecs !== undefined) return { kind: 'service', ...target.ecs };
  if (outputs?.asgName) return { kind: 'group', asg: outputs.asgName };
  if (outputs?.ecsCluster && outputs.ecsService)
    return { kind: 'service', cluster: outputs.ecsCluster, service: outputs.ecsService };
  throw new RocError('ROC_USAGE', 'nothing to scale is named', {
    hint: 'Pass --asg NAME or --ecs CLUSTER/SERVICE, set target.asg in the policy, or run `roc provision outputs`.',
  });
}

function ecsName(text: string): { readonly cluster: string; readonly service: string } {
  const [cluster, service, ...more] = text.split('/');
  if (cluster && service && more.length === 0) return { cluster, service };
  throw new RocError('ROC_USAGE', `--ecs ${text} names no service`, { hint: 'Write --ecs CLUSTER/SERVICE.' });
}
