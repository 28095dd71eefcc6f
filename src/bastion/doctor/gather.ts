/** Gathers the doctor's facts, all at once; what AWS does not tell is kept as "unknown, because". */
import { awsDomain } from '../../kernel/aws-partition.js';
import { HOUR } from '../../kernel/time.js';
import { describeCaller, simulate } from '../aws/caller.js';
import type { AwsAccess } from '../aws/clients.js';
import { describeDatabase } from '../aws/database.js';
import { keyState } from '../aws/kms.js';
import {
  connectionStatus,
  countSessions,
  describeManaged,
  hostManagementRole,
  sessionPreferences,
} from '../aws/managed.js';
import { describeGroups, describeInstance, describeNetwork } from '../aws/network.js';
import { roleOfProfile } from '../aws/role.js';
import { startSessionErrors } from '../aws/trail.js';
import {
  ABSENT,
  type Asked,
  type CallerFacts,
  type DatabaseFacts,
  type DoctorFacts,
  type Permission,
  type Preferences,
  type RoleFacts,
} from './facts.js';
import { probeTls } from './probe.js';

export interface GatherOptions {
  readonly access: AwsAccess;
  readonly target: string;
  /** RDS instance or cluster to look at too. */
  readonly database?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
}

const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];

export async function gatherFacts({
  access,
  target,
  database,
  env,
  now,
}: GatherOptions): Promise<DoctorFacts> {
  const { region, endpointUrl } = access.target;
  const preferences = asked(preferencesWithKey(access));
  const instance = asked(describeInstance(access, target));
  const caller = asked(describeCaller(access, now));
  const hosts =
    endpointUrl === undefined
      ? ['ssm', 'ssmmessages'].map((service) => `${service}.${region}.${awsDomain(region)}`)
      : [];
  const gathered = {
    caller,
    preferences,
    instance,
    permissions: after(caller, async (who) => callerPermissions(access, who, target, await preferences)),
    probes: Promise.all(hosts.map((host) => probeTls(host))),
    managed: asked(describeManaged(access, target)),
    connection: asked(connectionStatus(access, target)),
    role: after(instance, (value) => roleFacts(access, value?.profileArn ?? null)),
    hostManagement: asked(hostManagementRole(access)),
    network: after(instance, async (value) => (value === null ? null : describeNetwork(access, value))),
    database: asked(database === undefined ? Promise.resolve(null) : databaseFacts(access, database)),
    recentErrors: asked(startSessionErrors(access, target, now() - HOUR)),
    activeSessions: asked(countSessions(access, target)),
  };
  return {
    now: now(),
    target,
    region,
    proxyVariables: PROXY_VARIABLES.filter((name) => env[name]),
    ...(await settled(gathered)),
  };
}

async function asked<T>(promise: Promise<T>): Promise<Asked<T>> {
  try {
    return { known: true, value: await promise };
  } catch (error) {
    return { known: false, why: error instanceof Error ? error.message : String(error) };
  }
}

/** Asks further with an answer; what was unknown stays so. */
async function after<T, R>(first: Promise<Asked<T>>, next: (value: T) => Promise<R>): Promise<Asked<R>> {
  const value = await first;
  return value.known ? asked(next(value.value)) : value;
}

async function settled<T extends Record<string, Promise<unknown>>>(
  promises: T,
): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  const entries = await Promise.all(
    Object.entries(promises).map(async ([key, promise]) => [key, await promise] as const),
  );
  return Object.fromEntries(entries) as { [K in keyof T]: Awaited<T[K]> };
}

async function preferencesWithKey(access: AwsAccess): Promise<Preferences | null> {
  const preferences = await sessionPreferences(access);
  if (preferences?.kmsKeyId == null) return preferences;
  return { ...preferences, kmsKeyState: await keyState(access, preferences.kmsKeyId) };
}

function callerPermissions(
  access: AwsAccess,
  { arn, account }: CallerFacts,
  target: string,
  preferences: Asked<Preferences | null>,
): Promise<Permission[]> {
  const { region } = access.target;
  const partition = arn.split(':')[1] ?? 'aws';
  const instance = target.startsWith('mi-')
    ? `arn:${partition}:ssm:${region}:${account}:managed-instance/${target}`
    : `arn:${partition}:ec2:${region}:${account}:instance/${target}`;
  const session = `arn:${partition}:ssm:${region}:${account}:session/${arn.split('/').at(-1)}-0123456789abcdef0`;
  const key = preferences.known ? preferences.value?.kmsKeyId : null;
  return simulate(access, arn, [
    { action: 'ssm:StartSession', resource: instance },
    {
      action: 'ssm:StartSession',
      resource: `arn:${partition}:ssm:${region}:${account}:document/SSM-SessionManagerRunShell`,
    },
    { action: 'ssm:ResumeSession', resource: session },
    { action: 'ssm:TerminateSession', resource: session },
    { action: 'ssmmessages:OpenDataChannel', resource: session },
    ...(key ? [{ action: 'kms:GenerateDataKey', resource: key.startsWith('arn:') ? key : '*' }] : []),
  ]);
}

async function roleFacts(access: AwsAccess, profileArn: string | null): Promise<RoleFacts | null> {
  const arn = profileArn === null ? null : await roleOfProfile(access, profileArn);
  if (arn === null) return null;
  const needed = [
    'ssm:UpdateInstanceInformation',
    'ssmmessages:CreateControlChannel',
    'ssmmessages:OpenControlChannel',
    'ssmmessages:CreateDataChannel',
    'ssmmessages:OpenDataChannel',
  ];
  return {
    arn,
    permissions: await simulate(
      access,
      arn,
      needed.map((action) => ({ action, resource: '*' })),
    ),
  };
}

async function databaseFacts(access: AwsAccess, id: string): Promise<DatabaseFacts> {
  const database = await describeDatabase(access, id);
  // Named and not there is something else than not named.
  if (database === null)
    return { id, status: ABSENT, endpoint: '', port: 0, iamAuth: false, securityGroups: [] };
  const { status, endpoint, port, iamAuth, securityGroupIds } = database;
  return {
    id,
    status,
    endpoint,
    port,
    iamAuth,
    securityGroups: await describeGroups(access, securityGroupIds),
  };
}
