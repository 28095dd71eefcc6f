/** The orchestrator on Fargate: the same container behind the same perimeter, with no host to look after. */
import { CfnScalableTarget, CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import { CfnCluster, CfnService, CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Fn } from 'aws-cdk-lib/core';
import type { AppNeeds } from './app-ec2.js';
import { type Context, nameTag } from './context.js';
import { APP_PORT } from './edge.js';
import { afterWays, pullsImage, watchedHost } from './host.js';
import { role } from './iam.js';
import { imageOf, leastServers, orchestratorEnv, orchestratorRights } from './orchestrator.js';

export interface EcsApp {
  readonly cluster: string;
  readonly service: string;
}

/** Fargate gives a container at most this long after SIGTERM. */
const STOP_SECONDS = 60;

export function buildAppOnFargate(context: Context, needs: AppNeeds): EcsApp {
  const { stack, name } = context;
  const cluster = new CfnCluster(stack, 'Cluster', {
    clusterName: name,
    clusterSettings: [{ name: 'containerInsights', value: 'enabled' }],
    tags: nameTag(context, 'cluster'),
  });
  const service = new CfnService(stack, 'Service', {
    serviceName: `${name}-app`,
    cluster: cluster.ref,
    taskDefinition: taskDefinition(context, needs),
    launchType: 'FARGATE',
    platformVersion: 'LATEST',
    // Without an image no task would become stable, and the deployment would be taken back.
    ...(leastServers(context) === 0 ? { desiredCount: 0 } : {}),
    // Else no desired count: an update of the stack must not undo what `roc scale` decided.
    healthCheckGracePeriodSeconds: 120,
    enableExecuteCommand: false,
    availabilityZoneRebalancing: 'ENABLED',
    propagateTags: 'SERVICE',
    deploymentConfiguration: {
      minimumHealthyPercent: 100,
      maximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
    },
    networkConfiguration: {
      awsvpcConfiguration: {
        assignPublicIp: 'DISABLED',
        subnets: [...needs.network.privateSubnets],
        securityGroups: [needs.group.id],
      },
    },
    loadBalancers: [needs.edge.apiTargets.arn, needs.edge.runnerTargets.arn].map((targetGroupArn) => ({
      containerName: 'roc',
      containerPort: APP_PORT,
      targetGroupArn,
    })),
    tags: nameTag(context, 'app'),
  });
  // A task without its rights or its ways stops, and three of those roll the deployment back.
  for (const id of ['HttpsListener', 'HeldRequests', 'TaskRolePolicy', 'TaskExecutionRolePolicy'])
    service.node.addDependency(stack.node.findChild(id));
  afterWays(context, service);
  floor(context, cluster.ref, service.attrName);
  return { cluster: cluster.ref, service: service.attrName };
}

function taskDefinition(context: Context, needs: AppNeeds): string {
  const { stack, settings, name } = context;
  const execution = role(context, 'TaskExecutionRole', {
    service: 'ecs-tasks.amazonaws.com',
    about: 'starts the container: image, logs, the first owner',
    statements: [
      ...pullsImage(imageOf(context, needs.storage).repositoryArn),
      {
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [Fn.join('', [needs.logs.orchestrator.arn, ':*'])],
      },
      { actions: ['secretsmanager:GetSecretValue'], resources: [needs.secrets.adminArn] },
      { actions: ['kms:Decrypt'], resources: [needs.dataKeyArn] },
    ],
  });
  const task = role(context, 'TaskRole', {
    service: 'ecs-tasks.amazonaws.com',
    about: 'the orchestrator in its task',
    statements: [...orchestratorRights(needs), ...watchedHost([needs.logs.orchestrator.arn]).slice(0, 1)],
  });
  return new CfnTaskDefinition(stack, 'TaskDefinition', {
    family: `${name}-app`,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: settings.app.cpu,
    memory: String(settings.app.memory),
    runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
    executionRoleArn: execution.arn,
    taskRoleArn: task.arn,
    volumes: [{ name: 'run' }, { name: 'tmp' }],
    containerDefinitions: [
      {
        name: 'roc',
        image: imageOf(context, needs.storage).uri,
        command: ['serve'],
        essential: true,
        readonlyRootFilesystem: true,
        user: '1000',
        privileged: false,
        stopTimeout: STOP_SECONDS,
        portMappings: [{ containerPort: APP_PORT, protocol: 'tcp' }],
        linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
        mountPoints: [
          { sourceVolume: 'run', containerPath: '/run/roc', readOnly: false },
          { sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false },
        ],
        environment: Object.entries(orchestratorEnv(context, needs)).map(([key, value]) => ({
          name: key,
          value,
        })),
        secrets: [
          { name: 'ROC_ADMIN_EMAIL', valueFrom: `${needs.secrets.adminArn}:email::` },
          { name: 'ROC_ADMIN_PASSWORD', valueFrom: `${needs.secrets.adminArn}:password::` },
        ],
        healthCheck: {
          command: ['CMD', 'node', '/app/health.mjs'],
          interval: 10,
          timeout: 5,
          retries: 3,
          startPeriod: 60,
        },
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-region': Fn.ref('AWS::Region'),
            'awslogs-group': needs.logs.orchestrator.name,
            'awslogs-stream-prefix': 'app',
            mode: 'non-blocking',
          },
        },
      },
    ],
    tags: nameTag(context, 'app'),
  }).ref;
}

/** As on instances: busy processors add tasks, and nothing here takes any away. */
function floor(context: Context, cluster: string, service: string): void {
  const { stack } = context;
  const target = new CfnScalableTarget(stack, 'ServiceScaling', {
    serviceNamespace: 'ecs',
    scalableDimension: 'ecs:service:DesiredCount',
    resourceId: Fn.join('/', ['service', cluster, service]),
    minCapacity: leastServers(context),
    maxCapacity: context.settings.app.max,
  });
  new CfnScalingPolicy(stack, 'BusyFloor', {
    policyName: 'busy-floor',
    policyType: 'TargetTrackingScaling',
    scalingTargetId: target.ref,
    targetTrackingScalingPolicyConfiguration: {
      predefinedMetricSpecification: { predefinedMetricType: 'ECSServiceAverageCPUUtilization' },
      targetValue: 80,
      disableScaleIn: true,
      scaleOutCooldown: 60,
    },
  });
}
