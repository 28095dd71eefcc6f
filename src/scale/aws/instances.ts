/** What only EC2 knows of an instance: when it was launched, and what it does when its credits run out. */
import {
  DescribeInstanceCreditSpecificationsCommand,
  DescribeInstancesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { sendAws } from '../../kernel/aws-call.js';
import type { AwsAccess } from './access.js';

/** Epoch milliseconds by instance id; an id that EC2 no longer knows is not in it. */
export async function describeLaunches(
  access: AwsAccess,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const launches = new Map<string, number>();
  if (ids.length === 0) return launches;
  // A filter, not a list: an id that has just gone is then no error.
  const command = new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [...ids] }] });
  const reply = await sendAws(
    'ec2:DescribeInstances',
    (abortSignal) => access.client(EC2Client).send(command, { abortSignal }),
    { signal },
  );
  for (const { Instances } of reply.Reservations ?? [])
    for (const { InstanceId, LaunchTime } of Instances ?? [])
      if (InstanceId !== undefined && LaunchTime !== undefined)
        launches.set(InstanceId, LaunchTime.getTime());
  return launches;
}

/** Of one burstable instance, which stands for its group: all come from one launch template. */
export async function describeCreditMode(
  access: AwsAccess,
  id: string,
  signal?: AbortSignal,
): Promise<'standard' | 'unlimited'> {
  const command = new DescribeInstanceCreditSpecificationsCommand({ InstanceIds: [id] });
  const reply = await sendAws(
    'ec2:DescribeInstanceCreditSpecifications',
    (abortSignal) => access.client(EC2Client).send(command, { abortSignal }),
    { signal },
  );
  return reply.InstanceCreditSpecifications?.[0]?.CpuCredits === 'unlimited' ? 'unlimited' : 'standard';
}
