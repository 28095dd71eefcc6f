/** Where everything that people must know of arrives. */
import { CfnSubscription, CfnTopic, CfnTopicPolicy } from 'aws-cdk-lib/aws-sns';
import type { Context } from './context.js';

/** Returns the topic's ARN. */
export function buildTopic(context: Context, logsKeyArn: string): string {
  const { stack, settings, name } = context;
  const topic = new CfnTopic(stack, 'AlarmTopic', {
    topicName: `${name}-alarms`,
    displayName: name,
    kmsMasterKeyId: logsKeyArn,
  });
  new CfnTopicPolicy(stack, 'AlarmTopicPolicy', {
    topics: [topic.ref],
    policyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Watching',
          Effect: 'Allow',
          Principal: { Service: ['cloudwatch.amazonaws.com', 'events.rds.amazonaws.com'] },
          Action: 'sns:Publish',
          Resource: topic.ref,
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
        // EventBridge and AWS Backup send no source account along: a condition would shut them out.
        {
          Sid: 'Events',
          Effect: 'Allow',
          Principal: { Service: ['events.amazonaws.com', 'backup.amazonaws.com'] },
          Action: 'sns:Publish',
          Resource: topic.ref,
        },
        {
          Sid: 'TlsOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 'sns:Publish',
          Resource: topic.ref,
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    },
  });
  for (const [index, endpoint] of settings.emails.entries())
    new CfnSubscription(stack, `AlarmEmail${index + 1}`, {
      topicArn: topic.ref,
      protocol: 'email',
      endpoint,
    });
  return topic.ref;
}
