/** The server as an object: routes, guards and error answers put together; it never listens. */
import type { Socket } from 'node:net';
import helmet from '@fastify/helmet';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { HOUR } from '../kernel/time.js';
import { URL_CLASS_LIMITS } from '../protocol/url-classes.js';
import type { Refusals } from './audit/refusals.js';
import type { Quotas } from './auth/quotas.js';
import type { RunnerQuotas } from './auth/runner-quotas.js';
import { type Authenticate, guardRoutes } from './http/access.js';
import { admitBy } from './http/admit.js';
import { type BrowserParts, registerBrowserRoutes } from './http/browser-routes.js';
import { PROBLEM_TYPE, problemOf } from './http/problem.js';
import { tellRefusals } from './http/refusals.js';
import { type RouteParts, registerRoutes } from './http/register-routes.js';
import { requestIdOf } from './http/request-id.js';
import { followRequests, type RequestParts } from './http/requests.js';
import { registerSystemRoutes, type SystemParts } from './http/system-routes.js';
import { answerUnknownRoutes } from './http/unknown-routes.js';

export interface AppParts extends SystemParts, RequestParts, RouteParts, BrowserParts {
  readonly authenticate: Authenticate;
  readonly refusals: Refusals;
  readonly quotas: Quotas;
  readonly runnerQuotas: RunnerQuotas;
  /** Proxies (addresses or networks) whose X-Forwarded-For is believed; none by default. */
  readonly trustedProxies: readonly string[];
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
}

/** Load balancers reuse a connection for 60 s: the server must not be the first to close it. */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_WITHIN_MS = 80_000;
/** The largest upload over a slow line; each URL class has a narrower limit of its own. */
const WHOLE_REQUEST_WITHIN_MS = 2 * HOUR;
const MAX_HEADER_BYTES = 16 * 1024;

/** Nothing but own files: no inline script or style, no frames, no plugins. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  objectSrc: ["'none'"],
};

/** @throws TypeError when a route does not declare who may call it */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const app = createServer(parts);
  app.server.headersTimeout = HEADERS_WITHIN_MS;
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
    hsts: parts.tls === null ? false : { maxAge: 31_536_000, includeSubDomains: false },
    xPoweredBy: true,
  });
  followRequests(app, parts);
  tellRefusals(app, parts.refusals);
  guardRoutes(app, parts.authenticate, admitBy(parts.quotas, parts.runnerQuotas));
  registerSystemRoutes(app, parts);
  await registerBrowserRoutes(app, parts);
  await registerRoutes(app, parts);
  answerUnknownRoutes(app);
  return app;
}

function createServer(parts: AppParts): FastifyInstance {
  const options = {
    genReqId: (request: { headers: NodeJS.Dict<string | string[]> }) =>
      requestIdOf(request.headers['x-request-id']),
    trustProxy: parts.trustedProxies.length === 0 ? false : [...parts.trustedProxies],
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: WHOLE_REQUEST_WITHIN_MS,
    bodyLimit: URL_CLASS_LIMITS.api.bodyBytes,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle' as const,
    // While it stops, what still comes on open connections is answered; each answer closes its connection.
    return503OnClosing: false,
    logger: false,
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: answerBadAddress,
  };
  const app =
    parts.tls === null
      ? Fastify({ ...options, http: { maxHeaderSize: MAX_HEADER_BYTES } })
      : Fastify({
          ...options,
          https: { ...parts.tls, minVersion: 'TLSv1.2' as const, maxHeaderSize: MAX_HEADER_BYTES },
        });
  return app as unknown as FastifyInstance;
}

/** An address that does not decode reaches no route and no hook. */
function answerBadAddress(error: Error, { id }: FastifyRequest, reply: FastifyReply): void {
  const { problem } = problemOf(error, id);
  void reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}

/** What is not HTTP, or has headers beyond measure, has no request to answer: a few lines on the socket. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = BROKEN_REQUESTS[error.code ?? ''] ?? '400 Bad Request';
  const statusCode = Number(status.slice(0, 3));
  const body = JSON.stringify(problemOf({ statusCode }, requestIdOf(undefined)).problem);
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

const BROKEN_REQUESTS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};
