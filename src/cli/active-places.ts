/** In which environments a version is the one that runs. */
import { isRocError } from '../kernel/errors.js';
import type { Client } from '../protocol/client.js';
import { readList } from './pages.js';

const MOST_DEPLOYMENTS = 2000;

/** Empty, too, for somebody who may not see deployments. */
export async function activePlaces(
  api: Client,
  { project, robot, version }: { readonly project: string; readonly robot: string; readonly version: string },
): Promise<readonly string[]> {
  try {
    const { items } = await readList(api, 'deployments.list', {
      query: { project, robot },
      limit: MOST_DEPLOYMENTS,
    });
    return items.filter((one) => one.active && one.version === version).map(({ environment }) => environment);
  } catch (error) {
    if (isRocError(error) && error.code === 'ROC_FORBIDDEN') return [];
    throw error;
  }
}
