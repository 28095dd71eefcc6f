/** What `roc provision outputs` prints and the other rooms default on (DESIGN §5): exactly these keys. */

export interface StackOutputs {
  readonly account: string;
  readonly region: string;
  readonly url: string | null;
  readonly vpcId: string | null;
  readonly privateSubnetIds: readonly string[] | null;
  readonly isolatedSubnetIds: readonly string[] | null;
  readonly albArn: string | null;
  readonly apiTargetGroupArn: string | null;
  readonly runnerTargetGroupArn: string | null;
  readonly webAclArn: string | null;
  readonly asgName: string | null;
  readonly ecsCluster: string | null;
  readonly ecsService: string | null;
  readonly bastionInstanceId: string | null;
  readonly dbInstanceId: string | null;
  readonly dbEndpoint: string | null;
  readonly dbPort: number | null;
  readonly dbSecretArn: string | null;
  readonly restoreSubnetGroup: string | null;
  readonly restoreSecurityGroupId: string | null;
  readonly robotsBucket: string | null;
  readonly kmsKeyArn: string | null;
  readonly ecrRepositoryUri: string | null;
  readonly backupVault: string | null;
  readonly alarmTopicArn: string | null;
  readonly logGroups: readonly string[] | null;
}
