/** Instances as EC2 and Systems Manager know them, joined. */
import { DescribeInstancesCommand, EC2Client, type Filter, type Instance } from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand, type InstanceInformation, SSMClient } from '@aws-sdk/client-ssm';
import { pageTokens } from '../../kernel/page-tokens.js';
import type { Target } from '../model.js';
import type { TargetExpression } from '../target/expression.js';
import { callAws } from './call.js';
import type { AwsAccess } from './clients.js';

/** So many ids fit in one filter of DescribeInstanceInformation. */
const IDS_PER_CALL = 50;

/** Every instance that is not terminated, with what Systems Manager knows of it. */
export async function listTargets(access: AwsAccess): Promise<Target[]> {
  const [instances, managed] = await Promise.all([
    describeInstances(access, []),
    describeManaged(access, []),
  ]);
  return joined(instances, managed);
}

/** Those that an expression may mean; asks AWS only for these. */
export async function findTargets(access: AwsAccess, expression: TargetExpression): Promise<Target[]> {
  const instances = await describeInstances(access, filtersOf(expression));
  const ids = instances.flatMap(({ InstanceId }) => InstanceId ?? []);
  if (ids.length > 0) return joined(instances, await describeManaged(access, ids));
  // Machines outside EC2 have their names and tags only in Systems Manager.
  return joined([], await describeManaged(access, []));
}

async function describeInstances(access: AwsAccess, filters: readonly Filter[]): Promise<Instance[]> {
  const client = new EC2Client(access.options());
  const found: Instance[] = [];
  const alive: Filter = {
    Name: 'instance-state-name',
    Values: ['pending', 'running', 'stopping', 'stopped'],
  };
  try {
    const next = pageTokens('ec2:DescribeInstances');
    let NextToken: string | undefined;
    do {
      const command = new DescribeInstancesCommand({ Filters: [alive, ...filters], NextToken });
      const page = await callAws('ec2:DescribeInstances', (abortSignal) =>
        client.send(command, { abortSignal }),
      );
      for (const reservation of page.Reservations ?? []) found.push(...(reservation.Instances ?? []));
      NextToken = next(page.NextToken);
    } while (NextToken);
    return found;
  } finally {
    client.destroy();
  }
}

async function describeManaged(access: AwsAccess, ids: readonly string[]): Promise<InstanceInformation[]> {
  const client = new SSMClient(access.options());
  const found: InstanceInformation[] = [];
  try {
    for (let at = 0; at === 0 || at < ids.length; at += IDS_PER_CALL) {
      const some = ids.slice(at, at + IDS_PER_CALL);
      const next = pageTokens('ssm:DescribeInstanceInformation');
      let NextToken: string | undefined;
      do {
        const command = new DescribeInstanceInformationCommand({
          MaxResults: IDS_PER_CALL,
          NextToken,
          ...(some.length > 0 ? { Filters: [{ Key: 'InstanceIds', Values: some }] } : {}),
        });
        const page = await callAws('ssm:DescribeInstanceInformation', (abortSignal) =>
          client.send(command, { abortSignal }),
        );
        found.push(...(page.InstanceInformationList ?? []));
        NextToken = next(page.NextToken);
      } while (NextToken);
    }
    return found;
  } finally {
    client.destroy();
  }
}

function filtersOf(expression: TargetExpression): Filter[] {
  switch (expression.kind) {
    case 'id':
      return [{ Name: 'instance-id', Values: [expression.id] }];
    case 'ip':
      return [{ Name: 'private-ip-address', Values: [expression.ip] }];
    case 'tags':
      return expression.tags.map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] }));
    case 'name':
      return expression.name.includes('.')
        ? [{ Name: 'private-dns-name', Values: [expression.name] }]
        : [{ Name: 'tag:Name', Values: [expression.name] }];
  }
}

function joined(instances: readonly Instance[], managed: readonly InstanceInformation[]): Target[] {
  const known = new Map(managed.map((row) => [row.InstanceId, row]));
  const rows = instances.map((instance) => fromInstance(instance, known.get(instance.InstanceId)));
  const seen = new Set(rows.map(({ instanceId }) => instanceId));
  const others = managed.filter(({ InstanceId }) => InstanceId !== undefined && !seen.has(InstanceId));
  return [...rows, ...others.map(fromManaged)];
}

function fromInstance(instance: Instance, managed: InstanceInformation | undefined): Target {
  const tags = Object.fromEntries((instance.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
  return {
    instanceId: instance.InstanceId ?? '',
    name: tags['Name'] ?? managed?.ComputerName ?? null,
    platform: platformOf(managed) ?? instance.PlatformDetails ?? null,
    agentVersion: managed?.AgentVersion ?? null,
    ping: managed?.PingStatus ?? null,
    az: instance.Placement?.AvailabilityZone ?? null,
    state: instance.State?.Name ?? null,
    privateIp: instance.PrivateIpAddress ?? null,
    privateDns: instance.PrivateDnsName ?? null,
    tags,
  };
}

function fromManaged(managed: InstanceInformation): Target {
  return {
    instanceId: managed.InstanceId ?? '',
    name: managed.Name ?? managed.ComputerName ?? null,
    platform: platformOf(managed) ?? null,
    agentVersion: managed.AgentVersion ?? null,
    ping: managed.PingStatus ?? null,
    az: null,
    state: null,
    privateIp: managed.IPAddress ?? null,
    privateDns: managed.ComputerName ?? null,
    tags: {},
  };
}

function platformOf(managed: InstanceInformation | undefined): string | undefined {
  if (managed?.PlatformName === undefined) return undefined;
  return [managed.PlatformName, managed.PlatformVersion].filter(Boolean).join(' ');
}
