/** Which asset a command is about: its project and, where it is for one only, its environment. */
import { Flags } from '@oclif/core';
import { RocError } from '../kernel/errors.js';
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

/**
 * Whom a grant is about: a process, or every one of the project.
 * @throws RocError ROC_USAGE where it is not said
 */
export function granteeOf({
  process,
  all,
}: {
  readonly process?: string | undefined;
  readonly all?: boolean | undefined;
}): { process?: string } {
  if (process !== undefined) return { process };
  if (all === true) return {};
  throw new RocError('ROC_USAGE', 'name a process', {
    hint: 'Write --process NAME, or --all for every one of the project.',
  });
}

/** Who has a secret after a grant was made or taken back. */
export function grantsText({
  project,
  name,
  grants,
}: {
  readonly project: string;
  readonly name: string;
  readonly grants: readonly string[];
}): string {
  return `${project}/${name} is given to: ${grants.join(', ') || 'nobody'}`;
}
