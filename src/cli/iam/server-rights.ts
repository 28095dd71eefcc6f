/** Rights of the server and of `roc vulns`. */
import { ANY, own, type Right } from './right.js';

/** Where robots lie in S3 and secrets in Secrets Manager; narrow them to the stack's own. */
export const SERVER: readonly Right[] = [
  {
    actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
    on: ['arn:aws:s3:::{stack}-*/robots/*'],
  },
  { actions: ['s3:ListBucket'], on: ['arn:aws:s3:::{stack}-*'] },
  {
    // The second for `roc signing-keys rotate`, where the signing keys lie in a secret.
    actions: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
    on: [own('secretsmanager', 'secret:*')],
  },
  {
    actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'],
    on: [own('kms', 'key/*')],
  },
  {
    // Where a KMS key signs tokens and audit checkpoints; the second for `roc signing-keys rotate --in-kms`.
    actions: ['kms:Sign', 'kms:GetPublicKey'],
    on: [own('kms', 'key/*')],
  },
];

export const VULNS: readonly Right[] = [
  {
    actions: [
      'ecr:DescribeRepositories',
      'ecr:DescribeImages',
      'ecr:DescribeImageScanFindings',
      'inspector2:BatchGetAccountStatus',
      'inspector2:BatchGetFindingDetails',
      'inspector2:ListCoverage',
      'inspector2:ListFindings',
      'inspector2:ListMembers',
      'guardduty:GetDetector',
      'guardduty:GetFindings',
      'guardduty:ListDetectors',
      'guardduty:ListFindings',
      'guardduty:ListMembers',
      'securityhub:DescribeSecurityHubV2',
      'securityhub:GetFindings',
      'securityhub:ListMembers',
    ],
    on: ANY,
  },
];
