/** What every request goes through, whatever its route: id, lifetime, log line, latency, and errors as problems. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isRocError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import { SECOND } from '../../kernel/time.js';
import { URL_CLASS_LIMITS, urlClassOf } from '../../protocol/url-classes.js';
import type { HeldCalls } from './held-calls.js';
import { type Lifetime, pathOf, startLifetime } from './lifetime.js';
import type { Metrics } from './metrics.js';
import { PROBLEM_TYPE, problemOf } from './problem.js';

declare module 'fastify' {
  interface FastifyRequest {
    lifetime: Lifetime;
  }
}

const LINGER_MS = 10 * SECOND;

export interface RequestParts {
  readonly held: HeldCalls;
  readonly metrics: Metrics;
  readonly log: Log;
  /** A driver's error as a RocError where the database is away; anything else comes back as it was. */
  readonly translateError: (error: unknown) => unknown;
}

export function followRequests(app: FastifyInstance, parts: RequestParts): void {
  app.decorateRequest('lifetime');
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    // Tokens, inputs and packages are in these answers.
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
    request.lifetime = startLifetime(request, reply, parts.held, (error) => {
      void answerError(parts, error, request, reply);
    });
  });
  app.addHook('preHandler', async (request) => request.lifetime.bodyRead());
  app.addHook('onResponse', async (request, reply) => report(parts, request, reply));
  app.setErrorHandler((error, request, reply) => answerError(parts, error, request, reply));
}

function answerError(
  parts: RequestParts,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const error = parts.translateError(thrown);
  const { problem, unexpected } = problemOf(error, request.id);
  // Also what has a name of its own, such as a damaged package, is for whoever runs the server to see to.
  const isFault = unexpected || (problem.status >= 500 && problem.status !== 503);
  if (isFault) parts.log.error({ requestId: request.id, err: error }, 'a request failed');
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  const retryAfter = retryAfterOf(error, problem.status);
  if (retryAfter !== null) reply.header('retry-after', String(retryAfter));
  if (!request.raw.complete) lingerOver(request, reply);
  return reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}

/**
 * A refused body is still on its way. Closing at once would make the system throw the answer away with it; reading
 * on for ever would be worse.
 */
function lingerOver({ raw }: FastifyRequest, reply: FastifyReply): void {
  // The framework asks for that close where a body is too large.
  reply.removeHeader('connection');
  reply.raw.once('finish', () => {
    const timer = setTimeout(() => raw.destroy(), LINGER_MS).unref();
    raw.once('close', () => clearTimeout(timer));
  });
}

function retryAfterOf(error: unknown, status: number): number | null {
  const told = isRocError(error) ? error.details?.['retryAfterSeconds'] : undefined;
  if (typeof told === 'number') return told;
  return status === 503 ? 5 : null;
}

function report(parts: RequestParts, request: FastifyRequest, reply: FastifyReply): void {
  const path = pathOf(request.url);
  const urlClass = urlClassOf(path);
  // An address that does not decode never got that far.
  const heldMs = (request.lifetime as Lifetime | undefined)?.heldMs ?? 0;
  const ms = Math.max(0, reply.elapsedTime - heldMs);
  if (urlClass !== 'sse') parts.metrics.apiLatency(urlClass, ms);
  const fields = {
    requestId: request.id,
    method: request.method,
    path: path.slice(0, 300),
    status: reply.statusCode,
    ms: Math.round(ms * 10) / 10,
    address: request.ip,
    ...(request.caller === null ? {} : callerFields(request)),
  };
  const isQuiet = URL_CLASS_LIMITS[urlClass].isHeld || !path.startsWith('/api/');
  if (reply.statusCode >= 500 || !isQuiet) parts.log.info(fields, 'request');
  else parts.log.debug(fields, 'request');
}

function callerFields({ caller }: FastifyRequest): Record<string, string> {
  if (caller?.kind === 'runner') return { runner: caller.id };
  if (caller?.kind === 'job') return { runner: caller.runner.id, job: caller.jobId };
  return caller?.kind === 'key' ? { key: caller.keyId } : { user: caller?.userId ?? '' };
}
