/** The orchestrator on instances: a group over both zones that heals, drains and is never scaled in by its own floor. */
import { CfnAutoScalingGroup, CfnLifecycleHook, CfnScalingPolicy } from 'aws-cdk-lib/aws-autoscaling';
import { Fn } from 'aws-cdk-lib/core';
import {
  DRAIN,
  DRAIN_SCRIPT,
  DRAIN_UNIT,
  INSTANCE_ID_COMMANDS,
  LEAVE_SECONDS,
  METADATA,
  METADATA_SCRIPT,
} from './app-scripts.js';
import type { Context } from './context.js';
import { HOST_FILE, IMAGE_SCRIPT, SCRIPTS } from './duty-scripts.js';
import type { Edge } from './edge.js';
import { afterWays, launchedFrom, launchTemplate, pullsImage, SESSION_AGENT, watchedHost } from './host.js';
import { instanceProfile, role } from './iam.js';
import type { LogGroup } from './logs.js';
import {
  imageOf,
  leastServers,
  type OrchestratorNeeds,
  orchestratorEnv,
  orchestratorRights,
} from './orchestrator.js';
import type { Group } from './security-group.js';
import { AGENT_FILE, AGENT_PACKAGES, agentConfig, START_AGENT, serverUnit, userData } from './user-data.js';

export interface AppNeeds extends OrchestratorNeeds {
  readonly edge: Edge;
  readonly group: Group;
  readonly logs: { readonly orchestrator: LogGroup; readonly system: LogGroup };
  readonly topicArn: string;
}

/** Longer than the server takes to end what it has in flight. */
const STOP_SECONDS = 60;

/** Returns the name of the group. */
export function buildAppOnInstances(context: Context, needs: AppNeeds): string {
  const { stack, settings, name } = context;
  const least = leastServers(context);
  const template = launchTemplate(context, 'AppLaunchTemplate', {
    instanceType: settings.app.instanceType,
    profileArn: profile(context, needs),
    group: needs.group,
    diskGb: 20,
    userData: appUserData(context, needs),
  });
  const group = new CfnAutoScalingGroup(stack, 'Servers', {
    autoScalingGroupName: `${name}-app`,
    launchTemplate: launchedFrom(template),
    vpcZoneIdentifier: [...needs.network.privateSubnets],
    availabilityZoneDistribution: { capacityDistributionStrategy: 'balanced-best-effort' },
    // No desired capacity: an update of the stack must not undo what `roc scale` decided.
    // Without an image there is nothing to start: the deployment after the push raises them.
    minSize: String(least),
    maxSize: String(settings.app.max),
    healthCheckType: 'ELB',
    healthCheckGracePeriod: 300,
    defaultInstanceWarmup: 180,
    targetGroupArns: [needs.edge.apiTargets.arn, needs.edge.runnerTargets.arn],
    metricsCollection: [{ granularity: '1Minute' }],
    notificationConfigurations: [
      {
        topicArn: needs.topicArn,
        notificationTypes: [
          'EC2_INSTANCE_LAUNCH',
          'EC2_INSTANCE_LAUNCH_ERROR',
          'EC2_INSTANCE_TERMINATE',
          'EC2_INSTANCE_TERMINATE_ERROR',
        ].map((event) => `autoscaling:${event}`),
      },
    ],
    instanceMaintenancePolicy: { minHealthyPercentage: 100, maxHealthyPercentage: 150 },
    terminationPolicies: ['OldestLaunchTemplate', 'Default'],
    newInstancesProtectedFromScaleIn: false,
    tags: [{ key: 'roc:env', value: settings.env, propagateAtLaunch: true }],
  });
  group.cfnOptions.updatePolicy = {
    autoScalingRollingUpdate: {
      // One less than the most, or there would be no room for a new one.
      minInstancesInService: Math.min(least, settings.app.max - 1),
      maxBatchSize: 1,
      pauseTime: 'PT5M',
      suspendProcesses: ['AlarmNotification', 'ScheduledActions', 'AZRebalance'],
    },
  };
  group.node.addDependency(stack.node.findChild('AppRolePolicy'));
  afterWays(context, group);
  floor(context, group.ref);
  drainHook(context, group.ref);
  return group.ref;
}

/** Adds servers when the processors are busy and takes none away: that is for `roc scale` to decide. */
function floor({ stack }: Context, group: string): void {
  new CfnScalingPolicy(stack, 'BusyFloor', {
    autoScalingGroupName: group,
    policyType: 'TargetTrackingScaling',
    targetTrackingConfiguration: {
      predefinedMetricSpecification: { predefinedMetricType: 'ASGAverageCPUUtilization' },
      targetValue: 80,
      disableScaleIn: true,
    },
  });
}

/** The instance sees that it is to end, stops the container, and ends when the hook's time is up. */
function drainHook({ stack }: Context, group: string): void {
  new CfnLifecycleHook(stack, 'DrainHook', {
    autoScalingGroupName: group,
    lifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    heartbeatTimeout: LEAVE_SECONDS + STOP_SECONDS + 30,
    defaultResult: 'CONTINUE',
  });
}

function profile(context: Context, needs: AppNeeds): string {
  const made = role(context, 'AppRole', {
    service: 'ec2.amazonaws.com',
    about: 'the orchestrator on its instances',
    statements: [
      ...orchestratorRights(needs),
      ...pullsImage(imageOf(context, needs.storage).repositoryArn),
      ...watchedHost([needs.logs.orchestrator.arn, needs.logs.system.arn]),
      SESSION_AGENT,
    ],
  });
  return instanceProfile(context, 'AppProfile', made).arn;
}

function appUserData(context: Context, needs: AppNeeds): string {
  const region = Fn.ref('AWS::Region');
  const image = imageOf(context, needs.storage).uri;
  const env = Object.entries(orchestratorEnv(context, needs)).map(([key, value]) => `${key}=${value}`);
  return userData({
    packages: ['docker', 'jq', ...AGENT_PACKAGES],
    files: {
      '/etc/roc/env': `${env.join('\n')}\n`,
      [HOST_FILE]: `REGION=${region}\nIMAGE=${image}\n`,
      [AGENT_FILE]: agentConfig(context.name, 'app', needs.logs.system.name),
    },
    programs: { [SCRIPTS.image]: IMAGE_SCRIPT, [METADATA_SCRIPT]: METADATA, [DRAIN_SCRIPT]: DRAIN },
    units: [
      {
        name: 'roc.service',
        text: serverUnit({
          ...{ image, region, logGroup: needs.logs.orchestrator.name },
          ...{ stopSeconds: STOP_SECONDS, imageScript: SCRIPTS.image },
        }),
      },
      { name: 'roc-drain.service', text: DRAIN_UNIT },
    ],
    commands: [
      'systemctl enable --now docker',
      ...START_AGENT,
      ...INSTANCE_ID_COMMANDS,
      // Only the first start of all needs it; later ones find the owner there.
      `secret=$(aws secretsmanager get-secret-value --region ${region} --secret-id ${needs.secrets.adminArn} --query SecretString --output text)`,
      'jq -r \'"ROC_ADMIN_EMAIL=" + .email, "ROC_ADMIN_PASSWORD=" + .password\' <<< "$secret" >> /etc/roc/env',
    ],
    enable: ['roc.service', 'roc-drain.service'],
  });
}
