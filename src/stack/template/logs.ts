/** Log groups: encrypted, and kept as long as the settings say. */
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnDeletionPolicy, Fn } from 'aws-cdk-lib/core';
import type { Context } from './context.js';

export interface LogGroup {
  readonly name: string;
  /** Of the group itself; its streams are below it. */
  readonly arn: string;
}

/** The logs of a destroyed production stack are evidence and stay. */
export function logGroup(context: Context, id: string, name: string, keyArn: string): LogGroup {
  const group = new CfnLogGroup(context.stack, id, {
    logGroupName: name,
    retentionInDays: context.settings.logDays,
    kmsKeyId: keyArn,
  });
  const isEvidence = context.settings.env === 'prod';
  group.cfnOptions.deletionPolicy = isEvidence
    ? CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE
    : CfnDeletionPolicy.DELETE;
  group.cfnOptions.updateReplacePolicy = isEvidence ? CfnDeletionPolicy.RETAIN : CfnDeletionPolicy.DELETE;
  return {
    name: group.ref,
    arn: Fn.sub(`arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${name}`),
  };
}
