/** What else would move the group against roc, each with the exact command that ends it. Pure. */

import type { ScalePolicy } from '../policy/policy.js';
import type { Contenders, ScalingPolicy } from './facts.js';

export interface Conflict {
  readonly id: string;
  readonly what: string;
  readonly fix: string;
}

/** How its commands are written: `autoscaling` for a group, `application-autoscaling` for a service. */
export interface Place {
  readonly kind: 'group' | 'service';
  /** Name of the group, or `service/CLUSTER/SERVICE`. */
  readonly name: string;
  readonly region: string;
}

/** Empty where roc may act. What only ever adds, and only above roc's own target, is a floor and welcome. */
export function conflictsOf(contenders: Contenders, policy: ScalePolicy, place: Place): Conflict[] {
  return [
    ...contenders.policies
      .filter(({ isEnabled }) => isEnabled)
      .flatMap((one) => policyConflict(one, policy, place)),
    ...contenders.scheduled.map(({ name, when }) => ({
      id: `scheduled-action:${name}`,
      what: `the scheduled action ${name} (${when}) sets the capacity that roc decides`,
      fix: `${deleteScheduled(name, place)} and write its hours under "schedule" in the policy`,
    })),
  ];
}

function policyConflict(found: ScalingPolicy, policy: ScalePolicy, place: Place): Conflict[] {
  const { name } = found;
  if (found.type === 'TargetTrackingScaling') return trackingConflict(found, policy, place);
  if (found.type === 'PredictiveScaling') {
    if (found.mode !== 'ForecastAndScale') return [];
    return [
      {
        id: `predictive:${name}`,
        what: `the predictive policy ${name} sets capacity by its own forecast`,
        fix: `${deletePolicy(name, place)}, or set its mode to ForecastOnly`,
      },
    ];
  }
  return [
    {
      id: `policy:${name}`,
      what: `the policy ${name} (${found.type}) changes capacity when its alarms say so`,
      fix: deletePolicy(name, place),
    },
  ];
}

function trackingConflict(found: ScalingPolicy, policy: ScalePolicy, place: Place): Conflict[] {
  const { name, target, metric } = found;
  if (!found.isOutOnly) {
    return [
      {
        id: `scale-in:${name}`,
        what: `the target tracking ${name} takes instances away by itself`,
        fix: `${deletePolicy(name, place)}; \`roc scale apply --native\` puts one that only adds in its place`,
      },
    ];
  }
  const aim = policy.signal.targetUtil * 100;
  if (metric === null || !/CPUUtilization$/.test(metric) || target === null || target > aim) return [];
  return [
    {
      id: `floor-too-low:${name}`,
      what: `the target tracking ${name} holds ${target} % CPU and would add again what roc takes away at ${Math.round(aim)} %`,
      fix: `raise it to ${Math.round(policy.signal.sloUtil * 100)} % with \`roc scale apply --native\`, after ${deletePolicy(name, place)}`,
    },
  ];
}

function deletePolicy(policy: string, { kind, name, region }: Place): string {
  return kind === 'group'
    ? `aws autoscaling delete-policy --region ${region} --auto-scaling-group-name ${name} --policy-name ${quoted(policy)}`
    : `aws application-autoscaling delete-scaling-policy --region ${region} ${ofService(name)} --policy-name ${quoted(policy)}`;
}

function deleteScheduled(action: string, { kind, name, region }: Place): string {
  return kind === 'group'
    ? `aws autoscaling delete-scheduled-action --region ${region} --auto-scaling-group-name ${name} --scheduled-action-name ${quoted(action)}`
    : `aws application-autoscaling delete-scheduled-action --region ${region} ${ofService(name)} --scheduled-action-name ${quoted(action)}`;
}

function ofService(name: string): string {
  return `--service-namespace ecs --scalable-dimension ecs:service:DesiredCount --resource-id ${name}`;
}

// A name of somebody else's making, in a line that a person may paste into a shell.
function quoted(name: string): string {
  return /^[\w.:/@+-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
