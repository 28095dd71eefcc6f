/** Instances of EC2: since when they run, what their status checks say, and whether CPU credits bound them. */
import {
  DescribeInstanceCreditSpecificationsCommand,
  DescribeInstancesCommand,
  EC2Client,
  paginateDescribeInstanceStatus,
} from '@aws-sdk/client-ec2';
import { sendAws } from '../../../kernel/aws-call.js';
import type { InstanceFacts } from '../../status/facts.js';
import type { AwsAccess } from '../access.js';

/** Those of `ids` that EC2 still knows; an instance that is gone is not in the answer. */
export async function describeInstances(
  access: AwsAccess,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<InstanceFacts[]> {
  if (ids.length === 0) return [];
  const client = access.client(EC2Client);
  // By filter: an id that is gone would fail the whole call otherwise.
  const Filters = [{ Name: 'instance-id', Values: [...ids] }];
  const [reply, checks] = await Promise.all([
    sendAws(
      'ec2:DescribeInstances',
      (abortSignal) => client.send(new DescribeInstancesCommand({ Filters }), { abortSignal }),
      { signal },
    ),
    statusChecks(access, ids, signal),
  ]);
  const found = (reply.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
  const burstable = found.filter(({ InstanceType: type = '' }) => /^t\d/.test(type));
  const credits = await creditModes(
    access,
    burstable.map(({ InstanceId = '' }) => InstanceId),
    signal,
  );
  return found.map(({ InstanceId = '', InstanceType, LaunchTime }) => ({
    id: InstanceId,
    type: InstanceType ?? '',
    launchedAt: LaunchTime?.getTime() ?? null,
    checks: checks.get(InstanceId) ?? 'insufficient-data',
    credits: credits.get(InstanceId) ?? null,
  }));
}

// The call has no filter by id, and naming one that is gone would fail it.
async function statusChecks(
  access: AwsAccess,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const client = access.client(EC2Client);
  const checks = new Map<string, string>();
  await sendAws(
    'ec2:DescribeInstanceStatus',
    async (abortSignal) => {
      for await (const { InstanceStatuses = [] } of paginateDescribeInstanceStatus(
        { client },
        {},
        { abortSignal },
      ))
        for (const { InstanceId = '', InstanceStatus, SystemStatus } of InstanceStatuses) {
          if (ids.includes(InstanceId))
            checks.set(InstanceId, worseCheck([InstanceStatus?.Status, SystemStatus?.Status]));
        }
      return { $metadata: {} };
    },
    { signal },
  );
  return checks;
}

// An instance that still starts may stand on a host that has failed: that one counts.
const CHECKS = ['impaired', 'insufficient-data', 'initializing', 'not-applicable', 'ok'];

/** The worse of the two; what AWS leaves out, or says in a word that is not known, is no data. */
export function worseCheck(both: readonly (string | undefined)[]): string {
  const known = both.map((status = '') => (CHECKS.includes(status) ? status : 'insufficient-data'));
  return CHECKS.find((status) => known.includes(status)) ?? 'insufficient-data';
}

async function creditModes(
  access: AwsAccess,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const command = new DescribeInstanceCreditSpecificationsCommand({
    Filters: [{ Name: 'instance-id', Values: [...ids] }],
  });
  const reply = await sendAws(
    'ec2:DescribeInstanceCreditSpecifications',
    (abortSignal) => access.client(EC2Client).send(command, { abortSignal }),
    { signal },
  );
  return new Map(
    (reply.InstanceCreditSpecifications ?? []).map(({ InstanceId = '', CpuCredits = 'standard' }) => [
      InstanceId,
      CpuCredits,
    ]),
  );
}
