/** What Systems Manager knows of one target: agent, connection, sessions, settings, preferences. */
import {
  DescribeInstanceInformationCommand,
  DescribeSessionsCommand,
  GetConnectionStatusCommand,
  GetDocumentCommand,
  GetServiceSettingCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { ManagedFacts, Preferences } from '../doctor/facts.js';
import { awsErrorName, callAws } from './call.js';
import type { AwsAccess } from './clients.js';

const PREFERENCES = 'SSM-SessionManagerRunShell';
const HOST_MANAGEMENT = '/ssm/managed-instance/default-ec2-instance-management-role';

export async function describeManaged(access: AwsAccess, target: string): Promise<ManagedFacts | null> {
  const command = new DescribeInstanceInformationCommand({
    Filters: [{ Key: 'InstanceIds', Values: [target] }],
  });
  const reply = await withSsm(access, (client) =>
    callAws('ssm:DescribeInstanceInformation', (abortSignal) => client.send(command, { abortSignal })),
  );
  const [row] = reply.InstanceInformationList ?? [];
  if (row === undefined) return null;
  return {
    ping: row.PingStatus ?? 'unknown',
    lastPingAt: row.LastPingDateTime?.getTime() ?? null,
    agentVersion: row.AgentVersion ?? '',
    platformName: row.PlatformName ?? 'unknown platform',
    platformVersion: row.PlatformVersion ?? '',
  };
}

export async function connectionStatus(access: AwsAccess, target: string): Promise<string> {
  const command = new GetConnectionStatusCommand({ Target: target });
  const reply = await withSsm(access, (client) =>
    callAws('ssm:GetConnectionStatus', (abortSignal) => client.send(command, { abortSignal })),
  );
  return reply.Status ?? 'nothing';
}

/** Sessions open on the target now; counts one page. */
export async function countSessions(access: AwsAccess, target: string): Promise<number> {
  const command = new DescribeSessionsCommand({
    State: 'Active',
    Filters: [{ key: 'Target', value: target }],
  });
  const reply = await withSsm(access, (client) =>
    callAws('ssm:DescribeSessions', (abortSignal) => client.send(command, { abortSignal })),
  );
  return reply.Sessions?.length ?? 0;
}

/** The role of Default Host Management Configuration; null when it is off. */
export async function hostManagementRole(access: AwsAccess): Promise<string | null> {
  const command = new GetServiceSettingCommand({ SettingId: HOST_MANAGEMENT });
  try {
    const reply = await withSsm(access, (client) =>
      callAws('ssm:GetServiceSetting', (abortSignal) => client.send(command, { abortSignal })),
    );
    const value = reply.ServiceSetting?.SettingValue;
    // AWS writes a dollar sign and "None" where nothing was set.
    return value === undefined || value === '' || /none/i.test(value) ? null : value;
  } catch (error) {
    if (awsErrorName(error) === 'ServiceSettingNotFound') return null;
    throw error;
  }
}

/** Null when the account has no preferences of its own. */
export async function sessionPreferences(access: AwsAccess): Promise<Preferences | null> {
  const command = new GetDocumentCommand({ Name: PREFERENCES, DocumentFormat: 'JSON' });
  let content: string | undefined;
  try {
    const reply = await withSsm(access, (client) =>
      callAws('ssm:GetDocument', (abortSignal) => client.send(command, { abortSignal })),
    );
    content = reply.Content;
  } catch (error) {
    if (awsErrorName(error) === 'InvalidDocument') return null;
    throw error;
  }
  const inputs = (JSON.parse(content ?? '{}') as { inputs?: Record<string, unknown> }).inputs ?? {};
  const text = (name: string) =>
    typeof inputs[name] === 'string' && inputs[name] !== '' ? inputs[name] : null;
  const minutes = (name: string) => (text(name) === null ? null : Number(text(name)));
  return {
    idleMinutes: minutes('idleSessionTimeout'),
    maxMinutes: minutes('maxSessionDuration'),
    runAsUser: inputs['runAsEnabled'] === true ? text('runAsDefaultUser') : null,
    kmsKeyId: text('kmsKeyId'),
    kmsKeyState: null,
    s3Bucket: text('s3BucketName'),
    logGroup: text('cloudWatchLogGroupName'),
  };
}

async function withSsm<T>(access: AwsAccess, use: (client: SSMClient) => Promise<T>): Promise<T> {
  const client = new SSMClient(access.options());
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}
