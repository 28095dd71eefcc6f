/** RDS MySQL in the isolated subnets, and the place where restore tests put their copies. */
import {
  CfnDBInstance,
  CfnDBParameterGroup,
  CfnDBSubnetGroup,
  CfnEventSubscription,
} from 'aws-cdk-lib/aws-rds';
import { CfnDeletionPolicy } from 'aws-cdk-lib/core';
import { type Context, nameTag } from './context.js';
import { role } from './iam.js';
import { logGroup } from './logs.js';
import type { Network } from './network.js';
import type { Group } from './security-group.js';

export interface Database {
  readonly id: string;
  readonly arn: string;
  readonly endpoint: string;
  readonly masterSecretArn: string;
  readonly restoreSubnetGroup: string;
  readonly logGroups: readonly string[];
}

export interface DatabaseNeeds {
  readonly network: Network;
  readonly group: Group;
  readonly dataKeyArn: string;
  readonly logsKeyArn: string;
}

/** Families of parameter groups follow the engine: 8.4.9 belongs to mysql8.4. */
const familyOf = (engineVersion: string) => `mysql${engineVersion.split('.').slice(0, 2).join('.')}`;

export function buildDatabase(context: Context, needs: DatabaseNeeds): Database {
  const { stack, settings, name } = context;
  const { db } = settings;
  const identifier = `${name}-db`;
  // Made first, or RDS makes them itself and keeps them for ever without a key.
  const logGroups = ['error', 'slowquery'].map((kind) =>
    logGroup(
      context,
      `Database${kind === 'error' ? 'Error' : 'Slow'}Logs`,
      `/aws/rds/instance/${identifier}/${kind}`,
      needs.logsKeyArn,
    ),
  );
  const instance = new CfnDBInstance(stack, 'Database', {
    dbInstanceIdentifier: identifier,
    dbName: 'roc',
    engine: 'mysql',
    engineVersion: db.engineVersion,
    engineLifecycleSupport: 'open-source-rds-extended-support-disabled',
    dbInstanceClass: db.instanceClass,
    multiAz: db.multiAz,
    storageType: 'gp3',
    allocatedStorage: String(db.storageGb),
    maxAllocatedStorage: db.storageGb * 2,
    storageEncrypted: true,
    kmsKeyId: needs.dataKeyArn,
    masterUsername: 'rocmaster',
    manageMasterUserPassword: true,
    masterUserSecret: { kmsKeyId: needs.dataKeyArn },
    enableIamDatabaseAuthentication: true,
    caCertificateIdentifier: 'rds-ca-rsa2048-g1',
    dbParameterGroupName: parameters(context, familyOf(db.engineVersion)),
    dbSubnetGroupName: subnetGroup(context, 'DatabaseSubnetGroup', 'database', needs.network),
    vpcSecurityGroups: [needs.group.id],
    publiclyAccessible: false,
    port: String(db.port),
    backupRetentionPeriod: db.retentionDays,
    preferredBackupWindow: '02:00-03:00',
    preferredMaintenanceWindow: 'sun:04:00-sun:05:00',
    copyTagsToSnapshot: true,
    deleteAutomatedBackups: false,
    deletionProtection: settings.env !== 'dev',
    autoMinorVersionUpgrade: true,
    enableCloudwatchLogsExports: ['error', 'slowquery'],
    monitoringInterval: 60,
    monitoringRoleArn: role(context, 'DatabaseMonitoringRole', {
      service: 'monitoring.rds.amazonaws.com',
      about: 'writes what the host of the database measures',
      statements: [],
      awsPolicies: ['service-role/AmazonRDSEnhancedMonitoringRole'],
    }).arn,
    ...(hasInsights(db.instanceClass)
      ? {
          enablePerformanceInsights: true,
          performanceInsightsKmsKeyId: needs.dataKeyArn,
          performanceInsightsRetentionPeriod: 7,
        }
      : {}),
    tags: nameTag(context, 'db'),
  });
  instance.cfnOptions.deletionPolicy = CfnDeletionPolicy.SNAPSHOT;
  instance.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.SNAPSHOT;
  for (const id of ['DatabaseErrorLogs', 'DatabaseSlowLogs']) dependOn(context, instance, id);
  return {
    id: instance.ref,
    arn: instance.attrDbInstanceArn,
    endpoint: instance.attrEndpointAddress,
    masterSecretArn: instance.attrMasterUserSecretSecretArn,
    restoreSubnetGroup: subnetGroup(context, 'RestoreSubnetGroup', 'restore', needs.network),
    logGroups: logGroups.map((group) => group.name),
  };
}

/** Failures, failovers and low storage as the database itself tells them. */
export function tellOfDatabase(context: Context, database: Database, topicArn: string): void {
  new CfnEventSubscription(context.stack, 'DatabaseEvents', {
    snsTopicArn: topicArn,
    sourceType: 'db-instance',
    sourceIds: [database.id],
    eventCategories: [
      'availability',
      'configuration change',
      'deletion',
      'failover',
      'failure',
      'low storage',
      'maintenance',
      'notification',
      'recovery',
    ],
    enabled: true,
  });
}

function parameters(context: Context, family: string): string {
  return new CfnDBParameterGroup(context.stack, 'DatabaseParameters', {
    description: `${context.name}: TLS only, slow queries logged`,
    family,
    parameters: {
      require_secure_transport: 'ON',
      tls_version: 'TLSv1.2,TLSv1.3',
      transaction_isolation: 'READ-COMMITTED',
      time_zone: 'UTC',
      character_set_server: 'utf8mb4',
      slow_query_log: '1',
      long_query_time: '1',
      log_output: 'FILE',
    },
    tags: nameTag(context, 'db'),
  }).ref;
}

function subnetGroup(context: Context, id: string, suffix: string, network: Network): string {
  return new CfnDBSubnetGroup(context.stack, id, {
    dbSubnetGroupDescription: `${context.name}: ${suffix}`,
    dbSubnetGroupName: `${context.name}-${suffix}`,
    subnetIds: [...network.isolatedSubnets],
    tags: nameTag(context, suffix),
  }).ref;
}

// RDS refuses Performance Insights for MySQL on the small burstable classes.
function hasInsights(instanceClass: string): boolean {
  return !/^db\.t\w+\.(micro|small|medium)$/.test(instanceClass);
}

function dependOn(context: Context, instance: CfnDBInstance, id: string): void {
  const target = context.stack.node.findChild(id);
  instance.node.addDependency(target);
}
