/** `roc login --sso`: waits on a loopback port for the code that the browser brings back, and trades it for a session. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RocError } from '../kernel/errors.js';
import { MINUTE, SECOND } from '../kernel/time.js';
import { openPublicApi, sessionOf } from './api.js';
import { interruptible } from './interrupt.js';
import { type Session, sessionPath, writeSession } from './session-file.js';

export interface SsoOptions {
  readonly url: string;
  readonly userAgent: string;
  /** Says to the person what to do. */
  readonly show: (text: string) => void;
}

const WAIT_MS = 5 * MINUTE;
const ASK_MS = 15 * SECOND;
const DONE = 'You are signed in to roc, or the terminal says why not. This window may be closed.\n';

/** @throws RocError ROC_UNAUTHENTICATED, ROC_TIMEOUT, ROC_INTERRUPTED */
export async function signInBySso(options: SsoOptions): Promise<Session> {
  await requireProvider(options);
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const code = await waitForCode(options, challenge);
  const api = openPublicApi(options.url, options.userAgent);
  const session = sessionOf(options.url, await api.call('auth.sso', { body: { code, verifier } }));
  await writeSession(sessionPath(process.env), session);
  return session;
}

async function waitForCode({ url, show }: SsoOptions, challenge: string): Promise<string> {
  const server = createServer();
  const { signal, dispose } = interruptible();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  show(
    `open this in a browser on this machine:\n  ${url}/auth/sso/start?challenge=${challenge}&port=${port}`,
  );
  try {
    return await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(tooLate()), WAIT_MS);
      const stop = () => reject(new RocError('ROC_INTERRUPTED', 'interrupted, nobody was signed in'));
      signal.addEventListener('abort', stop, { once: true });
      server.on('request', (request, reply) => {
        const asked = new URL(request.url ?? '/', 'http://127.0.0.1');
        const code = asked.pathname === '/callback' ? asked.searchParams.get('code') : null;
        const isCode = code !== null && /^[A-Za-z0-9_-]{43}$/.test(code);
        reply.writeHead(isCode ? 200 : 404, {
          'content-type': 'text/plain; charset=utf-8',
          connection: 'close',
        });
        reply.end(isCode ? DONE : '');
        if (!isCode) return;
        clearTimeout(timer);
        resolve(code);
      });
    });
  } finally {
    server.close();
    dispose();
  }
}

/** A server without a provider says so at once; what else it answers to a question without parameters is no news. */
async function requireProvider({ url, userAgent }: SsoOptions): Promise<void> {
  const signal = AbortSignal.timeout(ASK_MS);
  const headers = { 'user-agent': userAgent };
  const response = await fetch(`${url}/auth/sso/start`, { headers, signal, redirect: 'manual' }).catch(
    (cause: unknown) => {
      const hint = 'Check the address (--url, ROC_URL) and that the server runs.';
      throw new RocError('ROC_UNREACHABLE', `${url} does not answer`, { hint, cause });
    },
  );
  await response.body?.cancel();
  if (response.status !== 412) return;
  throw new RocError('ROC_PRECONDITION_FAILED', `${url} has no identity provider`, {
    hint: 'Sign in with e-mail and password, or have server.oidc set in its roc.yaml.',
  });
}

function tooLate(): RocError {
  return new RocError('ROC_TIMEOUT', 'nobody came back from the identity provider in five minutes', {
    hint: 'Run `roc login --sso` again and open the address in a browser on this machine.',
  });
}
