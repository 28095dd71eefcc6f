/** How long a call lives: until its answer is written, its time is over, its client has gone, or the server stops. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RocError } from '../../kernel/errors.js';
import { SECOND } from '../../kernel/time.js';
import { URL_CLASS_LIMITS, urlClassOf } from '../../protocol/url-classes.js';
import type { HeldCalls } from './held-calls.js';

export interface Lifetime {
  readonly signal: AbortSignal;
  /** Milliseconds held on purpose. */
  heldMs: number;
  /** Runs once if the answer does not reach the client whole. */
  readonly undo: (() => void)[];
  /** True once the client is known to be gone before its answer was written. */
  gone: boolean;
  /** The body has been read whole, or is about to be read as a stream. */
  bodyRead(): void;
}

/** A body that trickles in may not hold a connection longer, also where the answer may take its time. */
const BODY_WITHIN_MS = 30 * SECOND;
/** A transfer in which no byte moves for this long is given up. */
const STALLED_AFTER_MS = 60 * SECOND;

/**
 * Starts the life of one request. One that is not answered within the limit of its URL class, counted from its
 * headers, gets what `expire` writes.
 */
export function startLifetime(
  request: FastifyRequest,
  reply: FastifyReply,
  held: HeldCalls,
  expire: (error: RocError) => void,
): Lifetime {
  const limits = URL_CLASS_LIMITS[urlClassOf(pathOf(request.url))];
  const controller = new AbortController();
  const limitMs = limits.requestTimeoutMs || BODY_WITHIN_MS;
  const timer = setTimeout(() => {
    const error = tooSlow(limitMs);
    controller.abort(error);
    if (!reply.sent) expire(error);
  }, limitMs).unref();
  if (limits.requestTimeoutMs === 0) reply.raw.setTimeout(STALLED_AFTER_MS, () => request.raw.destroy());
  if (limits.isHeld) held.add(controller);
  const lifetime: Lifetime = {
    signal: controller.signal,
    heldMs: 0,
    undo: [],
    gone: false,
    bodyRead: () => {
      if (limits.requestTimeoutMs === 0) clearTimeout(timer);
    },
  };
  let isWritten = false;
  reply.raw.once('finish', () => {
    isWritten = true;
  });
  // Not request 'close': that one also comes when a body has merely been read.
  reply.raw.once('close', () => {
    clearTimeout(timer);
    held.delete(controller);
    if (isWritten) return;
    lifetime.gone = true;
    controller.abort();
    for (const undo of lifetime.undo.splice(0)) undo();
  });
  return lifetime;
}

export function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

function tooSlow(limitMs: number): RocError {
  return new RocError('ROC_TIMEOUT', `the request was not done within ${limitMs / SECOND} s`, {
    hint: 'Try again; send less at once if it stays.',
  });
}
