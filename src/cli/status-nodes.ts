/** The nodes of a server for `roc status`: only where this shell has a key for it, and never a reason to fail. */
import { type Config, readSection } from '../kernel/config.js';
import { isRocError } from '../kernel/errors.js';
import type { Known } from '../kernel/known.js';
import { openApi } from './api.js';
import { clientSectionSchema } from './client-section.js';
import { readList } from './pages.js';

interface Node {
  readonly id: string;
  readonly instanceId: string | null;
  readonly version: string;
  readonly state: 'online' | 'draining' | 'gone';
  readonly busy: number;
  readonly lastSeenAt: number;
}

export interface NodesRequest {
  readonly url: string;
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
}

const MOST = 500;

/** `unknown` says why there are none: not signed in, not allowed, no answer. */
export async function statusNodes({ url, env, ...rest }: NodesRequest): Promise<Known<readonly Node[]>> {
  try {
    const api = await openApi({ ...rest, env: { ...env, ROC_URL: url } });
    const { items } = await readList(api, 'nodes.list', { query: {}, limit: MOST });
    return {
      value: items.map(({ id, instanceId, version, state, load, lastSeenAt }) => ({
        ...{ id, instanceId, version, state, busy: load.busy },
        lastSeenAt: Date.parse(lastSeenAt),
      })),
    };
  } catch (error) {
    if (!isRocError(error)) throw error;
    const isSignedOut = error.code === 'ROC_UNAUTHENTICATED' || error.code === 'ROC_CREDENTIALS_MISSING';
    return {
      unknown: isSignedOut ? 'not asked, nobody is signed in (roc login, or ROC_TOKEN)' : error.message,
    };
  }
}

/** The server that roc.yaml names for client commands; null where it names none. */
export function configuredServerUrl(config: Config): string | null {
  return readSection(config, 'client', clientSectionSchema).url ?? null;
}
