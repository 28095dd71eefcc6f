/** RDS databases: where they are, how to sign in, and the sign-in itself. */
import { DescribeDBClustersCommand, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { Signer } from '@aws-sdk/rds-signer';
import { awsErrorName, callAws } from './call.js';
import type { AwsAccess } from './clients.js';

export interface Database {
  readonly id: string;
  readonly engine: string;
  readonly status: string;
  /** The name that its certificate carries; tokens are signed for it. */
  readonly endpoint: string;
  readonly port: number;
  readonly iamAuth: boolean;
  readonly secretArn: string | null;
  readonly user: string | null;
  readonly database: string | null;
  readonly securityGroupIds: readonly string[];
}

/** An instance by its id, else a cluster of that id; null when there is neither. */
export async function describeDatabase(access: AwsAccess, id: string): Promise<Database | null> {
  const client = new RDSClient(access.options());
  try {
    return (await instanceOf(client, id)) ?? (await clusterOf(client, id));
  } finally {
    client.destroy();
  }
}

/** A token for the real endpoint, good for 15 minutes at connect; made here, without a call. */
export async function signInToken(
  access: AwsAccess,
  host: string,
  port: number,
  user: string,
): Promise<string> {
  const signer = new Signer({
    hostname: host,
    port,
    username: user,
    region: access.target.region,
    credentials: access.credentials,
  });
  return callAws('rds-db:connect', () => signer.getAuthToken());
}

async function instanceOf(client: RDSClient, id: string): Promise<Database | null> {
  try {
    const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: id });
    const reply = await callAws('rds:DescribeDBInstances', (abortSignal) =>
      client.send(command, { abortSignal }),
    );
    const row = reply.DBInstances?.[0];
    if (row === undefined) return null;
    return {
      id,
      engine: row.Engine ?? '',
      status: row.DBInstanceStatus ?? 'unknown',
      endpoint: row.Endpoint?.Address ?? '',
      port: row.Endpoint?.Port ?? 3306,
      iamAuth: row.IAMDatabaseAuthenticationEnabled ?? false,
      secretArn: row.MasterUserSecret?.SecretArn ?? null,
      user: row.MasterUsername ?? null,
      database: row.DBName ?? null,
      securityGroupIds: (row.VpcSecurityGroups ?? []).flatMap((group) => group.VpcSecurityGroupId ?? []),
    };
  } catch (error) {
    if (/DBInstanceNotFound/.test(awsErrorName(error) ?? '')) return null;
    throw error;
  }
}

async function clusterOf(client: RDSClient, id: string): Promise<Database | null> {
  try {
    const command = new DescribeDBClustersCommand({ DBClusterIdentifier: id });
    const reply = await callAws('rds:DescribeDBClusters', (abortSignal) =>
      client.send(command, { abortSignal }),
    );
    const row = reply.DBClusters?.[0];
    if (row === undefined) return null;
    return {
      id,
      engine: row.Engine ?? '',
      status: row.Status ?? 'unknown',
      endpoint: row.Endpoint ?? '',
      port: row.Port ?? 3306,
      iamAuth: row.IAMDatabaseAuthenticationEnabled ?? false,
      secretArn: row.MasterUserSecret?.SecretArn ?? null,
      user: row.MasterUsername ?? null,
      database: row.DatabaseName ?? null,
      securityGroupIds: (row.VpcSecurityGroups ?? []).flatMap((group) => group.VpcSecurityGroupId ?? []),
    };
  } catch (error) {
    if (/DBClusterNotFound/.test(awsErrorName(error) ?? '')) return null;
    throw error;
  }
}
