/** The bastion: no inbound rule, no SSH, no public address; sessions of Systems Manager that are logged and end when idle. */
import { CfnInstance } from 'aws-cdk-lib/aws-ec2';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Fn } from 'aws-cdk-lib/core';
import { type Context, nameTag } from './context.js';
import { afterWays, launchedFrom, launchTemplate, SESSION_AGENT, watchedHost } from './host.js';
import { instanceProfile, role } from './iam.js';
import type { LogGroup } from './logs.js';
import type { Group } from './security-group.js';
import { AGENT_FILE, AGENT_PACKAGES, agentConfig, START_AGENT, userData } from './user-data.js';

export interface BastionNeeds {
  readonly group: Group;
  readonly subnetId: string;
  readonly logs: { readonly sessions: LogGroup; readonly system: LogGroup };
  readonly dataKeyArn: string;
}

/** Returns the instance's id. */
export function buildBastion(context: Context, needs: BastionNeeds): string {
  const { stack, settings } = context;
  sessionDocument(context, needs);
  const made = role(context, 'BastionRole', {
    service: 'ec2.amazonaws.com',
    about: 'the bastion',
    statements: [
      SESSION_AGENT,
      ...watchedHost([needs.logs.system.arn, needs.logs.sessions.arn]),
      { actions: ['logs:DescribeLogGroups'], resources: ['*'] },
      { actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [needs.dataKeyArn] },
    ],
  });
  const profile = instanceProfile(context, 'BastionProfile', made);
  const template = launchTemplate(context, 'BastionLaunchTemplate', {
    instanceType: settings.bastion.instanceType,
    profileArn: profile.arn,
    group: needs.group,
    subnetId: needs.subnetId,
    diskGb: 8,
    userData: userData({
      packages: AGENT_PACKAGES,
      files: {
        [AGENT_FILE]: agentConfig(context.name, 'bastion', needs.logs.system.name),
      },
      units: [],
      // Nobody comes in by SSH: the server for it goes.
      commands: ['systemctl disable --now sshd.socket sshd.service || true', ...START_AGENT],
      enable: [],
    }),
  });
  const host = new CfnInstance(stack, 'Bastion', {
    launchTemplate: launchedFrom(template),
    iamInstanceProfile: profile.name,
    monitoring: true,
    propagateTagsToVolumeOnCreation: true,
    tags: [...nameTag(context, 'bastion'), { key: 'roc:role', value: 'bastion' }],
  });
  host.node.addDependency(stack.node.findChild('BastionRolePolicy'));
  afterWays(context, host);
  return host.ref;
}

/** The account's own preferences stay as they are: sessions ask for this document by its name. */
function sessionDocument(context: Context, { logs, dataKeyArn }: BastionNeeds): void {
  new CfnDocument(context.stack, 'SessionDocument', {
    name: `${context.name}-session`,
    documentType: 'Session',
    documentFormat: 'JSON',
    updateMethod: 'NewVersion',
    content: {
      schemaVersion: '1.0',
      description: `${context.name}: logged, encrypted, ended when idle`,
      sessionType: 'Standard_Stream',
      inputs: {
        kmsKeyId: dataKeyArn,
        cloudWatchLogGroupName: logs.sessions.name,
        cloudWatchEncryptionEnabled: true,
        cloudWatchStreamingEnabled: true,
        s3BucketName: '',
        s3KeyPrefix: '',
        s3EncryptionEnabled: true,
        idleSessionTimeout: String(context.settings.bastion.idleMinutes),
        maxSessionDuration: '480',
        runAsEnabled: false,
        shellProfile: { linux: 'exec bash', windows: '' },
      },
    },
    tags: [{ key: 'roc:stack', value: Fn.ref('AWS::StackName') }],
  });
}
