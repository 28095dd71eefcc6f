/** Flags that several client commands share. */
import { Flags } from '@oclif/core';

export const projectFlag = {
  project: Flags.string({
    summary: 'project; client.project of roc.yaml, else "default"',
    helpValue: 'PROJECT',
  }),
};

export const limitFlag = {
  limit: Flags.integer({
    summary: 'show at most so many',
    helpValue: 'N',
    default: 100,
    min: 1,
    max: 100_000,
  }),
};
