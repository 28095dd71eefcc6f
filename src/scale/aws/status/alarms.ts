/** Alarms that ring, and those that cannot judge. */
import { CloudWatchClient, DescribeAlarmsCommand, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { sendAws } from '../../../kernel/aws-call.js';
import { RocError } from '../../../kernel/errors.js';
import type { AlarmFacts } from '../../status/facts.js';
import type { AwsAccess } from '../access.js';

/**
 * Those that tell `topicArn`; all of the region where it is null. Without those in order.
 * @throws RocError ROC_NOT_FOUND where no alarm tells the topic, in whatever state
 */
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
  const found = (await Promise.all([ofState('ALARM'), ofState('INSUFFICIENT_DATA')])).flat();
  if (found.length === 0 && topicArn !== null) await requireAny(access, topicArn, signal);
  return found;
}

/** Silence is worth something only where there is an alarm that could ring. */
async function requireAny(access: AwsAccess, topicArn: string, signal?: AbortSignal): Promise<void> {
  const command = new DescribeAlarmsCommand({
    AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
    ActionPrefix: topicArn,
    MaxRecords: 1,
  });
  const reply = await sendAws(
    'cloudwatch:DescribeAlarms',
    (abortSignal) => access.client(CloudWatchClient).send(command, { abortSignal }),
    { signal },
  );
  const { MetricAlarms = [], CompositeAlarms = [], NextToken } = reply;
  if (MetricAlarms.length > 0 || CompositeAlarms.length > 0 || NextToken) return;
  throw new RocError('ROC_NOT_FOUND', `no alarm tells ${topicArn}: none could ring`, {
    hint: 'Put the alarms of the stack back: `roc provision drift` names what is gone.',
  });
}
