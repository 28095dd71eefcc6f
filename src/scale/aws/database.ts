/** A database of RDS: how it is made, what happened to it, what its parameters say. */
import {
  type DBInstance,
  DescribeDBInstancesCommand,
  DescribeEventsCommand,
  paginateDescribeDBParameters,
  RDSClient,
} from '@aws-sdk/client-rds';
import { sendAws } from '../../kernel/aws-call.js';
import { RocError } from '../../kernel/errors.js';
import { DAY, MINUTE } from '../../kernel/time.js';
import type { DatabaseFacts, FailoverEvent } from '../status/facts.js';
import type { AwsAccess } from './access.js';

/** RDS keeps its events for so long. */
const EVENTS_BACK = 14 * DAY;

/** @throws RocError ROC_NOT_FOUND where the account has no such instance in this region */
export async function describeDatabase(
  access: AwsAccess,
  id: string,
  signal?: AbortSignal,
): Promise<DatabaseFacts> {
  const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: id });
  const [reply, failovers] = await Promise.all([
    sendAws(
      'rds:DescribeDBInstances',
      (abortSignal) => access.client(RDSClient).send(command, { abortSignal }),
      { signal },
    ),
    describeFailovers(access, id, signal),
  ]);
  const row = reply.DBInstances?.[0];
  if (row === undefined) {
    throw new RocError('ROC_NOT_FOUND', `there is no database ${id} in ${access.target.region}`, {
      hint: 'Check --database, --region, and `roc provision outputs`.',
    });
  }
  const group = row.DBParameterGroups?.[0]?.DBParameterGroupName;
  const maxConnections = group === undefined ? null : await maxConnectionsOf(access, group, signal);
  return { ...makeOf(row), ...historyOf(row), id, maxConnections, failovers };
}

function makeOf(row: DBInstance) {
  return {
    status: row.DBInstanceStatus ?? 'unknown',
    class: row.DBInstanceClass ?? '',
    engine: `${row.Engine ?? ''} ${row.EngineVersion ?? ''}`.trim(),
    multiAz: row.MultiAZ ?? false,
    zone: row.AvailabilityZone ?? null,
    secondaryZone: row.SecondaryAvailabilityZone ?? null,
    storageGb: row.AllocatedStorage ?? 0,
    maxStorageGb: row.MaxAllocatedStorage ?? null,
  };
}

function historyOf(row: DBInstance) {
  return {
    latestRestorableAt: row.LatestRestorableTime?.getTime() ?? null,
    pending: Object.entries(row.PendingModifiedValues ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [name],
    ),
    replicaOf: row.ReadReplicaSourceDBInstanceIdentifier ?? null,
    replication: row.StatusInfos?.find(({ StatusType }) => StatusType === 'read replication')?.Status ?? null,
  };
}

async function describeFailovers(
  access: AwsAccess,
  id: string,
  signal?: AbortSignal,
): Promise<FailoverEvent[]> {
  const command = new DescribeEventsCommand({
    SourceIdentifier: id,
    SourceType: 'db-instance',
    EventCategories: ['failover'],
    Duration: EVENTS_BACK / MINUTE,
  });
  const reply = await sendAws(
    'rds:DescribeEvents',
    (abortSignal) => access.client(RDSClient).send(command, { abortSignal }),
    { signal },
  );
  return (reply.Events ?? [])
    .map(({ Date: at, Message: text = '' }) => ({
      at: at?.getTime() ?? 0,
      text,
      isEnd: /complete/i.test(text),
    }))
    .sort((a, b) => b.at - a.at);
}

/** Null where the group leaves it to the engine's formula, or sets a formula of its own. */
async function maxConnectionsOf(
  access: AwsAccess,
  group: string,
  signal?: AbortSignal,
): Promise<number | null> {
  const client = access.client(RDSClient);
  const { value } = await sendAws(
    'rds:DescribeDBParameters',
    async (abortSignal) => {
      const pages = paginateDescribeDBParameters(
        { client },
        { DBParameterGroupName: group, Source: 'user' },
        { abortSignal },
      );
      for await (const { Parameters = [] } of pages) {
        const found = Parameters.find(({ ParameterName }) => ParameterName === 'max_connections');
        if (found !== undefined) return { value: Number(found.ParameterValue), $metadata: {} };
      }
      return { value: Number.NaN, $metadata: {} };
    },
    { signal },
  );
  return Number.isInteger(value) ? value : null;
}
