/** The flags that several provision commands share. */
import { Flags } from '@oclif/core';
import { awsFlags } from './aws-flags.js';

export const provisionFlags = { ...awsFlags };

export const yesFlag = {
  yes: Flags.boolean({ char: 'y', summary: 'answer every question with yes' }),
};

export const allowReplaceFlag = {
  'allow-replace': Flags.string({
    summary: 'let this resource that holds data be made anew or removed; may be given several times',
    helpValue: 'LOGICAL_ID',
    multiple: true,
    default: [],
  }),
};
