/** Which asset a command is about: its project and, where it is for one only, its environment. */
import { Flags } from '@oclif/core';
import { projectFlag } from './client-flags.js';

export const assetFlags = {
  ...projectFlag,
  in: Flags.string({
    summary: 'the one that only jobs of this environment get; without it, the one for all others',
    helpValue: 'ENV',
  }),
};

export const granteeFlags = {
  ...assetFlags,
  process: Flags.string({ summary: 'whose jobs', helpValue: 'PROCESS', exclusive: ['all'] }),
  all: Flags.boolean({ summary: 'the jobs of every process of the project' }),
};

/** The query of a route about one asset. */
export function assetQuery(
  flags: { readonly project?: string | undefined; readonly in?: string | undefined },
  usual: string,
): { project: string; environment?: string } {
  const { project = usual, in: environment } = flags;
  return { project, ...(environment === undefined ? {} : { environment }) };
}
