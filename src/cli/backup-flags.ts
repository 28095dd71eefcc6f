/** What the backup commands have in common. */
import { Args, Flags } from '@oclif/core';
import { awsFlags } from './aws-flags.js';

export const assetArg = Args.string({
  name: 'ASSET',
  description: 'asset of the policy; may be left out where the policy has one of its type',
});

export const backupFlags = {
  ...awsFlags,
  policy: Flags.string({ summary: 'policy file; backup.policy of roc.yaml by default', helpValue: 'FILE' }),
};

export const pointFlag = Flags.string({
  summary: 'restore point: latest, random, the id or ARN of one, pitr:latest or pitr:TIME',
  default: 'latest',
  helpValue: 'POINT',
});
