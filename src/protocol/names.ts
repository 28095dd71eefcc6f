/** What names look like, and how `project/robot@version` is read. */
import { z } from 'zod';
import { RocError } from '../kernel/errors.js';

/** Robots, projects, environments, pools, processes, runners: lower-case words joined by hyphens, at most 64 characters. */
const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** Semantic Versioning 2.0.0 without build metadata, which would make two names for one precedence. */
const VERSION_PATTERN =
  /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?$/;

export const nameSchema = z
  .string()
  .regex(NAME_PATTERN, 'expected lower-case letters, digits and hyphens, at most 64 characters');
export const versionSchema = z
  .string()
  .max(64)
  .regex(VERSION_PATTERN, 'expected a semantic version such as 1.4.0');

export interface RobotRef {
  readonly project: string | undefined;
  readonly robot: string;
  readonly version: string | undefined;
}

/**
 * Reads `robot`, `robot@1.2.0`, `project/robot` or `project/robot@1.2.0`.
 * @throws RocError ROC_USAGE
 */
export function parseRobotRef(text: string): RobotRef {
  const match = /^(?:([^/@]+)\/)?([^/@]+)(?:@(.+))?$/.exec(text);
  const [, project, robot = '', version] = match ?? [];
  const isValid =
    NAME_PATTERN.test(robot) &&
    (project === undefined || NAME_PATTERN.test(project)) &&
    (version === undefined || VERSION_PATTERN.test(version));
  if (!isValid) {
    throw new RocError('ROC_USAGE', `"${text}" does not name a robot`, {
      hint: 'Write [project/]robot[@version], for example invoices/totals@1.4.0.',
    });
  }
  return { project, robot, version };
}
