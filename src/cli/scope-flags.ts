/** Flags that say where a role is given. */
import { Flags } from '@oclif/core';

export const scopeFlags = {
  project: Flags.string({ summary: 'on this project, not the whole tenant', helpValue: 'PROJECT' }),
  process: Flags.string({ summary: 'on this process alone', helpValue: '[PROJECT/]PROCESS' }),
};
