/** The flags of `roc posture check`. */
import { Flags } from '@oclif/core';
import { awsFlags } from './aws-flags.js';

export const postureFlags = {
  ...awsFlags,
  policy: Flags.string({ summary: 'policy file; the shipped one by default', helpValue: 'FILE' }),
  vpc: Flags.string({
    summary: "VPC to look at; the stack's by default",
    helpValue: 'ID',
    exclusive: ['whole-region'],
  }),
  'whole-region': Flags.boolean({ summary: 'look at every VPC of the region' }),
  bucket: Flags.string({
    summary: "bucket to look at beside the stack's; may be repeated",
    helpValue: 'NAME',
    multiple: true,
  }),
  all: Flags.boolean({ summary: 'list what holds and what does not apply too' }),
  publish: Flags.boolean({ summary: 'send it to the server as evidence' }),
};
