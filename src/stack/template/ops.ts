/** The host that does roc's duties by timers, so that watching, restore tests and triage run without anybody. */
import { CfnInstance } from 'aws-cdk-lib/aws-ec2';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { Fn } from 'aws-cdk-lib/core';
import { type Context, nameTag } from './context.js';
import type { Database } from './database.js';
import { launchedFrom, launchTemplate, pullsImage, SESSION_AGENT, watchedHost } from './host.js';
import { instanceProfile, role, type Statement } from './iam.js';
import type { LogGroup } from './logs.js';
import { dutyRights } from './ops-rights.js';
import { imageOf } from './orchestrator.js';
import type { Secrets } from './secrets.js';
import type { Group } from './security-group.js';
import type { Storage } from './storage.js';
import {
  AGENT_FILE,
  AGENT_PACKAGES,
  agentConfig,
  containerUnit,
  START_AGENT,
  type Unit,
  userData,
} from './user-data.js';

export interface OpsNeeds {
  readonly group: Group;
  readonly subnetId: string;
  readonly logs: { readonly duties: LogGroup; readonly system: LogGroup };
  readonly storage: Storage;
  readonly database: Database;
  readonly secrets: Secrets;
  readonly dataKeyArn: string;
  readonly servers: {
    readonly asgName: string | null;
    readonly ecs: { cluster: string; service: string } | null;
  };
  /** The stack's outputs as the JSON that the other rooms read. */
  readonly outputs: string;
}

type Duty = 'scale-watch' | 'backup-verify' | 'backup-sweep' | 'vulns-report';

/** Each duty's command, and when it runs; null is always. */
const DUTIES: Readonly<Record<Duty, { readonly command: string; readonly when: string | null }>> = {
  'scale-watch': { command: 'scale watch --json', when: null },
  'backup-verify': { command: 'backup verify --json --publish', when: 'Mon *-*-* 07:00:00' },
  'backup-sweep': { command: 'backup sweep --json', when: '*-*-* *:40:00' },
  'vulns-report': {
    command: 'vulns report --live ecr,inspector,guardduty,securityhub --json --publish',
    when: '*-*-* 06:15:00',
  },
};

const STOP_SECONDS = 30;

export function buildOps(context: Context, needs: OpsNeeds): void {
  const { stack, settings, name } = context;
  const parameter = `/roc/${name}/outputs`;
  new CfnParameter(stack, 'OutputsParameter', {
    name: parameter,
    type: 'String',
    tier: 'Advanced',
    description: `${name}: what the duties know of the stack`,
    value: needs.outputs,
  });
  const made = role(context, 'OpsRole', {
    service: 'ec2.amazonaws.com',
    about: 'the host of the duties',
    statements: statements(context, needs, parameter),
  });
  const profile = instanceProfile(context, 'OpsProfile', made);
  const template = launchTemplate(context, 'OpsLaunchTemplate', {
    instanceType: settings.ops.instanceType,
    profileArn: profile.arn,
    group: needs.group,
    diskGb: 20,
    userData: opsUserData(context, needs, parameter),
  });
  const host = new CfnInstance(stack, 'OpsHost', {
    launchTemplate: launchedFrom(template),
    subnetId: needs.subnetId,
    iamInstanceProfile: profile.name,
    monitoring: true,
    propagateTagsToVolumeOnCreation: true,
    tags: [...nameTag(context, 'ops'), { key: 'roc:role', value: 'ops' }],
  });
  // Its first start makes the application's user, so the database is there before it.
  for (const id of ['OutputsParameter', 'Database']) host.node.addDependency(stack.node.findChild(id));
}

function statements(context: Context, needs: OpsNeeds, parameter: string): Statement[] {
  const arn = Fn.sub(`arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter${parameter}`);
  return [
    { actions: ['ssm:GetParameter'], resources: [arn] },
    // The one host that may read the master's password: it makes the application's user.
    {
      actions: ['secretsmanager:GetSecretValue'],
      resources: [needs.database.masterSecretArn, needs.secrets.appUserArn],
    },
    { actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'], resources: [needs.dataKeyArn] },
    ...context.settings.ops.duties.flatMap((duty) => dutyRights(duty, needs)),
    ...pullsImage(imageOf(context, needs.storage).repositoryArn),
    ...watchedHost([needs.logs.duties.arn, needs.logs.system.arn]),
    SESSION_AGENT,
  ];
}

function opsUserData(context: Context, needs: OpsNeeds, parameter: string): string {
  const region = Fn.ref('AWS::Region');
  const { duties } = context.settings.ops;
  const unit = (name: string, about: string, command: string, isOneShot: boolean): Unit => ({
    name: `${name}.service`,
    text: containerUnit({
      name,
      about,
      image: imageOf(context, needs.storage).uri,
      region,
      command,
      logGroup: needs.logs.duties.name,
      stopSeconds: STOP_SECONDS,
      isOneShot,
    }),
  });
  return userData({
    packages: ['docker', ...AGENT_PACKAGES],
    files: {
      '/etc/roc/env': `AWS_REGION=${region}\nNODE_EXTRA_CA_CERTS=/app/rds-ca.pem\n`,
      '/etc/roc/work/roc.yaml': `bastion:\n  document: ${context.name}-session\n`,
      [AGENT_FILE]: agentConfig(context.name, 'ops', needs.logs.system.name),
    },
    units: [
      unit(
        'roc-app-user',
        "roc: the application's user of the database",
        appUserCommand(context, needs),
        true,
      ),
      timerUnit('roc-app-user', 'OnBootSec=30s\nOnUnitInactiveSec=1h'),
      ...duties.flatMap((duty) => [
        unit(`roc-${duty}`, `roc: ${duty}`, DUTIES[duty].command, DUTIES[duty].when !== null),
        ...timer(duty),
      ]),
    ],
    commands: [
      'mkdir -p /etc/roc/work/.roc',
      `aws ssm get-parameter --region ${region} --name ${parameter} --query Parameter.Value --output text > /etc/roc/work/.roc/stack-outputs.json`,
      'chmod -R a+rX /etc/roc/work',
      'systemctl enable --now docker',
      ...START_AGENT,
      // The image may not be pushed yet when the stack is made; the timer tries until it is.
      'systemctl enable --now roc-app-user.timer',
    ],
    enable: duties.map((duty) => `roc-${duty}.${DUTIES[duty].when === null ? 'service' : 'timer'}`),
  });
}

function timer(duty: Duty): Unit[] {
  const { when } = DUTIES[duty];
  return when === null ? [] : [timerUnit(`roc-${duty}`, `OnCalendar=${when}\nPersistent=true`)];
}

function timerUnit(name: string, schedule: string): Unit {
  return {
    name: `${name}.timer`,
    text: `[Unit]\nDescription=${name}\n\n[Timer]\n${schedule}\nRandomizedDelaySec=120\n\n[Install]\nWantedBy=timers.target\n`,
  };
}

function appUserCommand({ settings }: Context, { database, secrets }: OpsNeeds): string {
  return `provision app-user --host ${database.endpoint} --port ${settings.db.port} --master-secret ${database.masterSecretArn} --app-secret ${secrets.appUserArn}`;
}
