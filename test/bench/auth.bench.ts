/** What it costs to know who asks: the same route with a JWT, with an API key under quota, and with nothing checked. */
import { buildApp } from '../../src/orchestrator/app.js';
import type { Caller } from '../../src/orchestrator/auth/caller.js';
import { createHandlers } from '../../src/orchestrator/http/handlers.js';
import { createMetricsGuard } from '../../src/orchestrator/http/metrics-access.js';
import { startTestServer, type TestServer } from '../helpers/test-server.js';
import { type BenchRow, median, ratioAtLeast } from './bench-row.js';

const AT_ONCE = 16;
const REQUESTS = 3000;
const ROUNDS = 5;
const ANCHOR = 'the same route, nobody asked who asks';

export async function bench(): Promise<BenchRow[]> {
  const server = await startTestServer();
  try {
    const jwt = await server.tokenOf('owner');
    const body = { consumer: 'bench', scopes: ['projects:read' as const], rps: 10_000 };
    const { key } = await server.ok('keys.create', { token: jwt, body });
    const open = await openApp(server, await server.parts.auth.authenticator.authenticate(jwt));
    const rates: Record<'open' | 'jwt' | 'key', number[]> = { open: [], jwt: [], key: [] };
    // In turns, so that all meet the same moods of the machine; the first round warms up.
    for (let round = 0; round <= ROUNDS; round++) {
      const now = {
        open: await rateOf(open, jwt),
        jwt: await rateOf(server.app, jwt),
        key: await rateOf(server.app, key),
      };
      if (round > 0) for (const name of ['open', 'jwt', 'key'] as const) rates[name].push(now[name]);
    }
    await open.close();
    const against = { unit: 'requests/s', against: ANCHOR, againstValue: median(rates.open) };
    return [
      ratioAtLeast({ case: 'a list with a verified JWT', value: median(rates.jwt), ...against }, 0.8),
      ratioAtLeast({ case: 'a list with an API key under quota', value: median(rates.key), ...against }, 0.8),
    ];
  } finally {
    await server.close();
  }
}

/** The same server, which takes everybody for the given caller. */
function openApp({ parts, held }: TestServer, caller: Caller) {
  const { store, auth, metrics, log, refusals, publicUrl, sso } = parts;
  return buildApp({
    ...{
      store,
      held,
      metrics,
      log,
      refusals,
      auth,
      publicUrl,
      sso,
      audit: auth.audit,
      quotas: auth.quotas,
      runnerQuotas: auth.runnerQuotas,
      version: '0.0.0',
    },
    ...{ trustedProxies: [], tls: null, jwks: auth.keys.jwks, securityContact: null },
    handlers: createHandlers(parts),
    authenticate: async () => caller,
    readPools: async () => [],
    guardMetrics: createMetricsGuard({ token: null, allow: [] }, false),
    translateError: store.translateError,
    checks: { database: async () => {}, blobs: async () => {}, keys: async () => {} },
  });
}

async function rateOf(app: Pick<TestServer['app'], 'inject'>, token: string): Promise<number> {
  let left = REQUESTS;
  const headers = { authorization: `Bearer ${token}` };
  const worker = async () => {
    while (left-- > 0) {
      const { statusCode } = await app.inject({ url: '/api/v1/projects', headers });
      if (statusCode !== 200) throw new TypeError(`answered ${statusCode}`);
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return REQUESTS / ((performance.now() - from) / 1000);
}
