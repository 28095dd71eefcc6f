/** KMS keys: for data at rest, for what services write (logs and alarms), and one that signs evidence. */
import { CfnAlias, CfnKey } from 'aws-cdk-lib/aws-kms';
import { CfnDeletionPolicy, Fn } from 'aws-cdk-lib/core';
import type { Context } from './context.js';

export interface Keys {
  readonly dataKeyArn: string;
  readonly logsKeyArn: string;
  /** Signs the evidence of the duties; null where none is done. */
  readonly evidenceKeyArn: string | null;
}

export function buildKeys(context: Context): Keys {
  return {
    dataKeyArn: key(context, 'DataKey', 'data', []),
    evidenceKeyArn: context.settings.ops.enabled
      ? key(context, 'EvidenceKey', 'evidence', [], { keySpec: 'ECC_NIST_P256', keyUsage: 'SIGN_VERIFY' })
      : null,
    logsKeyArn: key(context, 'LogsKey', 'logs', [
      {
        Sid: 'Logs',
        Effect: 'Allow',
        Principal: { Service: Fn.sub(`logs.\${AWS::Region}.amazonaws.com`) },
        Action: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
          'kms:GenerateDataKey',
          'kms:DescribeKey',
        ],
        Resource: '*',
        Condition: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': Fn.sub(
              `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:*`,
            ),
          },
        },
      },
      {
        Sid: 'Alarms',
        Effect: 'Allow',
        Principal: {
          Service: ['cloudwatch', 'events', 'events.rds', 'backup'].map((name) => `${name}.amazonaws.com`),
        },
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: '*',
      },
      // Auto Scaling tells of its instances by a role that a new account does not have yet, so no policy can name it.
      {
        Sid: 'TopicOfThisAccount',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: '*',
        Condition: {
          StringEquals: {
            'kms:CallerAccount': { Ref: 'AWS::AccountId' },
            'kms:ViaService': Fn.sub(`sns.\${AWS::Region}.amazonaws.com`),
          },
        },
      },
    ]),
  };
}

function key(
  context: Context,
  id: string,
  alias: string,
  statements: readonly object[],
  signs?: { keySpec: string; keyUsage: string },
): string {
  const made = new CfnKey(context.stack, id, {
    description: `${context.name}: ${alias}`,
    // AWS rotates no key that signs: what verifies its signatures is the one public half.
    ...(signs ?? { enableKeyRotation: true }),
    pendingWindowInDays: 30,
    keyPolicy: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Account',
          Effect: 'Allow',
          Principal: { AWS: Fn.sub(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root`) },
          Action: 'kms:*',
          Resource: '*',
        },
        ...statements,
      ],
    },
  });
  // Snapshots and packages outlive the stack; without their key they are noise.
  made.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE;
  made.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
  new CfnAlias(context.stack, `${id}Alias`, {
    aliasName: `alias/${context.name}-${alias}`,
    targetKeyId: made.ref,
  });
  return made.attrArn;
}
