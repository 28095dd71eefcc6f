/** What a person named on the command line, with project and version made definite. */
import { RocError } from '../kernel/errors.js';
import { parseRobotRef } from '../protocol/names.js';

interface Named {
  readonly project: string;
  /** A robot or, where commands take one, a process. */
  readonly name: string;
  readonly version: string | undefined;
}

/**
 * Reads `[project/]name[@version]`; the project may come from the reference, the flag or the configuration.
 * @throws RocError ROC_USAGE where reference and flag disagree
 */
export function named(text: string, flag: string | undefined, fallback: string): Named {
  const { project, robot, version } = parseRobotRef(text);
  if (project !== undefined && flag !== undefined && project !== flag) {
    throw new RocError('ROC_USAGE', `${text} names project ${project}, --project says ${flag}`, {
      hint: 'Name the project once.',
    });
  }
  return { project: project ?? flag ?? fallback, name: robot, version };
}

/** As {@link named}, for what must name a version. */
export function namedVersion(
  text: string,
  flag: string | undefined,
  fallback: string,
): Named & { readonly version: string } {
  const { version, ...rest } = named(text, flag, fallback);
  if (version === undefined) {
    throw new RocError('ROC_USAGE', `${text} names no version`, {
      hint: `Write ${text}@VERSION; \`roc robots versions ${text}\` lists them.`,
    });
  }
  return { ...rest, version };
}

/** As {@link named}, for a process, which has no version. */
export function namedProcess(text: string, flag: string | undefined, fallback: string): Named {
  const process = named(text, flag, fallback);
  if (process.version !== undefined) {
    throw new RocError('ROC_USAGE', `${text} names a version, a process has none`, {
      hint: 'A process runs the version that is deployed; choose it with `roc deploy ROBOT@VERSION --to ENV`.',
    });
  }
  return process;
}
