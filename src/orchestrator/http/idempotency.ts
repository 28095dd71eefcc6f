/** Idempotency-Key: the key is taken in the transaction that does the work, so that both happen once or not at all. */
import { canonicalSha256 } from '../../kernel/canonical-json.js';
import { RocError } from '../../kernel/errors.js';
import { DAY } from '../../kernel/time.js';
import type { Route } from '../../protocol/routes.js';
import { runAlone, type SharedWork } from '../dispatch/shared-transactions.js';
import { findReply, type IdempotencyKey, type KeptReply, KeyTaken, keepReply } from '../store/idempotency.js';
import type { Store, Tx } from '../store/store.js';

/** A key and the request that came with it. */
export interface KeyedRequest extends IdempotencyKey {
  /** SHA-256 of what was asked. */
  readonly requestHash: string;
}

export type Transact = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

/** Runs a transaction: one of its own, or one that is shared. */
export type RunWork = <T>(work: SharedWork<T>) => Promise<T>;

const KEPT_MS = DAY;
const KEYLESS: ReadonlySet<string> = new Set(['public', 'runner', 'job']);

/**
 * Whether a route takes a key. Signing in and the runner's verbs do not: a repeated sign-in is a new session, and
 * each verb of a runner carries its own number (epoch, sequence, result id) that makes it safe to repeat.
 */
export function takesIdempotencyKey(route: Route): boolean {
  return route.method === 'POST' && !KEYLESS.has(route.access);
}

/** Names what is asked, for the comparison with what was asked before. @throws RocError ROC_INVALID_INPUT for a bad key */
export function keyedRequest(
  header: string | undefined,
  { tenantId, route, asked }: { readonly tenantId: string; readonly route: string; readonly asked: unknown },
): KeyedRequest | null {
  if (header === undefined) return null;
  if (!/^[\x21-\x7e]{1,128}$/.test(header)) {
    throw new RocError('ROC_INVALID_INPUT', 'Idempotency-Key is not valid', {
      hint: 'Use 1 to 128 printable ASCII characters without spaces, such as a UUID.',
    });
  }
  return { tenantId, route, key: header, requestHash: canonicalSha256(asked) };
}

/** Transactions of one request: with a key, the first does the work and each later one is answered the same. */
export function transactOnce(
  store: Store,
  request: KeyedRequest | null,
  route: Route,
  runWork: RunWork = (work) => store.transaction((tx) => runAlone(work, tx)),
): Transact {
  if (request === null) return (run) => runWork({ run });
  return async (work) => {
    try {
      return await runWork({
        key: { ...request, status: route.status ?? 200, keepMs: KEPT_MS },
        run: async (tx) => {
          const answer = await work(tx);
          await keepReply(tx, request, keptOf(answer, route));
          return answer;
        },
      });
    } catch (error) {
      if (!(error instanceof KeyTaken)) throw error;
      return (await replay(store, request)) as Awaited<ReturnType<typeof work>>;
    }
  };
}

function keptOf(answer: unknown, route: Route): KeptReply {
  return route.isSecretReply
    ? { resourceId: (answer as { id: string }).id }
    : { body: JSON.stringify(answer ?? null) };
}

async function replay(store: Store, request: KeyedRequest): Promise<unknown> {
  const found = await findReply(store, request);
  if (found === null) {
    throw new RocError('ROC_UNAVAILABLE', 'the first request with this Idempotency-Key came to nothing', {
      hint: 'Send it again.',
      details: { retryAfterSeconds: 1 },
    });
  }
  if (found.requestHash !== request.requestHash) {
    throw new RocError('ROC_CONFLICT', 'this Idempotency-Key was used with another request', {
      hint: 'Use a new key for a new request.',
    });
  }
  if (found.body !== null) return JSON.parse(found.body);
  const id = found.resourceId;
  throw new RocError('ROC_ALREADY_DONE', `this was done already as ${id}; its secret is not kept`, {
    hint: 'If the first answer was lost, make a new one with a new key.',
    details: { id },
  });
}
