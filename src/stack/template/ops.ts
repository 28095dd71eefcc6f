/** The host that does roc's duties by timers, so that watching, restore tests and triage run without anybody. */
import { CfnInstance } from 'aws-cdk-lib/aws-ec2';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { Fn } from 'aws-cdk-lib/core';
import { type Context, nameTag } from './context.js';
import type { Database } from './database.js';
import {
  DUTY_SCRIPT,
  ENDED_SCRIPT,
  HOST_FILE,
  IMAGE_SCRIPT,
  SCRIPTS,
  SETTINGS_SCRIPT,
} from './duty-scripts.js';
import { buildDutySettings, settingsPath } from './duty-settings.js';
import { dutyUnits, startedUnits } from './duty-units.js';
import type { Edge } from './edge.js';
import { afterWays, launchedFrom, launchTemplate, pullsImage, SESSION_AGENT, watchedHost } from './host.js';
import { addPolicy, instanceProfile, role, type Statement } from './iam.js';
import type { LogGroup } from './logs.js';
import { dutyRights } from './ops-rights.js';
import { imageOf } from './orchestrator.js';
import type { Secrets } from './secrets.js';
import type { Group } from './security-group.js';
import type { Storage } from './storage.js';
import { AGENT_FILE, AGENT_PACKAGES, agentConfig, START_AGENT, userData } from './user-data.js';

export interface OpsNeeds {
  readonly group: Group;
  readonly subnetId: string;
  readonly logs: { readonly duties: LogGroup; readonly system: LogGroup };
  readonly storage: Storage;
  readonly database: Database;
  readonly secrets: Secrets;
  readonly url: string;
  readonly edge: Pick<Edge, 'balancerName' | 'apiTargets' | 'runnerTargets'>;
  readonly dataKeyArn: string;
  readonly evidenceKeyArn: string;
  readonly servers: {
    readonly asgName: string | null;
    readonly ecs: { cluster: string; service: string } | null;
  };
  /** The stack's outputs as the JSON that the other rooms read. */
  readonly outputs: string;
}

export function buildOps(context: Context, needs: OpsNeeds): void {
  const { stack, settings, name } = context;
  new CfnParameter(stack, 'OutputsParameter', {
    name: outputsPath(context),
    type: 'String',
    tier: 'Advanced',
    description: `${name}: what the duties know of the stack`,
    value: needs.outputs,
  });
  const told = buildDutySettings(context, needs);
  const made = role(context, 'OpsRole', {
    service: 'ec2.amazonaws.com',
    about: 'the host of the duties',
    statements: statements(context, needs),
  });
  const policies = settings.ops.duties.map((duty) =>
    addPolicy(context, made, {
      id: `Ops${pascal(duty)}Policy`,
      about: duty,
      statements: dutyRights(duty, context, needs),
    }),
  );
  const profile = instanceProfile(context, 'OpsProfile', made);
  const template = launchTemplate(context, 'OpsLaunchTemplate', {
    instanceType: settings.ops.instanceType,
    profileArn: profile.arn,
    group: needs.group,
    subnetId: needs.subnetId,
    diskGb: 20,
    userData: opsUserData(context, needs),
  });
  const host = new CfnInstance(stack, 'OpsHost', {
    launchTemplate: launchedFrom(template),
    iamInstanceProfile: profile.name,
    monitoring: true,
    propagateTagsToVolumeOnCreation: true,
    tags: [...nameTag(context, 'ops'), { key: 'roc:role', value: 'ops' }],
  });
  // Its first start makes the application's user, so the database is there before it.
  for (const id of ['OutputsParameter', 'Database', 'OpsRolePolicy', ...policies, ...told])
    host.node.addDependency(stack.node.findChild(id));
  afterWays(context, host);
}

function outputsPath({ name }: Context): string {
  return `/roc/${name}/outputs`;
}

/** What the host does around the duties: fetches what they are told, keeps what they remember, makes the application's user. */
function statements(context: Context, needs: OpsNeeds): Statement[] {
  const parameter = (path: string) =>
    Fn.sub(`arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter${path}`);
  const { robots } = needs.storage;
  return [
    { actions: ['ssm:GetParameter'], resources: [parameter(outputsPath(context))] },
    {
      actions: ['ssm:GetParametersByPath'],
      resources: [parameter(settingsPath(context)), parameter(`${settingsPath(context)}/*`)],
    },
    // The one host that may read the master's password: it makes the application's user.
    {
      actions: ['secretsmanager:GetSecretValue'],
      resources: [needs.database.masterSecretArn, needs.secrets.appUserArn, needs.secrets.opsKeyArn],
    },
    { actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'], resources: [needs.dataKeyArn] },
    {
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      resources: [Fn.join('', [robots.arn, '/duties/*'])],
    },
    { actions: ['s3:ListBucket'], resources: [robots.arn] },
    // Where the balancer is: AWS knows no resource for it.
    { actions: ['ec2:DescribeNetworkInterfaces'], resources: ['*'] },
    ...pullsImage(imageOf(context, needs.storage).repositoryArn),
    ...watchedHost([needs.logs.duties.arn, needs.logs.system.arn]),
    SESSION_AGENT,
  ];
}

function opsUserData(context: Context, needs: OpsNeeds): string {
  const region = Fn.ref('AWS::Region');
  const { duties } = context.settings.ops;
  return userData({
    packages: ['docker', 'jq', ...AGENT_PACKAGES],
    files: {
      [HOST_FILE]: lines(hostVariables(context, needs), '"'),
      '/etc/roc/env': lines({
        AWS_REGION: region,
        NODE_EXTRA_CA_CERTS: '/app/rds-ca.pem',
        ROC_URL: needs.url,
      }),
      [AGENT_FILE]: agentConfig(context.name, 'ops', needs.logs.system.name),
    },
    programs: {
      [SCRIPTS.image]: IMAGE_SCRIPT,
      [SCRIPTS.settings]: SETTINGS_SCRIPT,
      [SCRIPTS.duty]: DUTY_SCRIPT,
      [SCRIPTS.ended]: ENDED_SCRIPT,
    },
    units: dutyUnits(duties),
    commands: [
      'install -d -o 1000 -g 1000 -m 0700 /var/lib/roc',
      // What the host before this one remembered.
      `. ${HOST_FILE}`,
      'aws s3 sync --region "$REGION" --only-show-errors "$STATE/state" /var/lib/roc',
      'chown -R 1000:1000 /var/lib/roc',
      'systemctl enable --now docker',
      ...START_AGENT,
    ],
    enable: startedUnits(duties),
  });
}

/** None of the values holds a quote or a dollar. */
function hostVariables(context: Context, needs: OpsNeeds): Record<string, string> {
  const { database, secrets, storage } = needs;
  const { db, egress } = context.settings;
  return {
    REGION: Fn.ref('AWS::Region'),
    NAME: context.name,
    IMAGE: imageOf(context, storage).uri,
    LOG_GROUP: needs.logs.duties.name,
    SETTINGS: settingsPath(context),
    OUTPUTS: outputsPath(context),
    KEY_SECRET: secrets.opsKeyArn,
    STATE: Fn.join('', ['s3://', storage.robots.name, '/duties']),
    URL: needs.url,
    BALANCER: needs.edge.balancerName,
    FEEDS: egress.needs.includes('feeds') ? 'kev,epss' : '',
    APP_USER: `--host ${database.endpoint} --port ${db.port} --master-secret ${database.masterSecretArn} --app-secret ${secrets.appUserArn}`,
  };
}

function lines(values: Readonly<Record<string, string>>, quote = ''): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${quote}${value}${quote}\n`)
    .join('');
}

function pascal(duty: string): string {
  return duty
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
