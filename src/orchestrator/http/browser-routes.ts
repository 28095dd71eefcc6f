/** What a browser opens: the way to the identity provider and back, and the page of a one-time link. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isRocError } from '../../kernel/errors.js';
import type { Auth } from '../auth/auth.js';
import { type Accepted, acceptLink } from '../identity/accept.js';
import { SSO_CALLBACK, type Sso } from '../sso/sso.js';
import type { Store } from '../store/store.js';
import { escapeHtml, page } from './page.js';
import { requireSso } from './require-sso.js';

export interface BrowserParts {
  readonly store: Store;
  readonly auth: Auth;
  readonly sso: Sso | null;
  readonly publicUrl: () => string;
}

export const BROWSER_PATHS = ['/auth/sso/start', SSO_CALLBACK, '/account'] as const;

const COOKIE = 'roc_sso';
const FORM_BYTES = 4096;
const startQuery = z.object({
  challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  port: z.coerce.number().int().min(1024).max(65_535),
});
const form = z.object({ token: z.string().min(1).max(100), password: z.string().min(1).max(256) });

export async function registerBrowserRoutes(app: FastifyInstance, parts: BrowserParts): Promise<void> {
  const config = { access: 'public' } as const;
  app.get('/auth/sso/start', { config }, async (request, reply) => {
    // First of all, so that a command may ask whether there is a way at all.
    const sso = requireSso(parts.sso);
    const wish = startQuery.parse(request.query);
    await parts.auth.throttle.takeAddress(request.ip);
    const { cookie, location } = await sso.begin(wish);
    return reply.header('set-cookie', cookieText(parts.publicUrl(), cookie, 600)).redirect(location, 302);
  });
  app.get(SSO_CALLBACK, { config }, (request, reply) =>
    asPage(reply, async () => {
      const at = request.url.indexOf('?');
      const from = { address: request.ip, requestId: request.id };
      const query = at < 0 ? '' : request.url.slice(at);
      const location = await requireSso(parts.sso).finish(cookieOf(request), query, from);
      return reply.header('set-cookie', cookieText(parts.publicUrl(), '', 0)).redirect(location, 302);
    }),
  );
  app.get('/account', { config }, (request, reply) => {
    const { token } = request.query as { token?: unknown };
    return html(
      reply,
      200,
      'Your account',
      accountForm(typeof token === 'string' ? token.slice(0, 100) : ''),
    );
  });
  // A form of this very page: the one place that takes anything but JSON and packages.
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    const type = 'application/x-www-form-urlencoded';
    const options = { parseAs: 'string', bodyLimit: FORM_BYTES } as const;
    scope.addContentTypeParser(type, options, (_request, text, done) =>
      done(null, Object.fromEntries(new URLSearchParams(String(text)))),
    );
    scope.post('/account', { config, bodyLimit: FORM_BYTES }, (request, reply) =>
      asPage(reply, async () => {
        const from = { address: request.ip, requestId: request.id };
        const accepted = await acceptLink(parts.store, parts.auth, form.parse(request.body), from);
        parts.auth.authenticator.forgetAll();
        return html(reply, 200, 'Done', `<p>${escapeHtml(doneText(accepted))}</p>`);
      }),
    );
  });
}

function accountForm(token: string): string {
  return `<form method="post" action="/account">
<input type="hidden" name="token" value="${escapeHtml(token)}">
<p>Choose a password of at least 12 characters. If your address has an account already, enter its password.</p>
<p><label>Password <input type="password" name="password" required maxlength="256" autocomplete="new-password"></label>
<button>Continue</button></p>
</form>`;
}

function doneText({ kind, email, tenant }: Accepted): string {
  if (kind === 'invite') return `${email} is a member of ${tenant ?? ''} now. Sign in with: roc login`;
  return kind === 'password' ? 'Your password was set. Sign in with it.' : 'The second factor is gone.';
}

/** A refusal as a page, in the words of the error; what is none is left to the server. */
async function asPage(reply: FastifyReply, work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof z.ZodError) {
      return html(reply, 422, 'That did not work', '<p>The form is not whole.</p>');
    }
    if (!isRocError(error) || error.httpStatus === 500) throw error;
    const text = `<p>${escapeHtml(error.message)}</p><p>${escapeHtml(error.hint ?? '')}</p>`;
    return html(reply, error.httpStatus, 'That did not work', text);
  }
}

function html(reply: FastifyReply, status: number, title: string, body: string): FastifyReply {
  const headers = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
  return reply.code(status).type('text/html; charset=utf-8').headers(headers).send(page({ title, body }));
}

/** Lax: the provider sends the browser back from another site, and nothing but that needs it. */
function cookieText(publicUrl: string, value: string, maxAge: number): string {
  const secure = publicUrl.startsWith('https:') ? '; Secure' : '';
  return `${COOKIE}=${value}; Path=/auth/sso; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${secure}`;
}

function cookieOf({ headers }: FastifyRequest): string | null {
  return new RegExp(`(?:^|; )${COOKIE}=([A-Za-z0-9_-]{43})(?:;|$)`).exec(headers.cookie ?? '')?.[1] ?? null;
}
