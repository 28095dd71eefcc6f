/** Recent failures of StartSession, from CloudTrail. */
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { callAws } from './call.js';
import type { AwsAccess } from './clients.js';

export interface TrailError {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly code: string;
  readonly message: string;
}

/** Newest first; one page of events since `since` (epoch milliseconds). */
export async function startSessionErrors(
  access: AwsAccess,
  target: string,
  since: number,
): Promise<TrailError[]> {
  const client = new CloudTrailClient(access.options());
  const command = new LookupEventsCommand({
    LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'StartSession' }],
    StartTime: new Date(since),
    MaxResults: 50,
  });
  try {
    const reply = await callAws('cloudtrail:LookupEvents', (abortSignal) =>
      client.send(command, { abortSignal }),
    );
    return (reply.Events ?? []).flatMap(({ CloudTrailEvent, EventTime }) =>
      failureOf(CloudTrailEvent, target, EventTime?.getTime() ?? 0),
    );
  } finally {
    client.destroy();
  }
}

function failureOf(text: string | undefined, target: string, at: number): TrailError[] {
  try {
    const event = JSON.parse(text ?? '{}') as {
      errorCode?: string;
      errorMessage?: string;
      requestParameters?: { target?: string } | null;
    };
    const isOurs = event.requestParameters?.target === target || text?.includes(target);
    if (!event.errorCode || !isOurs) return [];
    return [{ at, code: event.errorCode, message: event.errorMessage ?? '' }];
  } catch {
    return [];
  }
}
