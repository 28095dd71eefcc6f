/**
 * FAKE: the runner routes of a server in memory, with faults on demand. It stands in for the real one only where a
 * test needs a server to misbehave; every request and every reply is checked with the contracts of the real one.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { importJWK, jwtVerify } from 'jose';
import { codeFromHttpStatus } from '../../src/kernel/errors.js';
import { runnerContracts } from '../../src/protocol/contracts/runner.js';
import type { BodyOf } from '../../src/protocol/contracts.js';
import { ROUTES } from '../../src/protocol/routes.js';
import { type FakeJob, type FakeState, makeFakeState } from './fake-state.js';

export type RunnerRoute = keyof typeof runnerContracts;

/** `reset`: the connection is cut unanswered. `hang`: no answer ever. `lost`: done, but the answer is cut off. */
export type Fault =
  | 'reset'
  | 'hang'
  | 'lost'
  | {
      readonly status: number;
      readonly code?: string;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    };

export interface FakeCall {
  readonly route: RunnerRoute;
  readonly body: unknown;
  readonly at: number;
}

export interface FakeOrchestrator extends FakeState {
  readonly url: string;
  /** Good for one registration. */
  readonly token: string;
  /** Every request that came, in order. */
  readonly calls: FakeCall[];
  callsOf<K extends RunnerRoute>(route: K): { readonly body: BodyOf<K>; readonly at: number }[];
  /** The next `times` requests of a route fail; without `times` all of them, until {@link heal}. */
  breakRoute(route: RunnerRoute, fault: Fault, times?: number): void;
  heal(): void;
  /** Milliseconds added to the Date header and to the time that assertions are checked by. */
  clockSkewMs: number;
  close(): Promise<void>;
}

export async function startFakeOrchestrator(
  terms: { heartbeatMs?: number; leaseMs?: number; cancelGraceMs?: number } = {},
): Promise<FakeOrchestrator> {
  const state = makeFakeState({ heartbeatMs: 200, leaseMs: 60_000, cancelGraceMs: 300, ...terms });
  const faults = new Map<RunnerRoute, { fault: Fault; left: number }>();
  const calls: FakeCall[] = [];
  const problems: string[] = [];

  const server: Server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      problems.push(String(error));
      response.destroy();
    });
  });

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://fake');
    const found = routeOf(request.method ?? '', url.pathname);
    if (found === null) return void problem(response, 404, 'ROC_NOT_FOUND', 'no such route');
    const text = await bodyText(request);
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    calls.push({ route: found.route, body, at: performance.now() });
    response.setHeader('date', new Date(Date.now() + fake.clockSkewMs).toUTCString());
    const fault = takeFault(found.route);
    if (fault === 'reset') return void request.socket.destroy();
    if (fault === 'hang') return;
    if (fault !== null && fault !== 'lost') return void refuse(response, fault);
    const input = parseInput(found, url, body);
    const isClosed = new Promise<void>((resolve) => response.once('close', resolve));
    const answer = await answerTo(found.route, input, request, isClosed);
    if (fault === 'lost') return void request.socket.destroy();
    respond(response, found.route, answer);
  };

  const takeFault = (route: RunnerRoute): Fault | null => {
    const found = faults.get(route);
    if (found === undefined || found.left <= 0) return null;
    found.left -= 1;
    return found.fault;
  };

  const answerTo = async (
    route: RunnerRoute,
    // biome-ignore lint/suspicious/noExplicitAny: checked by the route's own schema above
    { params, query, body }: { params: any; query: any; body: any },
    request: IncomingMessage,
    isClosed: Promise<void>,
  ): Promise<Answer> => {
    if (route === 'runner.register') return state.register(body);
    if (route === 'runner.token') return trade(body.assertion);
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    if (!state.accessTokens.has(token)) return { status: 401, code: 'ROC_UNAUTHENTICATED' };
    switch (route) {
      case 'runner.session':
        return state.openSession(body);
      case 'runner.leave':
        return state.leave(query);
      case 'runner.poll':
        return state.poll(body, isClosed);
      case 'runner.heartbeat':
        return state.heartbeat(body);
      case 'runner.drain':
        return state.drain(body);
      case 'runner.started':
        return state.started(params.id, body);
      case 'runner.key':
        return state.key(params.id, body);
      case 'runner.job-token':
      case 'runner.asset':
        return { status: 404, code: 'ROC_NOT_FOUND' };
      case 'runner.package':
        return state.package(params.id, query.epoch);
      case 'runner.logs':
        return state.logs(params.id, body);
      case 'runner.complete':
        return state.complete(params.id, body);
      case 'runner.complete-many':
        // No runner reports many at once yet.
        return { status: 404, code: 'ROC_NOT_FOUND' };
    }
  };

  const trade = async (assertion: string): Promise<Answer> => {
    const { runner } = state;
    if (runner === null) return { status: 401, code: 'ROC_UNAUTHENTICATED' };
    try {
      const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: runner.signKey }, 'EdDSA');
      const currentDate = new Date(Date.now() + fake.clockSkewMs);
      const { payload } = await jwtVerify(assertion, key, {
        ...{ algorithms: ['EdDSA'], typ: 'roc-assertion+jwt', issuer: runner.id, subject: runner.id },
        ...{ audience: 'fake:token', clockTolerance: 5, currentDate, requiredClaims: ['iat', 'exp', 'jti'] },
      });
      if ((payload.exp ?? 0) - (payload.iat ?? 0) > 60 || state.usedAssertions.has(payload.jti ?? ''))
        return { status: 401, code: 'ROC_UNAUTHENTICATED' };
      state.usedAssertions.add(payload.jti ?? '');
      const accessToken = randomUUID();
      state.accessTokens.add(accessToken);
      const expiresAt = new Date(Date.now() + fake.clockSkewMs + state.tokenLifeMs).toISOString();
      return { reply: { accessToken, expiresAt } };
    } catch {
      return { status: 401, code: 'ROC_UNAUTHENTICATED' };
    }
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: FakeOrchestrator = Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: state.registrationToken,
    calls,
    callsOf: (route: RunnerRoute) => calls.filter((call) => call.route === route) as never[],
    breakRoute(route: RunnerRoute, fault: Fault, times = Number.POSITIVE_INFINITY) {
      faults.set(route, { fault, left: times });
    },
    heal: () => faults.clear(),
    clockSkewMs: 0,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (problems.length > 0)
        throw new TypeError(`the fake met what the contracts forbid:\n${problems.join('\n')}`);
    },
  });
  return fake;
}

export interface Answer {
  readonly status?: number;
  readonly code?: string;
  readonly reply?: unknown;
  readonly bytes?: Buffer;
}

export type { FakeJob };

function routeOf(
  method: string,
  path: string,
): { route: RunnerRoute; params: Record<string, string> } | null {
  for (const route of Object.keys(runnerContracts) as RunnerRoute[]) {
    const { method: expected, path: pattern } = ROUTES[route];
    const match = new RegExp(`^${pattern.replace(/:\w+/g, '([^/]+)')}$`).exec(path);
    if (expected === method && match !== null) return { route, params: { id: match[1] ?? '' } };
  }
  return null;
}

function parseInput({ route, params }: { route: RunnerRoute; params: object }, url: URL, body: unknown) {
  const contract = runnerContracts[route];
  return {
    params,
    query: 'query' in contract ? contract.query.parse(Object.fromEntries(url.searchParams)) : {},
    body: 'body' in contract ? contract.body.parse(body) : undefined,
  };
}

function respond(response: ServerResponse, route: RunnerRoute, answer: Answer): void {
  const { reply } = runnerContracts[route];
  if (response.closed) return;
  if (answer.status !== undefined) return void problem(response, answer.status, answer.code ?? '', 'refused');
  if (reply === 'stream') return void response.end(answer.bytes);
  if (reply === 'empty') return void response.writeHead(204).end();
  const body = JSON.stringify(reply.parse(answer.reply));
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}

async function bodyText(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

function refuse(response: ServerResponse, fault: Exclude<Fault, string>): void {
  for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
  if (fault.body !== undefined) response.writeHead(fault.status).end(fault.body);
  else problem(response, fault.status, fault.code ?? codeFromHttpStatus(fault.status), 'a fault on demand');
}

function problem(response: ServerResponse, status: number, code: string, detail: string): void {
  const body = { type: 'about:blank', title: detail, status, detail, code, hint: '' };
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body));
}
