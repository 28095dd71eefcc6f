/** Puts every route of the table on the server: its handler, its shapes, its limits and who may call it. */
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RocError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import { CONTRACTS, type Contract } from '../../protocol/contracts.js';
import { ROUTES, type Route, type RouteId } from '../../protocol/routes.js';
import { URL_CLASS_LIMITS, urlClassOf } from '../../protocol/url-classes.js';
import type { Audit } from '../audit/audit.js';
import type { Caller } from '../auth/caller.js';
import { createSharedTransactions, type SharedTransaction } from '../dispatch/shared-transactions.js';
import type { Store } from '../store/store.js';
import { type Authenticate, readmit } from './access.js';
import type { AuditFacts } from './audit-rules.js';
import { auditedTransact } from './audited.js';
import type { ByteReply, Call, Handlers, SseFrame } from './handler.js';
import { keyedRequest, type RunWork, takesIdempotencyKey, transactOnce } from './idempotency.js';
import { acceptJson } from './json-body.js';
import { requireReach, sightFor } from './reach.js';
import { sendEvents } from './sse.js';

export interface RouteParts {
  readonly authenticate: Authenticate;
  readonly handlers: Handlers;
  readonly store: Store;
  readonly audit: Audit;
  readonly log: Log;
}

interface OpenParts extends RouteParts {
  readonly shared: SharedTransaction;
}

/** The handlers as the registrar sees them: which call goes to which is the table's business, checked by `Handlers`. */
type AnyHandler = (call: OpenCall) => Promise<unknown>;

/** Whose small transactions come in crowds: those of a tenant that come together are one. */
const SHARED: ReadonlySet<RouteId> = new Set(['jobs.start']);

const ROUTE_IDS = Object.keys(ROUTES) as RouteId[];

export async function registerRoutes(app: FastifyInstance, routeParts: RouteParts): Promise<void> {
  const parts = { ...routeParts, shared: createSharedTransactions(routeParts.store) };
  const raw = ROUTE_IDS.filter((id) => contractOf(id).body === 'stream');
  await app.register(async (scope) => {
    acceptJson(scope);
    for (const id of ROUTE_IDS) if (!raw.includes(id)) addRoute(scope, id, parts);
  });
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    const types = ['application/zip', 'application/octet-stream'];
    scope.addContentTypeParser(types, (_request, payload, done) => done(null, payload));
    for (const id of raw) addRoute(scope, id, parts);
  });
}

function addRoute(app: FastifyInstance, id: RouteId, parts: OpenParts): void {
  const route: Route = ROUTES[id];
  const contract = contractOf(id);
  const handler = parts.handlers[id] as unknown as AnyHandler;
  app.route({
    method: route.method,
    url: route.path,
    config: { access: route.access, on: route.on, routeId: id },
    bodyLimit: Math.max(1, contract.bodyBytes ?? classLimits(route).bodyBytes),
    handler: async (request, reply) => {
      const call = callOf(request, id, parts);
      await requireReach(parts.store, route, call);
      const answer = await handler(call);
      if (reply.sent || request.lifetime.gone) return dropAnswer(reply, request, answer);
      reply.code(call.status);
      return sendAnswer(reply, request, contract.reply, answer, call.log);
    },
  });
}

/** The time was over or the client has gone: nobody will read this. */
function dropAnswer(reply: FastifyReply, { lifetime }: FastifyRequest, answer: unknown): FastifyReply {
  for (const undo of lifetime.undo.splice(0)) undo();
  (answer as Partial<ByteReply> | undefined)?.content?.destroy();
  return reply.sent ? reply : reply.hijack();
}

function classLimits({ path }: Route) {
  return URL_CLASS_LIMITS[urlClassOf(path.replace(/:\w+/g, 'x'))];
}

function contractOf(id: RouteId): Contract {
  return CONTRACTS[id];
}

interface OpenCall extends Omit<Call<'me.show'>, 'params' | 'query' | 'body' | 'caller'> {
  params: unknown;
  query: unknown;
  body: unknown;
  caller: Caller | null;
  status: number;
}

function callOf(
  request: FastifyRequest,
  id: RouteId,
  { store, audit, log, authenticate, shared }: OpenParts,
): OpenCall {
  const { lifetime, caller } = request;
  const contract = contractOf(id);
  const route: Route = ROUTES[id];
  const asked = {
    params: contract.params?.parse(request.params),
    query: contract.query?.parse(request.query),
    body: bodyOf(request, contract),
  };
  const header = (name: string) => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const keyed =
    caller !== null && takesIdempotencyKey(route)
      ? keyedRequest(header('idempotency-key'), { tenantId: caller.tenantId, route: id, asked })
      : null;
  const runWork: RunWork | undefined =
    caller !== null && SHARED.has(id) ? (work) => shared(caller.tenantId, work) : undefined;
  const about = { ...asked, caller, address: request.ip, requestId: request.id };
  let told: AuditFacts = {};
  return {
    ...about,
    sight: sightFor(route, caller),
    log,
    signal: lifetime.signal,
    transact: auditedTransact(audit, id, about, () => told, transactOnce(store, keyed, route, runWork)),
    tell: (facts) => {
      told = { ...told, ...facts };
    },
    header,
    status: route.status ?? 200,
    recheck: async () => {
      const now = await readmit(request, authenticate);
      await requireReach(store, route, { ...about, caller: now });
      return now as never;
    },
    setStatus(code) {
      this.status = code;
    },
    addHeldTime: (ms) => {
      lifetime.heldMs += ms;
    },
    onUndelivered: (undo) => {
      lifetime.undo.push(undo);
    },
  };
}

function bodyOf(request: FastifyRequest, contract: Contract): unknown {
  if (contract.body === undefined) return undefined;
  if (contract.body === 'stream') return streamOf(request);
  return contract.body.parse(request.body === undefined ? {} : request.body);
}

function streamOf(request: FastifyRequest): Readable {
  const limit = request.routeOptions.bodyLimit;
  // A body without a length is measured by whoever reads it.
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    throw new RocError('ROC_TOO_LARGE', `the body is larger than ${limit} bytes`, {
      hint: 'Send less at once.',
    });
  }
  if (request.body === undefined) {
    throw new RocError('ROC_USAGE', 'the body is empty', { hint: 'Send the package as application/zip.' });
  }
  return request.body as Readable;
}

function sendAnswer(
  reply: FastifyReply,
  request: FastifyRequest,
  kind: Contract['reply'],
  answer: unknown,
  log: Log,
): unknown {
  if (kind === 'empty') return reply.send();
  const fields = { requestId: request.id };
  if (kind === 'sse') {
    const onFault = (error: unknown) => log.error({ ...fields, err: error }, 'an event stream broke off');
    return sendEvents(reply, answer as AsyncIterable<SseFrame>, request.lifetime.signal, onFault);
  }
  if (kind !== 'stream') return answer;
  const bytes = answer as ByteReply;
  bytes.content.once('error', (error) => log.error({ ...fields, err: error }, 'a package could not be sent'));
  return reply
    .type(bytes.type)
    .headers({ ...lengthOf(bytes), ...bytes.headers })
    .send(bytes.content);
}

function lengthOf({ sizeBytes }: ByteReply): Record<string, string> {
  return sizeBytes === null ? {} : { 'content-length': String(sizeBytes) };
}
