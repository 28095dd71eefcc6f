/** A real OpenID provider in this process, on `localhost` where roc is on `127.0.0.1`: another site, as in life. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export interface Person {
  readonly sub: string;
  readonly email: string;
  readonly verified: boolean;
  readonly groups: readonly string[];
}

export interface TestProvider {
  readonly issuer: string;
  /** Who signs in next; the provider asks nobody. */
  person: Person;
  /** Goes the way of a browser from an address of roc's, with its cookies, until an address that `stops` names. */
  browse(start: string, stops: (url: URL) => boolean): Promise<BrowserEnd>;
  close(): Promise<void>;
}

export interface BrowserEnd {
  readonly url: URL;
  /** Null where it stopped before it asked. */
  readonly status: number | null;
  readonly body: string;
  readonly cookies: ReadonlyMap<string, string>;
}

export async function startTestProvider(redirectUri: () => string): Promise<TestProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const state = { person: { sub: 'ana', email: 'ana@example.com', verified: true, groups: [] } as Person };
  const provider = new Provider(issuer, {
    clients: [
      {
        ...{ client_id: 'roc', client_secret: 'secret of the client', redirect_uris: [redirectUri()] },
        ...{ grant_types: ['authorization_code'], response_types: ['code'] },
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
    scopes: ['openid', 'email', 'groups'],
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    cookies: { keys: ['a key of the test'] },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: async () => ({
        ...{ sub, email: state.person.email, email_verified: state.person.verified },
        groups: [...state.person.groups],
      }),
    }),
    loadExistingGrant: async (ctx) => {
      const { client, session } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({
        clientId: client?.clientId ?? '',
        accountId: session?.accountId ?? '',
      });
      grant.addOIDCScope('openid email groups');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on('request', (request, reply) => {
    if (!request.url?.startsWith('/interaction/')) return void answer(request, reply);
    const login = { accountId: state.person.sub };
    void provider.interactionFinished(request, reply, { login }, { mergeWithLastSubmission: false });
  });
  return {
    issuer,
    get person() {
      return state.person;
    },
    set person(person) {
      state.person = person;
    },
    browse,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Cookies by site, as a browser keeps them; redirects one at a time. */
async function browse(start: string, stops: (url: URL) => boolean): Promise<BrowserEnd> {
  const jars = new Map<string, Map<string, string>>();
  let url = new URL(start);
  for (let hops = 0; hops < 12; hops++) {
    const jar = jars.get(url.host) ?? new Map<string, string>();
    jars.set(url.host, jar);
    if (stops(url)) return { url, status: null, body: '', cookies: jar };
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: cookie === '' ? {} : { cookie } });
    for (const text of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    const location = response.headers.get('location');
    const body = await response.text();
    if (location === null) return { url, status: response.status, body, cookies: jar };
    url = new URL(location, url);
  }
  throw new TypeError(`no end of redirects at ${url}`);
}
