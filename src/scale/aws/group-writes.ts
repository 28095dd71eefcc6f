/** The changes that roc makes to an Auto Scaling group; every number is absolute. */
import {
  AutoScalingClient,
  EnableMetricsCollectionCommand,
  PutScalingPolicyCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { sendAws } from '../../kernel/aws-call.js';
import type { Written } from '../group/facts.js';
import { WRITE_LIMIT } from '../lease/write-limit.js';
import type { AwsAccess } from './access.js';

/** @throws RocError ROC_INVALID_INPUT where the group's bounds do not admit it */
export function setDesired(access: AwsAccess, name: string, desired: number): Promise<Written> {
  const command = new SetDesiredCapacityCommand({
    AutoScalingGroupName: name,
    DesiredCapacity: desired,
    HonorCooldown: false,
  });
  return written('autoscaling:SetDesiredCapacity', (abortSignal) =>
    access.client(AutoScalingClient).send(command, { abortSignal }),
  );
}

/**
 * Ends one instance and lowers the group's desired capacity by it. The group takes it out of the load balancer, waits
 * for what is in flight and for its lifecycle hooks.
 * @throws RocError ROC_INVALID_INPUT below the group's minimum
 */
export function terminateInstance(access: AwsAccess, id: string): Promise<Written> {
  const command = new TerminateInstanceInAutoScalingGroupCommand({
    InstanceId: id,
    ShouldDecrementDesiredCapacity: true,
  });
  // Asked twice it might lower the desired capacity twice.
  return written('autoscaling:TerminateInstanceInAutoScalingGroup', (abortSignal) =>
    access.once(AutoScalingClient).send(command, { abortSignal }),
  );
}

/** Target tracking on the group's mean CPU that only ever adds. */
export function putFloor(
  access: AwsAccess,
  name: string,
  floor: { readonly policy: string; readonly cpuPercent: number },
): Promise<Written> {
  const command = new PutScalingPolicyCommand({
    AutoScalingGroupName: name,
    PolicyName: floor.policy,
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingConfiguration: {
      PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
      TargetValue: floor.cpuPercent,
      DisableScaleIn: true,
    },
  });
  return written('autoscaling:PutScalingPolicy', (abortSignal) =>
    access.client(AutoScalingClient).send(command, { abortSignal }),
  );
}

export function setWarmup(access: AwsAccess, name: string, seconds: number): Promise<Written> {
  const command = new UpdateAutoScalingGroupCommand({
    AutoScalingGroupName: name,
    DefaultInstanceWarmup: seconds,
  });
  return written('autoscaling:UpdateAutoScalingGroup', (abortSignal) =>
    access.client(AutoScalingClient).send(command, { abortSignal }),
  );
}

/** All group metrics, each minute; they cost nothing. */
export function enableGroupMetrics(access: AwsAccess, name: string): Promise<Written> {
  const command = new EnableMetricsCollectionCommand({ AutoScalingGroupName: name, Granularity: '1Minute' });
  return written('autoscaling:EnableMetricsCollection', (abortSignal) =>
    access.client(AutoScalingClient).send(command, { abortSignal }),
  );
}

interface Reply {
  readonly $metadata: { readonly requestId?: string | undefined; readonly attempts?: number | undefined };
}

async function written(call: string, send: (signal: AbortSignal) => Promise<Reply>): Promise<Written> {
  const reply = await sendAws(call, send, { limitMs: WRITE_LIMIT });
  return { call, requestId: reply.$metadata.requestId ?? null };
}
