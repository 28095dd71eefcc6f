/** The orchestrator's servers as its API lists them: only where there is a key for it, and never a reason to fail. */
import { isRocError } from '../../kernel/errors.js';
import type { Known } from '../../kernel/known.js';
import type { Client } from '../../protocol/client.js';
import { listNodes } from '../group/nodes.js';
import type { NodeFacts } from './facts.js';

/**
 * @param open fails where nobody is signed in
 * @returns `unknown` says why there are none: not signed in, not allowed, no answer
 */
export async function readNodes(open: () => Promise<Client>): Promise<Known<readonly NodeFacts[]>> {
  try {
    const nodes = await listNodes(await open());
    return {
      value: nodes.map(({ id, instanceId, version, state, load, lastSeenAt }) => ({
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
