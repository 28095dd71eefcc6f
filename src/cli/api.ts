/** The typed client of one command: which server, with whose credentials, within which time. */
import { type Config, readSection } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import { SECOND } from '../kernel/time.js';
import { type Client, createClient } from '../protocol/client.js';
import type { ReplyOf } from '../protocol/contracts.js';
import { URL_CLASS_LIMITS, urlClassOf } from '../protocol/url-classes.js';
import { clientSectionSchema } from './client-section.js';
import { type Credentials, fixedCredentials, sessionCredentials } from './credentials.js';
import { parseServerUrl } from './server-url.js';
import { readSession, type Session, sessionPath } from './session-file.js';

export interface Api extends Client {
  /** Project and environment where no flag names one. */
  readonly project: string;
  readonly environment: string;
  /** File of the private key that evidence is signed with. */
  readonly evidenceKey?: string | undefined;
  /** Id of the one tenant that it is signed for. */
  readonly evidenceTenant?: string | undefined;
  readonly credentials: 'session' | 'ROC_TOKEN';
}

export interface ApiOptions {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
}

/** The server that roc.yaml names for client commands; null where it names none. */
export function configuredServerUrl(config: Config): string | null {
  return readSection(config, 'client', clientSectionSchema).url ?? null;
}

/**
 * The client that speaks for this shell: `ROC_URL` and `ROC_TOKEN`, then roc.yaml's `client.url`, then the session.
 * @throws RocError ROC_UNAUTHENTICATED where nobody is signed in
 */
export async function openApi(options: ApiOptions): Promise<Api> {
  const {
    url: configured,
    project,
    environment,
    evidenceKey,
    evidenceTenant,
  } = readSection(options.config, 'client', clientSectionSchema);
  const file = sessionPath(options.env);
  const token = options.env['ROC_TOKEN'];
  const session = token ? await readSession(file).catch(() => null) : await readSession(file);
  const url = serverUrl(options.env['ROC_URL'], configured, session?.url);
  const credentials = token
    ? fixedCredentials(token)
    : renewing(file, sessionFor(url, session), options.userAgent);
  const client = createClient({
    url,
    userAgent: options.userAgent,
    token: credentials.token,
    fetch: withinTime(renewed(credentials)),
  });
  const signing = { evidenceKey, evidenceTenant };
  return { ...client, project, environment, ...signing, credentials: token ? 'ROC_TOKEN' : 'session' };
}

/** A client for the public routes of a server: sign-in, refresh, health. */
export function openPublicApi(url: string, userAgent: string): Client {
  return createClient({ url, userAgent, token: async () => null, fetch: withinTime(fetch) });
}

/** The server's answer to a sign-in or refresh, as it is kept. */
export function sessionOf(url: string, reply: ReplyOf<'auth.login'>): Session {
  const { accessToken, expiresAt, refreshToken, tenant, user } = reply;
  return { url, tenant, user, accessToken, expiresAt, refreshToken };
}

/** The server that a sign-in without `--url` is for. @throws RocError ROC_UNAUTHENTICATED where none is known */
export async function knownServerUrl(config: Config, env: ApiOptions['env']): Promise<string> {
  const session = await readSession(sessionPath(env)).catch(() => null);
  return serverUrl(env['ROC_URL'], readSection(config, 'client', clientSectionSchema).url, session?.url);
}

/** The server that this shell is signed in to, if any. */
export async function signedInUrl(env: ApiOptions['env']): Promise<string | null> {
  return (await readSession(sessionPath(env)).catch(() => null))?.url ?? null;
}

/** Which server is meant: environment, then roc.yaml, then where one is signed in. */
function serverUrl(env?: string, configured?: string, signedIn?: string): string {
  if (env) return parseServerUrl(env, 'ROC_URL');
  if (configured) return parseServerUrl(configured, 'client.url');
  if (signedIn) return signedIn;
  throw new RocError('ROC_UNAUTHENTICATED', 'not signed in to a server', {
    hint: 'Sign in with `roc login --url URL --email E`, or set ROC_URL and ROC_TOKEN.',
  });
}

// Tokens are bound to the server they came from: another address must never get to see them.
function sessionFor(url: string, session: Session | null): Session {
  if (session?.url === url) return session;
  const other = session === null ? '' : ` (the session is for ${session.url})`;
  throw new RocError('ROC_UNAUTHENTICATED', `not signed in to ${url}${other}`, {
    hint: `Sign in with \`roc login --url ${url} --email E\`, or set ROC_TOKEN.`,
  });
}

function renewing(file: string, session: Session, userAgent: string): Credentials {
  const publicApi = openPublicApi(session.url, userAgent);
  const refresh = async (refreshToken: string) =>
    sessionOf(session.url, await publicApi.call('auth.refresh', { body: { refreshToken } }));
  return sessionCredentials({ file, session, refresh, now: Date.now });
}

/** Once more with a newer token after a 401, where the body can be sent again. */
function renewed(credentials: Credentials): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const authorization = new Headers(init?.headers).get('authorization');
    const isReplayable = init?.body === undefined || typeof init.body === 'string';
    if (response.status !== 401 || authorization === null || !isReplayable) return response;
    const token = await credentials.renew(authorization.replace(/^Bearer /, ''));
    if (token === null) return response;
    await response.body?.cancel();
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${token}`);
    return fetch(input, { ...init, headers });
  };
}

/** The server gives up on an ordinary request after a while; so does its client a little later. */
function withinTime(send: typeof fetch): typeof fetch {
  return (input, init) => {
    const { requestTimeoutMs } = URL_CLASS_LIMITS[urlClassOf(new URL(String(input)).pathname)];
    if (requestTimeoutMs === 0) return send(input, init);
    const timeout = AbortSignal.timeout(requestTimeoutMs + 5 * SECOND);
    return send(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout });
  };
}
