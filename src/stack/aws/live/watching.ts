/** Live alarms, log groups and topics. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { callAws } from '../call.js';
import { type LiveReader, orNull } from './live-facts.js';

export const readAlarm: LiveReader = async (access, { physicalId }) => {
  const reply = await callAws('cloudwatch:DescribeAlarms', (abortSignal) =>
    access.client(CloudWatchClient).send(
      new DescribeAlarmsCommand({
        AlarmNames: [physicalId],
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      }),
      { abortSignal },
    ),
  );
  const alarm = reply.MetricAlarms?.[0] ?? reply.CompositeAlarms?.[0];
  if (alarm === undefined) return null;
  return {
    ActionsEnabled: alarm.ActionsEnabled ?? false,
    AlarmActions: alarm.AlarmActions ?? [],
    ...('Threshold' in alarm ? { Threshold: alarm.Threshold, MetricName: alarm.MetricName } : {}),
  };
};

export const readLogGroup: LiveReader = async (access, { physicalId }) => {
  const reply = await callAws('logs:DescribeLogGroups', (abortSignal) =>
    access
      .client(CloudWatchLogsClient)
      .send(new DescribeLogGroupsCommand({ logGroupNamePrefix: physicalId }), { abortSignal }),
  );
  const group = (reply.logGroups ?? []).find(({ logGroupName }) => logGroupName === physicalId);
  if (group === undefined) return null;
  return { RetentionInDays: group.retentionInDays ?? null, KmsKeyId: group.kmsKeyId ?? null };
};

export const readTopic: LiveReader = async (access, { physicalId }) => {
  const reply = await orNull(/^NotFound/, () =>
    callAws('sns:GetTopicAttributes', (abortSignal) =>
      access.client(SNSClient).send(new GetTopicAttributesCommand({ TopicArn: physicalId }), { abortSignal }),
    ),
  );
  return reply === null ? null : { isEncrypted: Boolean(reply.Attributes?.['KmsMasterKeyId']) };
};
