/** The events of a stack, newest first as AWS gives them, read back to where the caller has had enough. */
import { CloudFormationClient, paginateDescribeStackEvents } from '@aws-sdk/client-cloudformation';
import type { AwsAccess } from './access.js';
import { callAws } from './call.js';

export interface StackEvent {
  readonly id: string;
  readonly at: number;
  readonly logicalId: string;
  readonly physicalId: string | null;
  readonly type: string;
  readonly status: string;
  readonly reason: string | null;
  /** The token of the call that began the operation. */
  readonly token: string | null;
  /** About the stack, not about one of its resources. */
  readonly isStack: boolean;
}

/** Events newest first, up to and with the first for which `isEnough` holds. */
export async function readEvents(
  access: AwsAccess,
  stackId: string,
  isEnough: (event: StackEvent) => boolean,
  signal?: AbortSignal,
): Promise<StackEvent[]> {
  const client = access.client(CloudFormationClient);
  return callAws(
    'cloudformation:DescribeStackEvents',
    async (abortSignal) => {
      const events: StackEvent[] = [];
      for await (const page of paginateDescribeStackEvents(
        { client },
        { StackName: stackId },
        { abortSignal },
      )) {
        for (const row of page.StackEvents ?? []) {
          const event: StackEvent = {
            id: row.EventId ?? '',
            at: row.Timestamp?.getTime() ?? 0,
            logicalId: row.LogicalResourceId ?? '',
            physicalId: row.PhysicalResourceId ?? null,
            type: row.ResourceType ?? '',
            status: row.ResourceStatus ?? '',
            reason: row.ResourceStatusReason ?? null,
            token: row.ClientRequestToken ?? null,
            isStack:
              row.ResourceType === 'AWS::CloudFormation::Stack' && row.PhysicalResourceId === row.StackId,
          };
          events.push(event);
          if (isEnough(event)) return events;
        }
      }
      return events;
    },
    signal,
  );
}
