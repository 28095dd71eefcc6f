/** Alarms that ring, and those that cannot judge. */
import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { sendAws } from '../../../kernel/aws-call.js';
import type { AlarmFacts } from '../../status/facts.js';
import type { AwsAccess } from '../access.js';

/** Those that tell `topicArn`; all of the region where it is null. Without those in order. */
export async function describeAlarms(
  access: AwsAccess,
  topicArn: string | null,
  signal?: AbortSignal,
): Promise<AlarmFacts[]> {
  const client = access.client(CloudWatchClient);
  const ofState = async (state: AlarmFacts['state']) => {
    const found: AlarmFacts[] = [];
    const { alarms } = await sendAws(
      'cloudwatch:DescribeAlarms',
      async (abortSignal) => {
        const pages = paginateDescribeAlarms(
          { client },
          {
            StateValue: state,
            AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
            ...(topicArn === null ? {} : { ActionPrefix: topicArn }),
          },
          { abortSignal },
        );
        for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages) {
          for (const alarm of [...MetricAlarms, ...CompositeAlarms])
            found.push({
              name: alarm.AlarmName ?? '',
              state,
              since: alarm.StateUpdatedTimestamp?.getTime() ?? null,
              reason: alarm.StateReason ?? '',
            });
        }
        return { alarms: found, $metadata: {} };
      },
      { signal },
    );
    return alarms;
  };
  return (await Promise.all([ofState('ALARM'), ofState('INSUFFICIENT_DATA')])).flat();
}
