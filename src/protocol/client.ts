/** The HTTP client of the CLI and the runner: typed by the contracts, without loading them. */
import type { Readable } from 'node:stream';
import { codeFromHttpStatus, isErrorCode, isRocError, RocError } from '../kernel/errors.js';
import type { BodyOf, ParamsOf, QueryOf, ReplyOf } from './contracts.js';
import { ROUTES, type Route, type RouteId } from './routes.js';
import type { Problem } from './schemas.js';

export interface ClientOptions {
  /** `https://host[:port]`, no path. */
  readonly url: string;
  /** The bearer token for the next request, or null for public routes. */
  readonly token: () => Promise<string | null>;
  readonly userAgent: string;
  readonly fetch?: typeof fetch;
}

export interface CallOptions<K extends RouteId> {
  readonly params?: ParamsOf<K>;
  readonly query?: QueryOf<K>;
  readonly body?: BodyOf<K>;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export interface Client {
  readonly url: string;
  /** Calls a JSON route. @throws RocError with the server's code, message and hint */
  call<K extends RouteId>(route: K, options?: CallOptions<K>): Promise<ReplyOf<K>>;
  /** Sends raw bytes and reads a JSON reply. */
  upload<K extends RouteId>(
    route: K,
    content: Readable,
    sizeBytes: number,
    options?: CallOptions<K>,
  ): Promise<ReplyOf<K>>;
  /** Reads raw bytes or an event stream. */
  open<K extends RouteId>(
    route: K,
    options?: CallOptions<K> & { headers?: Readonly<Record<string, string>> },
  ): Promise<Response>;
}

export function createClient(options: ClientOptions): Client {
  const send = (route: RouteId, call: CallOptions<RouteId>, init: RequestInit & { duplex?: 'half' }) =>
    request(options, ROUTES[route], call, init);
  return {
    url: options.url,
    call: async (route, call = {}) => {
      const json =
        call.body === undefined
          ? {}
          : { body: JSON.stringify(call.body), headers: { 'content-type': 'application/json' } };
      return readJson(await send(route, call as CallOptions<RouteId>, json), options.url, call.signal);
    },
    upload: async (route, content, sizeBytes, call = {}) => {
      const headers = { 'content-type': 'application/zip', 'content-length': String(sizeBytes) };
      const init = { body: content as unknown as ReadableStream, headers, duplex: 'half' as const };
      return readJson(await send(route, call as CallOptions<RouteId>, init), options.url, call.signal);
    },
    open: (route, call = {}) =>
      send(route, call as CallOptions<RouteId>, call.headers === undefined ? {} : { headers: call.headers }),
  };
}

async function request(
  options: ClientOptions,
  route: Route,
  call: CallOptions<RouteId>,
  init: RequestInit & { duplex?: 'half' },
): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('user-agent', options.userAgent);
  if (call.idempotencyKey !== undefined) headers.set('idempotency-key', call.idempotencyKey);
  const token = route.access === 'public' ? null : await options.token();
  if (token !== null) headers.set('authorization', `Bearer ${token}`);
  const target = `${options.url}${pathOf(route.path, call.params)}${queryString(call.query)}`;
  const response = await (options.fetch ?? fetch)(target, {
    ...init,
    method: route.method,
    headers,
    redirect: 'error',
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  }).catch((cause: unknown) => {
    // What the caller's own fetch found out (a session that is over) is no fault of the network.
    if (isRocError(cause)) throw cause;
    throw call.signal?.aborted ? interrupted(cause) : unreachable(options.url, cause);
  });
  if (!response.ok) throw await problemOf(response, options.url);
  return response;
}

/** Fills `:name` parts; values are percent-encoded, so a name can never become another path. */
function pathOf(pattern: string, params: unknown): string {
  const values = (params ?? {}) as Readonly<Record<string, unknown>>;
  return pattern.replace(/:([a-z]+)/gi, (_, name: string) => encodeURIComponent(String(values[name])));
}

function queryString(query: unknown): string {
  const pairs = Object.entries((query ?? {}) as Record<string, unknown>).filter(
    ([, value]) => value !== undefined,
  );
  return pairs.length === 0
    ? ''
    : `?${new URLSearchParams(pairs.map(([key, value]): [string, string] => [key, String(value)]))}`;
}

async function readJson<T>(response: Response, url: string, signal: AbortSignal | undefined): Promise<T> {
  if (response.status === 204) return undefined as T;
  const text = await response.text().catch((cause: unknown) => {
    throw signal?.aborted ? interrupted(cause) : unreachable(url, cause);
  });
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw notRoc(url, response, cause);
  }
}

async function problemOf(response: Response, url: string): Promise<RocError> {
  const problem = (await response.json().catch(() => null)) as Partial<Problem> | null;
  const isRoc = typeof problem === 'object' && isErrorCode(problem?.code);
  const details = { status: response.status, retryAfter: response.headers.get('retry-after'), isRoc };
  if (problem === null || typeof problem !== 'object') return notRoc(url, response, undefined, details);
  const code = isErrorCode(problem.code) ? problem.code : codeFromHttpStatus(response.status);
  const lines = (problem.errors ?? []).map(({ path, message }) => `${path}: ${message}`);
  const message = [
    problem.detail ?? problem.title ?? `the server answered ${response.status}`,
    ...lines,
  ].join('; ');
  const seconds = /^\d+$/.exec(details.retryAfter ?? '')?.[0];
  const wait = seconds === undefined ? '' : `Try again in ${seconds} s.`;
  return new RocError(code, message, { hint: problem.hint || wait, details });
}

// A proxy, a load balancer without a healthy node, or some other web server at that address.
function notRoc(
  url: string,
  response: Response,
  cause?: unknown,
  details: Readonly<Record<string, unknown>> = { status: response.status },
): RocError {
  const code = response.ok ? 'ROC_UNREACHABLE' : codeFromHttpStatus(response.status);
  const type = response.headers.get('content-type')?.split(';')[0] || 'nothing';
  return new RocError(code, `${url} answered ${response.status} with ${type} where roc answers with JSON`, {
    hint: 'Check that the address is that of a roc server (or of the proxy before it) and that it is up.',
    details,
    cause,
  });
}

function unreachable(url: string, cause: unknown): RocError {
  const { code, message } = innermost(cause);
  const isTls = /CERT|SIGNATURE|SELF_SIGNED|UNABLE_TO|TLS|SSL|EPROTO/.test(code);
  return new RocError('ROC_UNREACHABLE', `${url} does not answer: ${message || code || String(cause)}`, {
    hint: isTls
      ? 'Check the certificate; NODE_EXTRA_CA_CERTS=FILE makes roc trust a CA of your own.'
      : 'Check the address (roc login --url, ROC_URL) and that the server runs.',
    cause,
  });
}

// fetch wraps what went wrong in "fetch failed", and several tried addresses in an AggregateError without a message.
function innermost(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  if (error.cause instanceof Error) return innermost(error.cause);
  return { code: String((error as { code?: unknown }).code ?? ''), message: error.message };
}

function interrupted(cause: unknown): RocError {
  return new RocError('ROC_INTERRUPTED', 'interrupted', { cause });
}
