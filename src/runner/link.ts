/** The runner's line to the server: each call with a token, a deadline and a checked answer. */
import { isRocError, RocError } from '../kernel/errors.js';
import { SECOND } from '../kernel/time.js';
import { type CallOptions, type Client, createClient } from '../protocol/client.js';
import { runnerContracts } from '../protocol/contracts/runner.js';
import type { ReplyOf } from '../protocol/contracts.js';
import { type AccessTokens, createAccessTokens } from './access-token.js';
import { withDeadline } from './deadline.js';
import type { Identity } from './identity.js';
import { createServerClock } from './server-clock.js';
import type { Timing } from './timing.js';
import { statusOf } from './verdict.js';

type LinkRoute = Exclude<
  keyof typeof runnerContracts,
  'runner.register' | 'runner.token' | 'runner.package' | 'runner.asset'
>;

export interface LinkCall<K extends LinkRoute> extends Omit<CallOptions<K>, 'idempotencyKey'> {
  /** Milliseconds until the call counts as failed, instead of those of the link. */
  readonly timeoutMs?: number;
}

export interface PackageSource {
  readonly jobId: string;
  readonly epoch: number;
  /** As the server offered it: a path of its own, or an address that needs no token. */
  readonly url: string;
}

export interface AssetSource {
  readonly jobId: string;
  readonly asset: string;
  /** Of the job. */
  readonly token: string;
}

export interface Link {
  /** What a call may take by default. */
  readonly timeoutMs: number;
  /** Epoch milliseconds by the server's clock. */
  serverNow(): number;
  /** Reads an asset under the token of a job. @throws RocError */
  asset(source: AssetSource, signal: AbortSignal): Promise<ReplyOf<'runner.asset'>>;
  /** Calls a route. @throws RocError, also for an answer that is not what the protocol says */
  call<K extends LinkRoute>(route: K, options: LinkCall<K>): Promise<ReplyOf<K>>;
  /** Hands the ciphertext of a leased job to `consume`; fails when no byte comes for a while. */
  download(
    source: PackageSource,
    signal: AbortSignal,
    consume: (body: AsyncIterable<Uint8Array>) => Promise<void>,
  ): Promise<void>;
}

export interface LinkOptions {
  readonly identity: Identity;
  readonly version: string;
  readonly timing: Timing;
  /** Milliseconds until a call, or a download that brings no more bytes, counts as failed. */
  readonly timeoutMs?: number | undefined;
}

const DEFAULT_TIMEOUT = 10 * SECOND;

export function createLink({
  identity,
  version,
  timing,
  timeoutMs: usual = DEFAULT_TIMEOUT,
}: LinkOptions): Link {
  const clock = createServerClock(timing.wall);
  const clientWith = (token: () => Promise<string | null>): Client =>
    createClient({
      url: identity.url,
      userAgent: `roc-runner/${version}`,
      token,
      fetch: async (...request) => {
        const response = await fetch(...request);
        clock.observe(response.headers.get('date'));
        return response;
      },
    });
  const publicClient = clientWith(async () => null);
  const tokens = createAccessTokens(identity, clock, (assertion) => trade(publicClient, assertion, usual));
  const authenticated = <T>(work: (client: Client) => Promise<T>) => withFreshToken(tokens, clientWith, work);

  return {
    timeoutMs: usual,
    serverNow: () => clock.now(),
    async asset({ jobId, asset, token }, signal) {
      const client = clientWith(async () => token);
      const answer = await withDeadline(usual, signal, (limit) =>
        client.call('runner.asset', { params: { id: jobId, asset }, signal: limit.signal }),
      ).catch(namedFailure);
      return checkedReply('runner.asset', answer);
    },
    async call(route, { timeoutMs = usual, signal, ...options }) {
      const answer = await authenticated((client) =>
        withDeadline(timeoutMs, signal, (limit) => client.call(route, { ...options, signal: limit.signal })),
      ).catch(namedFailure);
      return checkedReply(route, answer);
    },
    download: (source, signal, consume) =>
      authenticated((client) =>
        withDeadline(usual, signal, async (limit) => {
          const response = source.url.startsWith('/')
            ? await client.open('runner.package', {
                params: { id: source.jobId },
                query: { epoch: source.epoch },
                signal: limit.signal,
              })
            : await openAddress(source.url, identity.url, limit.signal);
          await consume(piecesOf(response, limit.extend));
        }),
      ).catch(namedFailure),
  };
}

/** Once more with a new token where the server refused this one: it may have been restarted with other keys. */
async function withFreshToken<T>(
  tokens: AccessTokens,
  clientWith: (token: () => Promise<string>) => Client,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  let used: string | null = null;
  const client = clientWith(async () => {
    used = await tokens.get();
    return used;
  });
  try {
    return await work(client);
  } catch (error) {
    const status = isRocError(error) ? statusOf(error) : null;
    if (used === null || (status !== 401 && status !== 403)) throw error;
    tokens.drop(used);
    return work(client);
  }
}

/** @throws RocError with `identityRefused` where the server does not know this runner, or no longer */
async function trade(client: Client, assertion: string, timeoutMs: number) {
  try {
    const reply = await withDeadline(timeoutMs, undefined, ({ signal }) =>
      client.call('runner.token', { body: { assertion }, signal }),
    );
    return runnerContracts['runner.token'].reply.parse(reply);
  } catch (cause) {
    const status = isRocError(cause) && cause.details?.['isRoc'] !== false ? statusOf(cause) : null;
    if (status !== 401 && status !== 403) throw cause;
    throw new RocError('ROC_UNAUTHENTICATED', 'the server does not accept this runner', {
      hint: 'It may have been removed: register it again with a new token and another --state-dir.',
      cause,
      details: { status, identityRefused: true },
    });
  }
}

/** No token goes there: the address itself is the permission. It is no less protected than the server is. */
async function openAddress(url: string, serverUrl: string, signal: AbortSignal): Promise<Response> {
  if (!url.startsWith('https://') && !serverUrl.startsWith('http://'))
    throw new RocError('ROC_PACKAGE_INVALID', 'the package is offered at an address without TLS', {
      hint: 'Correct how the server hands out packages.',
    });
  const response = await fetch(url, { signal, redirect: 'error' });
  if (response.ok) return response;
  throw new RocError('ROC_UNREACHABLE', `the package store answered ${response.status}`, {
    hint: 'Check that this host may reach the package store.',
  });
}

async function* piecesOf(response: Response, onPiece: () => void): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  for await (const piece of response.body) {
    onPiece();
    yield piece;
  }
}

/** A body that broke off or was no JSON is an answer that did not come. */
function namedFailure(error: unknown): never {
  if (isRocError(error)) throw error;
  throw new RocError('ROC_UNREACHABLE', 'the answer of the server broke off', {
    hint: 'Check the network and proxies between this runner and the server.',
    cause: error,
  });
}

function checkedReply<K extends LinkRoute | 'runner.asset'>(route: K, answer: unknown): ReplyOf<K> {
  const { reply } = runnerContracts[route];
  if (reply === 'empty') return undefined as ReplyOf<K>;
  const result = reply.safeParse(answer);
  if (result.success) return result.data as ReplyOf<K>;
  throw new RocError('ROC_UNREACHABLE', `the answer to ${route} is not one of roc`, {
    hint: 'Check that the address leads to a roc server, and that no proxy answers in its place.',
    cause: result.error,
  });
}
