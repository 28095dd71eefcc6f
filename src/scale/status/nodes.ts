/** The orchestrator's servers as its API lists them: only where there is a key for it, and never a reason to fail. */
import { isRocError, type RocError } from '../../kernel/errors.js';
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
    return {
      unknown: isSignedOut(error)
        ? 'not asked, nobody is signed in (roc login, or ROC_TOKEN)'
        : error.message,
    };
  }
}

// A server that answers 401 was asked: the key that was given is expired or revoked, and it says so.
function isSignedOut({ code, details }: RocError): boolean {
  const hasNone = code === 'ROC_UNAUTHENTICATED' || code === 'ROC_CREDENTIALS_MISSING';
  return hasNone && details?.['status'] !== 401;
}
