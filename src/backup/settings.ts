/** The room's section of roc.yaml. */
import { z } from 'zod';
import { duration } from './duration.js';

/** The `backup` section of roc.yaml. */
export const backupConfigSchema = z.strictObject({
  policy: z.string().min(1).optional().describe('policy file; the shipped one by default'),
  dir: z.string().min(1).default('.roc/backup').describe('journals, manifests and evidence'),
  bucket: z.string().min(1).optional().describe('S3 bucket for locks, journals and evidence'),
  prefix: z.string().default('roc-backup').describe('prefix of their keys'),
  sign: z
    .string()
    .regex(/^(local|aws-kms):.+/, 'expected local:FILE or aws-kms:KEY_ARN')
    .optional()
    .describe('key that signs evidence; a local one in `dir` by default'),
  ca: z.string().min(1).optional().describe('PEM file of the authorities of RDS'),
  via: z
    .enum(['ssm-tunnel', 'direct'])
    .optional()
    .describe('how this host reaches databases, whatever the policy says'),
  poll: duration.prefault('15s').describe('first wait between two looks at a copy; grows to four times'),
  owner: z.string().max(128).optional().describe('value of the tag roc:owner; the caller by default'),
});

export type BackupConfig = z.output<typeof backupConfigSchema>;
