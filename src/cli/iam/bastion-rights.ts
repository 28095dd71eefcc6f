/** Rights of `roc bastion`. */
import { ANY, own, type Right } from './right.js';

export const BASTION_LIST: readonly Right[] = [
  { actions: ['ec2:DescribeInstances', 'ssm:DescribeInstanceInformation'], on: ANY },
];

export const BASTION_SESSION: readonly Right[] = [
  {
    actions: ['ssm:StartSession'],
    on: [
      own('ec2', 'instance/*'),
      own('ssm', 'managed-instance/*'),
      own('ssm', 'document/{stack}-session'),
      'arn:aws:ssm:{region}::document/AWS-*',
    ],
  },
  { actions: ['ssm:ResumeSession', 'ssm:TerminateSession'], on: [own('ssm', 'session/*')] },
  { actions: ['ssm:GetDocument'], on: [own('ssm', 'document/*')] },
  { actions: ['kms:GenerateDataKey'], on: [own('kms', 'key/*')] },
  { actions: ['ssm:GetConnectionStatus'], on: ANY },
];

export const BASTION_EXEC: readonly Right[] = [
  { actions: ['ssm:StartSession'], on: ['arn:aws:ssm:{region}::document/AWS-StartNonInteractiveCommand'] },
];

export const BASTION_DATABASE: readonly Right[] = [
  { actions: ['rds:DescribeDBInstances', 'rds:DescribeDBClusters'], on: ANY },
  { actions: ['secretsmanager:GetSecretValue'], on: [own('secretsmanager', 'secret:*')] },
  { actions: ['kms:Decrypt'], on: [own('kms', 'key/*')] },
  { actions: ['rds-db:connect'], on: [own('rds-db', 'dbuser:*/*')] },
];

export const BASTION_DOCTOR: readonly Right[] = [
  {
    actions: [
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeRouteTables',
      'ec2:DescribeNetworkAcls',
      'ec2:DescribeVpcEndpoints',
      'ec2:DescribeVpcs',
      'ec2:DescribeVpcAttribute',
      'ssm:DescribeSessions',
      'ssm:GetConnectionStatus',
      'ssm:GetServiceSetting',
      'cloudtrail:LookupEvents',
    ],
    on: ANY,
  },
  { actions: ['ssm:GetDocument'], on: [own('ssm', 'document/*')] },
  {
    actions: ['iam:GetInstanceProfile', 'iam:SimulatePrincipalPolicy'],
    on: ['arn:aws:iam::{account}:instance-profile/*', 'arn:aws:iam::{account}:role/*'],
  },
  { actions: ['kms:DescribeKey'], on: [own('kms', 'key/*')] },
];
