/** Idempotency-Key: the same key with the same request is answered once; with another request it is refused. */
import type { FastifyRequest } from 'fastify';
import { canonicalSha256 } from '../../kernel/canonical-json.js';
import { RocError } from '../../kernel/errors.js';
import { ROUTES, type Route, type RouteId } from '../../protocol/routes.js';
import type { Caller } from '../auth/caller.js';

export interface KeyOfRequest {
  readonly tenantId: string;
  readonly route: string;
  readonly key: string;
}

/** What is known of a key: nothing (it is now ours), another request that runs or ran under it, or its answer. */
export type Reservation =
  | { readonly state: 'reserved' }
  | { readonly state: 'running'; readonly requestHash: string }
  | { readonly state: 'done'; readonly requestHash: string; readonly status: number; readonly body: string };

/** Where keys are kept; a reservation that was never finished lapses by itself. */
export interface KeyRecords {
  reserve(key: KeyOfRequest, requestHash: string): Promise<Reservation>;
  finish(key: KeyOfRequest, status: number, body: string): Promise<void>;
  release(key: KeyOfRequest): Promise<void>;
}

export interface Outcome {
  readonly answer: unknown;
  readonly status: number;
}

export interface Idempotency {
  once(
    route: RouteId,
    request: FastifyRequest,
    call: { caller: Caller | null; params: unknown; query: unknown; body: unknown },
    run: () => Promise<Outcome>,
  ): Promise<Outcome>;
}

/**
 * Whether a route takes a key. Signing in and the runner's verbs do not: a repeated sign-in is a new session, and
 * each verb of a runner carries its own number (epoch, sequence, result id) that makes it safe to repeat.
 */
export function takesIdempotencyKey(route: Route): boolean {
  return route.method === 'POST' && route.access !== 'public' && route.access !== 'runner';
}

export function createIdempotency(records: KeyRecords): Idempotency {
  return {
    once: async (id, request, call, run) => {
      const header = request.headers['idempotency-key'];
      const route: Route = ROUTES[id];
      if (header === undefined || call.caller === null || !takesIdempotencyKey(route)) return run();
      const key = { tenantId: call.caller.tenantId, route: id, key: checkedKey(header) };
      const { params, query, body } = call;
      const requestHash = canonicalSha256({ params, query, body });
      const found = await records.reserve(key, requestHash);
      if (found.state !== 'reserved') return replay(found, requestHash, route);
      return keep(records, key, route, run);
    },
  };
}

async function keep(
  records: KeyRecords,
  key: KeyOfRequest,
  route: Route,
  run: () => Promise<Outcome>,
): Promise<Outcome> {
  const outcome = await run().catch(async (error: unknown) => {
    // Nothing was done, so the key is free again: a corrected request may use it.
    await records.release(key);
    throw error;
  });
  const kept = route.isSecretReply ? { id: (outcome.answer as { id: string }).id } : outcome.answer;
  await records.finish(key, outcome.status, JSON.stringify(kept ?? null));
  return outcome;
}

function replay(
  found: Exclude<Reservation, { state: 'reserved' }>,
  requestHash: string,
  route: Route,
): Outcome {
  if (found.requestHash !== requestHash) {
    throw new RocError('ROC_CONFLICT', 'this Idempotency-Key was used with another request', {
      hint: 'Use a new key for a new request.',
    });
  }
  if (found.state === 'running') {
    throw new RocError('ROC_CONFLICT', 'the first request with this Idempotency-Key is still at work', {
      hint: 'Ask again in a moment.',
    });
  }
  const answer: unknown = JSON.parse(found.body);
  if (!route.isSecretReply) return { answer, status: found.status };
  const { id } = answer as { id: string };
  throw new RocError('ROC_ALREADY_DONE', `this was done already and its secret is not kept: ${id}`, {
    hint: 'Make a new one with a new Idempotency-Key if the first answer was lost.',
    details: { id },
  });
}

function checkedKey(header: string | string[]): string {
  if (typeof header === 'string' && /^[\x21-\x7e]{1,128}$/.test(header)) return header;
  throw new RocError('ROC_INVALID_INPUT', 'Idempotency-Key is not valid', {
    hint: 'Use 1 to 128 printable ASCII characters without spaces, such as a UUID.',
  });
}
