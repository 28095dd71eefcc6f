/** The flags that several provision commands share. */
import { Flags } from '@oclif/core';
import { awsFlags } from './aws-flags.js';

export const provisionFlags = { ...awsFlags };

export const yesFlag = {
  yes: Flags.boolean({ char: 'y', summary: 'answer every question with yes' }),
};

export const acceptFlag = {
  accept: Flags.string({
    summary: 'apply in spite of this finding of high severity; may be given several times',
    helpValue: 'ID[:RESOURCE]',
    multiple: true,
    default: [],
  }),
};

export const onFailureFlag = {
  'on-failure': Flags.option({
    summary: 'what becomes of a deployment that fails: taken back, or kept to be looked at',
    options: ['rollback', 'keep'] as const,
    default: 'rollback' as const,
  })(),
};

export const allowReplaceFlag = {
  'allow-replace': Flags.string({
    summary: 'let this resource that holds data be made anew or removed; may be given several times',
    helpValue: 'LOGICAL_ID',
    multiple: true,
    default: [],
  }),
};
