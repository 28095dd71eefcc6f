/** What the session commands have in common. */
import { Args, Flags } from '@oclif/core';
import { awsFlags } from './aws-flags.js';

export const targetArg = Args.string({
  name: 'TARGET',
  description:
    'instance id, Name tag, private address or DNS name, or tags as Key=Value,…; the bastion of the stack by default',
});

export const sessionFlags = {
  ...awsFlags,
  reason: Flags.string({ summary: 'why, for the session history and CloudTrail', helpValue: 'TEXT' }),
};

export const tunnelFlags = {
  ...sessionFlags,
  parallel: Flags.integer({
    summary: 'sessions at a time; speeds up many connections, never a single one',
    min: 1,
    max: 16,
    helpValue: 'N',
  }),
  'max-rate': Flags.integer({
    summary: 'bytes a second towards the instance',
    min: 1024,
    helpValue: 'BYTES',
  }),
};
