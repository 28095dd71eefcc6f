/**
 * A FAKE of roc's HTTP API for tests of its clients: the real routes over real HTTP, with answers that the test
 * gives. Requests and replies go through the same contracts as the server's, so that it cannot drift from them.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../src/kernel/errors.js';
import { CONTRACTS, type Contract, type ReplyOf } from '../../src/protocol/contracts.js';
import { ROUTES, type Route, type RouteId } from '../../src/protocol/routes.js';
import { problemSchema } from '../../src/protocol/schemas.js';

export interface FakeRequest {
  readonly route: RouteId;
  readonly params: Record<string, string>;
  readonly query: Record<string, unknown>;
  /** Parsed JSON, or the raw bytes of an upload. */
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
}

/** What a JSON route replies, a stream's bytes, or a function that writes the response itself. */
type Reply<K extends RouteId> = ReplyOf<K> extends undefined ? RawReply | undefined : ReplyOf<K> | RawReply;
type RawReply = Buffer | ((response: ServerResponse, request: IncomingMessage) => void | Promise<void>);
type Handler<K extends RouteId> = (request: FakeRequest) => Reply<K> | Promise<Reply<K>>;
export type FakeRoutes = { [K in RouteId]?: Handler<K> };

export interface FakeApi {
  readonly url: string;
  readonly requests: FakeRequest[];
  /** Tokens that are let in. */
  readonly tokens: Set<string>;
  /** Adds or replaces answers. */
  answer(routes: FakeRoutes): void;
  close(): Promise<void>;
}

interface ProblemExtra {
  readonly hint?: string;
  readonly errors?: { path: string; message: string }[];
  readonly headers?: Record<string, string>;
}

/** Thrown by a handler: the problem that the server would send. */
export class FakeProblem extends Error {
  readonly code: ErrorCode;
  readonly extra: ProblemExtra;

  constructor(code: ErrorCode, detail: string, extra: ProblemExtra = {}) {
    super(detail);
    this.code = code;
    this.extra = extra;
  }
}

export async function startFakeApi(routes: FakeRoutes = {}): Promise<FakeApi> {
  const handlers: FakeRoutes = { ...routes };
  const requests: FakeRequest[] = [];
  const tokens = new Set(['token-of-ada']);
  const server = createServer((request, response) => {
    answer(request, response, handlers, requests, tokens).catch((error: unknown) =>
      sendProblem(response, error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    tokens,
    answer: (more) => void Object.assign(handlers, more),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: FakeRoutes,
  requests: FakeRequest[],
  tokens: ReadonlySet<string>,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://fake');
  const match = matchRoute(request.method ?? 'GET', url.pathname);
  if (match === null) throw new FakeProblem('ROC_NOT_FOUND', `no route ${request.method} ${url.pathname}`);
  const { id, params } = match;
  const contract: Contract = CONTRACTS[id];
  const raw = await readAll(request);
  const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
  const isLetIn = ROUTES[id].access === 'public' || tokens.has(token);
  if (!isLetIn) throw new FakeProblem('ROC_UNAUTHENTICATED', 'the token is not valid');
  const parsed: FakeRequest = {
    route: id,
    params: parse(contract.params, params, id) as Record<string, string>,
    query: parse(contract.query, Object.fromEntries(url.searchParams), id) as Record<string, unknown>,
    body: contract.body === 'stream' ? raw : parse(contract.body, json(raw), id),
    headers: request.headers,
  };
  requests.push(parsed);
  const handler = handlers[id] as ((request: FakeRequest) => unknown) | undefined;
  if (handler === undefined) throw new FakeProblem('ROC_NOT_FOUND', `the test answers no ${id}`);
  await send(response, request, id, await handler(parsed));
}

function matchRoute(method: string, path: string): { id: RouteId; params: Record<string, string> } | null {
  for (const [id, route] of Object.entries(ROUTES) as [RouteId, Route][]) {
    const pattern = route.path.replace(/:([a-z]+)/gi, '(?<$1>[^/]+)');
    const match = new RegExp(`^${pattern}$`).exec(path);
    if (match === null || route.method !== method) continue;
    const params = Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]);
    return { id, params: Object.fromEntries(params) };
  }
  return null;
}

function parse(schema: Contract['body'], value: unknown, id: RouteId): unknown {
  if (schema === undefined || schema === 'stream') return value;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new FakeProblem('ROC_INVALID_INPUT', `the request does not fit ${id}`, { errors });
}

async function send(
  response: ServerResponse,
  request: IncomingMessage,
  id: RouteId,
  reply: unknown,
): Promise<void> {
  const contract: Contract = CONTRACTS[id];
  const status = (ROUTES[id] as Route).status ?? 200;
  if (typeof reply === 'function') return (reply as Exclude<RawReply, Buffer>)(response, request);
  if (contract.reply instanceof z.ZodType) {
    // A test that answers with something the server never would is wrong itself: it fails loudly here.
    const body = JSON.stringify(contract.reply.parse(reply));
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  } else if (contract.reply === 'empty') {
    response.writeHead(status).end();
  } else {
    response.writeHead(status, { 'content-type': 'application/octet-stream' }).end(reply as Buffer);
  }
}

function sendProblem(response: ServerResponse, error: unknown): void {
  const problem =
    error instanceof FakeProblem ? error : new FakeProblem('ROC_UNEXPECTED', `the fake failed: ${error}`);
  const status = ERROR_CODES[problem.code].http;
  const { hint = '', errors, headers } = problem.extra;
  const body = problemSchema.parse({
    type: 'about:blank',
    title: problem.code,
    status,
    detail: problem.message,
    code: problem.code,
    hint,
    ...(errors === undefined ? {} : { errors }),
  });
  response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
  response.end(JSON.stringify(body));
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function json(raw: Buffer): unknown {
  return raw.length === 0 ? undefined : JSON.parse(raw.toString('utf8'));
}
