/** What all instances have in common: Amazon Linux 2023, IMDSv2 at one hop, an encrypted disk, no public address. */
import type { CfnInstance } from 'aws-cdk-lib/aws-ec2';
import {
  CfnLaunchTemplate,
  CfnRoute,
  CfnSecurityGroupIngress,
  CfnSubnetRouteTableAssociation,
  CfnVPCEndpoint,
} from 'aws-cdk-lib/aws-ec2';
import { type CfnResource, Fn } from 'aws-cdk-lib/core';
import { architectureOf } from '../architecture.js';
import { type Context, nameTag } from './context.js';
import type { Statement } from './iam.js';
import type { Group } from './security-group.js';

export interface HostPlan {
  readonly instanceType: string;
  readonly profileArn: string;
  readonly group: Group;
  readonly userData: string;
  readonly diskGb: number;
  /**
   * Of an instance that is launched by itself: EC2 refuses a subnet beside a template that has an interface (RunInstances).
   * A group of instances picks its own.
   */
  readonly subnetId?: string;
}

export function launchTemplate(context: Context, id: string, plan: HostPlan): CfnLaunchTemplate {
  const suffix = id.replace('LaunchTemplate', '').toLowerCase();
  return new CfnLaunchTemplate(context.stack, id, {
    launchTemplateName: `${context.name}-${suffix}`,
    launchTemplateData: {
      imageId: image(context, architectureOf(plan.instanceType)),
      instanceType: plan.instanceType,
      iamInstanceProfile: { arn: plan.profileArn },
      metadataOptions: {
        httpTokens: 'required',
        httpPutResponseHopLimit: 1,
        httpEndpoint: 'enabled',
        instanceMetadataTags: 'disabled',
      },
      monitoring: { enabled: true },
      blockDeviceMappings: [
        {
          deviceName: '/dev/xvda',
          ebs: { volumeSize: plan.diskGb, volumeType: 'gp3', encrypted: true, deleteOnTermination: true },
        },
      ],
      networkInterfaces: [
        {
          deviceIndex: 0,
          associatePublicIpAddress: false,
          groups: [plan.group.id],
          ...(plan.subnetId === undefined ? {} : { subnetId: plan.subnetId }),
          deleteOnTermination: true,
        },
      ],
      userData: Fn.base64(plan.userData),
      tagSpecifications: ['instance', 'volume'].map((resourceType) => ({
        resourceType,
        tags: [...nameTag(context, suffix), { key: 'roc:env', value: context.settings.env }],
      })),
    },
  });
}

/** Launches an instance from exactly this version of the template. */
export function launchedFrom(template: CfnLaunchTemplate): CfnInstance.LaunchTemplateSpecificationProperty {
  return { launchTemplateId: template.ref, version: template.attrLatestVersionNumber };
}

/**
 * What runs in a private subnet starts after the ways out of it are there, and after its rights: a first start without
 * them ends half-made, and nothing tries it again.
 */
export function afterWays({ stack }: Context, resource: CfnResource): void {
  const ways = [CfnVPCEndpoint, CfnRoute, CfnSubnetRouteTableAssociation];
  for (const child of stack.node.children) {
    const isWay = ways.some((kind) => child instanceof kind);
    const isDoor = child instanceof CfnSecurityGroupIngress && child.node.id.startsWith('EndpointGroup');
    if (isWay || isDoor) resource.node.addDependency(child);
  }
}

/** What the Systems Manager agent asks for; AWS's ready policy also lets it read every parameter. */
export const SESSION_AGENT: Statement = {
  actions: [
    'ssm:UpdateInstanceInformation',
    'ssm:ListInstanceAssociations',
    'ssm:ListAssociations',
    'ssm:UpdateInstanceAssociationStatus',
    'ssmmessages:CreateControlChannel',
    'ssmmessages:CreateDataChannel',
    'ssmmessages:OpenControlChannel',
    'ssmmessages:OpenDataChannel',
  ],
  resources: ['*'],
};

/** Writing measures and the lines of some log groups. */
export function watchedHost(logArns: readonly string[]): Statement[] {
  return [
    {
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      condition: { StringEquals: { 'cloudwatch:namespace': ['roc/hosts', 'roc'] } },
    },
    {
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
      resources: logArns.flatMap((arn) => [arn, Fn.join('', [arn, ':*'])]),
    },
  ];
}

/** Pulling the image. A login token belongs to the whole registry, so that action knows no resource. */
export function pullsImage(repositoryArn: string): Statement[] {
  return [
    { actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
    {
      actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability'],
      resources: [repositoryArn],
    },
  ];
}

/** Where the newest image moves, a plan records the one that it saw. */
function image({ facts }: Context, architecture: 'arm64' | 'x86_64'): string {
  return (
    facts.images?.[architecture] ??
    `{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${architecture}}}`
  );
}
