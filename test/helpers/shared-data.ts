/** Real files of other tools, kept beside the project and never in it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project.js';

/** The folder of ROC_SHARED_DATA, else the one beside the repository; null where neither is there. */
export function sharedData(): string | null {
  const folder = process.env['ROC_SHARED_DATA'] || join(projectRoot, '..', 'shared', 'data');
  return existsSync(join(folder, 'findings')) ? folder : null;
}

/** Real series of metrics, CSV; null where they are not there. */
export function sharedMetrics(): string | null {
  const folder = join(process.env['ROC_SHARED_DATA'] || join(projectRoot, '..', 'shared', 'data'), 'metrics');
  return existsSync(folder) ? folder : null;
}
