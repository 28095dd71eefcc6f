/** What RDS knows: instances, snapshots, the window of point-in-time restores, groups, classes, events. */
import {
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSnapshotsCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeEventsCommand,
  DescribeOrderableDBInstanceOptionsCommand,
  ListTagsForResourceCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { pageTokens } from '../../kernel/page-tokens.js';
import type { DatabaseFacts, RestorePoint } from '../facts.js';
import { callAws, orNull } from './call.js';
import type { AwsAccess } from './clients.js';
import { databaseFacts, snapshotPoint, tagMap } from './rds-facts.js';

export async function describeInstance(
  access: AwsAccess,
  rds: RDSClient,
  id: string,
): Promise<DatabaseFacts | null> {
  const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: id });
  const reply = await orNull(
    callAws(access, 'rds:DescribeDBInstances', (abortSignal) => rds.send(command, { abortSignal })),
    /^DBInstanceNotFound/,
  );
  const row = reply?.DBInstances?.[0];
  return row === undefined ? null : databaseFacts(row);
}

export async function listInstances(access: AwsAccess, rds: RDSClient): Promise<DatabaseFacts[]> {
  const found: DatabaseFacts[] = [];
  const next = pageTokens('rds:DescribeDBInstances');
  let Marker: string | undefined;
  do {
    const command = new DescribeDBInstancesCommand({ Marker });
    const reply = await callAws(access, 'rds:DescribeDBInstances', (abortSignal) =>
      rds.send(command, { abortSignal }),
    );
    found.push(...(reply.DBInstances ?? []).map(databaseFacts));
    Marker = next(reply.Marker);
  } while (Marker);
  return found;
}

/** Automated, manual and shared snapshots of an instance; those of AWS Backup come from AWS Backup itself. */
export async function listSnapshots(
  access: AwsAccess,
  rds: RDSClient,
  source?: string,
): Promise<RestorePoint[]> {
  const found: RestorePoint[] = [];
  const next = pageTokens('rds:DescribeDBSnapshots');
  let Marker: string | undefined;
  do {
    const command = new DescribeDBSnapshotsCommand({
      Marker,
      ...(source === undefined ? {} : { DBInstanceIdentifier: source }),
    });
    const reply = await callAws(access, 'rds:DescribeDBSnapshots', (abortSignal) =>
      rds.send(command, { abortSignal }),
    );
    found.push(...(reply.DBSnapshots ?? []).map(snapshotPoint));
    Marker = next(reply.Marker);
  } while (Marker);
  return found;
}

export async function describeSnapshot(
  access: AwsAccess,
  rds: RDSClient,
  id: string,
): Promise<RestorePoint | null> {
  const command = new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id });
  const reply = await orNull(
    callAws(access, 'rds:DescribeDBSnapshots', (abortSignal) => rds.send(command, { abortSignal })),
    /^DBSnapshotNotFound/,
  );
  const row = reply?.DBSnapshots?.[0];
  return row === undefined ? null : snapshotPoint(row);
}

/** Epoch milliseconds; also of a source that is gone but whose automated backups are kept. */
export async function restoreWindow(
  access: AwsAccess,
  rds: RDSClient,
  source: string,
): Promise<{ from: number; to: number } | null> {
  const command = new DescribeDBInstanceAutomatedBackupsCommand({ DBInstanceIdentifier: source });
  const reply = await orNull(
    callAws(access, 'rds:DescribeDBInstanceAutomatedBackups', (abortSignal) =>
      rds.send(command, { abortSignal }),
    ),
    /NotFound/,
  );
  const window = reply?.DBInstanceAutomatedBackups?.find(
    (row) => row.RestoreWindow?.LatestTime,
  )?.RestoreWindow;
  if (window?.EarliestTime === undefined || window.LatestTime === undefined) return null;
  return { from: window.EarliestTime.getTime(), to: window.LatestTime.getTime() };
}

export async function subnetGroup(
  access: AwsAccess,
  rds: RDSClient,
  name: string,
): Promise<{ vpcId: string | null; zones: readonly string[] } | null> {
  const command = new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: name });
  const reply = await orNull(
    callAws(access, 'rds:DescribeDBSubnetGroups', (abortSignal) => rds.send(command, { abortSignal })),
    /^DBSubnetGroupNotFound/,
  );
  const row = reply?.DBSubnetGroups?.[0];
  if (row === undefined) return null;
  const zones = (row.Subnets ?? []).flatMap((subnet) => subnet.SubnetAvailabilityZone?.Name ?? []);
  return { vpcId: row.VpcId ?? null, zones: [...new Set(zones)] };
}

/** Groups whose names begin with `prefix`, with their tags. */
export async function parameterGroups(
  access: AwsAccess,
  rds: RDSClient,
  prefix: string,
): Promise<{ name: string; tags: Readonly<Record<string, string>> }[]> {
  const found: { name: string; tags: Record<string, string> }[] = [];
  const next = pageTokens('rds:DescribeDBParameterGroups');
  let Marker: string | undefined;
  do {
    const command = new DescribeDBParameterGroupsCommand({ Marker });
    const reply = await callAws(access, 'rds:DescribeDBParameterGroups', (abortSignal) =>
      rds.send(command, { abortSignal }),
    );
    for (const { DBParameterGroupName: name = '', DBParameterGroupArn: arn } of reply.DBParameterGroups ?? [])
      if (name.startsWith(prefix) && arn !== undefined)
        found.push({ name, tags: await tagsOf(access, rds, arn) });
    Marker = next(reply.Marker);
  } while (Marker);
  return found;
}

/** Whether RDS offers the class for the engine here. */
export async function isOrderable(
  access: AwsAccess,
  rds: RDSClient,
  wanted: { engine: string; engineVersion: string; class: string },
): Promise<boolean> {
  const command = new DescribeOrderableDBInstanceOptionsCommand({
    Engine: wanted.engine,
    EngineVersion: wanted.engineVersion,
    DBInstanceClass: wanted.class,
    Vpc: true,
    MaxRecords: 20,
  });
  const reply = await callAws(access, 'rds:DescribeOrderableDBInstanceOptions', (abortSignal) =>
    rds.send(command, { abortSignal }),
  );
  return (reply.OrderableDBInstanceOptions ?? []).length > 0;
}

/** What RDS tells of an instance since an instant, oldest first. */
export async function instanceEvents(
  access: AwsAccess,
  rds: RDSClient,
  id: string,
  since: number,
): Promise<string[]> {
  const command = new DescribeEventsCommand({
    SourceIdentifier: id,
    SourceType: 'db-instance',
    StartTime: new Date(since),
  });
  const reply = await callAws(access, 'rds:DescribeEvents', (abortSignal) =>
    rds.send(command, { abortSignal }),
  );
  return (reply.Events ?? []).map(({ Date: at, Message }) =>
    `${at?.toISOString() ?? ''} ${Message ?? ''}`.trim(),
  );
}

async function tagsOf(access: AwsAccess, rds: RDSClient, arn: string): Promise<Record<string, string>> {
  const command = new ListTagsForResourceCommand({ ResourceName: arn });
  const reply = await orNull(
    callAws(access, 'rds:ListTagsForResource', (abortSignal) => rds.send(command, { abortSignal })),
    /NotFound/,
  );
  return tagMap(reply?.TagList);
}
