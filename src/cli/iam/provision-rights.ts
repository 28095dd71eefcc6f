/** Rights of `roc provision` itself; what CloudFormation does in the caller's name is in stack-rights.ts. */
import { ANY, own, type Right } from './right.js';

const STACK = [own('cloudformation', 'stack/{stack}/*')];
const BUCKET = 'arn:aws:s3:::roc-templates-{account}-{region}';

/** What a template needs to know of the account. */
export const FACTS: readonly Right[] = [
  {
    actions: [
      'ec2:DescribeAvailabilityZones',
      'ec2:DescribeManagedPrefixLists',
      'acm:ListCertificates',
      'route53:ListHostedZonesByName',
    ],
    on: ANY,
  },
  { actions: ['ecr:DescribeImages'], on: [own('ecr', 'repository/*')] },
  {
    actions: ['ssm:GetParameter'],
    on: ['arn:aws:ssm:{region}::parameter/aws/service/ami-amazon-linux-latest/*'],
  },
];

export const READ_STACK: readonly Right[] = [
  {
    actions: [
      'cloudformation:DescribeStacks',
      'cloudformation:DescribeStackEvents',
      'cloudformation:DescribeChangeSet',
      'cloudformation:ListChangeSets',
      'cloudformation:GetTemplate',
      'cloudformation:ListStackResources',
    ],
    on: STACK,
  },
];

export const TEMPLATE_BUCKET: readonly Right[] = [
  {
    actions: [
      's3:CreateBucket',
      's3:ListBucket',
      's3:PutBucketPolicy',
      's3:PutBucketTagging',
      's3:PutBucketVersioning',
      's3:PutBucketPublicAccessBlock',
      's3:PutEncryptionConfiguration',
      's3:PutLifecycleConfiguration',
    ],
    on: [BUCKET],
  },
  { actions: ['s3:PutObject', 's3:GetObject'], on: [`${BUCKET}/*`] },
];

export const DEPLOY: readonly Right[] = [
  {
    actions: [
      'cloudformation:CreateChangeSet',
      'cloudformation:ExecuteChangeSet',
      'cloudformation:DeleteChangeSet',
      'cloudformation:ListChangeSets',
      'cloudformation:DeleteStack',
      'cloudformation:ContinueUpdateRollback',
      'cloudformation:SetStackPolicy',
      'cloudformation:UpdateTerminationProtection',
    ],
    on: STACK,
  },
  // Looked at before anything is made: room in the quotas, the certificate, names that are taken.
  {
    actions: [
      'servicequotas:GetServiceQuota',
      'ec2:DescribeVpcs',
      'ec2:DescribeAddresses',
      'ec2:DescribeNatGateways',
      'ecr:DescribeRepositories',
      'rds:DescribeDBInstances',
    ],
    on: ANY,
  },
  { actions: ['acm:DescribeCertificate'], on: [own('acm', 'certificate/*')] },
];

/** Taking off, and putting on, what keeps databases and balancers from being deleted. */
export const DISARM: readonly Right[] = [
  {
    actions: ['rds:DescribeDBInstances', 'elasticloadbalancing:DescribeLoadBalancerAttributes'],
    on: ANY,
  },
  { actions: ['rds:ModifyDBInstance'], on: [own('rds', 'db:{stack}-*')] },
  {
    actions: ['elasticloadbalancing:ModifyLoadBalancerAttributes'],
    on: [own('elasticloadbalancing', 'loadbalancer/app/{stack}-*/*')],
  },
];

/** Reading each claim of the stack in the live account. */
export const VERIFY: readonly Right[] = [
  {
    actions: ['cloudformation:DetectStackDrift', 'cloudformation:DescribeStackResourceDrifts'],
    on: STACK,
  },
  {
    actions: [
      'cloudformation:DescribeStackDriftDetectionStatus',
      'autoscaling:DescribeAutoScalingGroups',
      'autoscaling:DescribePolicies',
      'backup:DescribeBackupVault',
      'backup:GetBackupPlan',
      'backup:GetBackupSelection',
      'backup:GetRestoreTestingPlan',
      'cloudwatch:DescribeAlarms',
      'ec2:DescribeFlowLogs',
      'ec2:DescribeInstances',
      'ec2:DescribeLaunchTemplateVersions',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeVpcEndpoints',
      'ecr:DescribeRepositories',
      'ecr:GetLifecyclePolicy',
      'ecr:GetRegistryScanningConfiguration',
      'ecs:DescribeServices',
      'elasticloadbalancing:DescribeListeners',
      'elasticloadbalancing:DescribeLoadBalancerAttributes',
      'elasticloadbalancing:DescribeLoadBalancers',
      'elasticloadbalancing:DescribeTargetGroups',
      'guardduty:GetDetector',
      'guardduty:ListDetectors',
      'kms:DescribeKey',
      'kms:GetKeyRotationStatus',
      'logs:DescribeLogGroups',
      'rds:DescribeDBInstances',
      'rds:DescribeDBParameters',
      's3:GetBucketLogging',
      's3:GetBucketPolicy',
      's3:GetBucketPublicAccessBlock',
      's3:GetBucketVersioning',
      's3:GetEncryptionConfiguration',
      's3:GetLifecycleConfiguration',
      'securityhub:DescribeHub',
      'sns:GetTopicAttributes',
      'wafv2:GetLoggingConfiguration',
      'wafv2:GetWebACL',
      'wafv2:GetWebACLForResource',
    ],
    on: ANY,
  },
];

/** Services that belong to the account: looked for, and made where they are missing. */
export const ACCOUNT_SERVICES: readonly Right[] = [
  {
    actions: [
      'guardduty:ListDetectors',
      'guardduty:CreateDetector',
      'securityhub:DescribeHub',
      'securityhub:EnableSecurityHub',
      'inspector2:BatchGetAccountStatus',
      'inspector2:Enable',
      'config:DescribeConfigurationRecorders',
      'config:PutConfigurationRecorder',
      'config:PutDeliveryChannel',
      'config:StartConfigurationRecorder',
      'cloudtrail:DescribeTrails',
      'cloudtrail:CreateTrail',
      'cloudtrail:StartLogging',
      'ecr:GetRegistryScanningConfiguration',
      'ecr:PutRegistryScanningConfiguration',
    ],
    on: ANY,
  },
  {
    actions: [
      's3:CreateBucket',
      's3:ListBucket',
      's3:PutBucketPolicy',
      's3:PutBucketVersioning',
      's3:PutBucketPublicAccessBlock',
    ],
    on: ['arn:aws:s3:::roc-account-records-{account}-*'],
  },
  {
    actions: ['iam:PassRole'],
    on: ['arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/*'],
  },
  {
    actions: ['backup:DescribeBackupVault', 'backup:CreateBackupVault'],
    on: ['arn:aws:backup:*:{account}:backup-vault:{stack}-copy'],
  },
  {
    actions: ['iam:CreateServiceLinkedRole'],
    on: ['arn:aws:iam::{account}:role/aws-service-role/*'],
    when: {
      StringEquals: {
        'iam:AWSServiceName': [
          'config.amazonaws.com',
          'guardduty.amazonaws.com',
          'securityhub.amazonaws.com',
          'inspector2.amazonaws.com',
          'agentless.inspector2.amazonaws.com',
        ],
      },
    },
  },
];

export const APP_USER: readonly Right[] = [
  { actions: ['secretsmanager:GetSecretValue'], on: [own('secretsmanager', 'secret:*')] },
  { actions: ['kms:Decrypt'], on: [own('kms', 'key/*')] },
];
