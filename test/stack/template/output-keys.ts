/** The keys of `roc provision outputs`, as other rooms and programs rely on them. */
import type { StackOutputs } from '../../../src/kernel/stack-outputs.js';

const KEYS: Record<keyof StackOutputs, true> = {
  account: true,
  region: true,
  url: true,
  vpcId: true,
  privateSubnetIds: true,
  isolatedSubnetIds: true,
  albArn: true,
  apiTargetGroupArn: true,
  runnerTargetGroupArn: true,
  webAclArn: true,
  asgName: true,
  ecsCluster: true,
  ecsService: true,
  bastionInstanceId: true,
  dbInstanceId: true,
  dbEndpoint: true,
  dbPort: true,
  dbSecretArn: true,
  restoreSubnetGroup: true,
  restoreSecurityGroupId: true,
  robotsBucket: true,
  kmsKeyArn: true,
  ecrRepositoryUri: true,
  backupVault: true,
  alarmTopicArn: true,
  logGroups: true,
};

export const STACK_OUTPUT_KEYS = Object.keys(KEYS);
