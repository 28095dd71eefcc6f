/** The addresses that are not resources: health, metrics, the API's description, public keys, the front page. */
import type { FastifyInstance } from 'fastify';
import type { JWK } from 'jose';
import { type ReadinessChecks, readiness } from './health.js';
import type { Metrics, ReadPools } from './metrics.js';
import type { GuardMetrics } from './metrics-access.js';
import { openApiDocument } from './openapi.js';
import { securityTxt } from './security-txt.js';
import { statusPage } from './status-page.js';

export interface SystemParts {
  readonly version: string;
  readonly metrics: Metrics;
  readonly readPools: ReadPools;
  readonly checks: ReadinessChecks;
  readonly jwks: { readonly keys: readonly JWK[] };
  readonly guardMetrics: GuardMetrics;
  /** `mailto:` or `https:`; null where faults are reported to nobody. */
  readonly securityContact: string | null;
}

/** All of them are public and read-only. */
export const SYSTEM_PATHS = [
  '/',
  '/healthz',
  '/readyz',
  '/metrics',
  '/openapi.json',
  '/.well-known/jwks.json',
  '/.well-known/security.txt',
] as const;

export function registerSystemRoutes(app: FastifyInstance, parts: SystemParts): void {
  const options = { config: { access: 'public' }, exposeHeadRoute: true } as const;
  app.get('/', options, (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(statusPage(parts.version)),
  );
  app.get('/healthz', options, async () => ({ verdict: 'pass', version: parts.version }));
  app.get('/readyz', options, async (_request, reply) => {
    const result = await readiness(parts.checks);
    return reply.code(result.verdict === 'ready' ? 200 : 503).send(result);
  });
  app.get('/metrics', options, async (request, reply) => {
    parts.guardMetrics(request);
    return reply.type(parts.metrics.contentType).send(await parts.metrics.scrape(parts.readPools));
  });
  app.get('/.well-known/security.txt', options, async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send(securityTxt(parts.securityContact, Date.now())),
  );
  let document: string | undefined;
  app.get('/openapi.json', options, async (_request, reply) => {
    document ??= JSON.stringify(openApiDocument(parts.version));
    return reply.type('application/json; charset=utf-8').send(document);
  });
  app.get('/.well-known/jwks.json', options, async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(parts.jwks),
  );
}
