/** One node of the server, put together from the places it stands on; it neither listens nor keeps house by itself. */
import type { FastifyInstance } from 'fastify';
import type { Log } from '../kernel/log.js';
import type { Clock } from '../kernel/time.js';
import { CHECKPOINT_EVERY_MS } from '../protocol/audit/verify-chain.js';
import { isTerminal, type JobState } from '../protocol/job-states.js';
import { buildApp } from './app.js';
import { createCheckpoints } from './audit/checkpoints.js';
import { openOwnCheckpoints, rememberCheckpoints } from './audit/own-checkpoints.js';
import { createRefusals } from './audit/refusals.js';
import { type Auth, createAuth } from './auth/auth.js';
import { openSigningKeys } from './auth/signing-keys.js';
import { openBlobs } from './blobs/blobs-place.js';
import { DEFAULT_RUNNER_RPS, type Places } from './config.js';
import { createJobChanges } from './dispatch/job-changes.js';
import { createJobWaiters } from './dispatch/job-waiters.js';
import { createHandlers } from './http/handlers.js';
import type { ReadinessChecks } from './http/health.js';
import { createHeldCalls, type HeldCalls } from './http/held-calls.js';
import { createMetrics } from './http/metrics.js';
import { createMetricsGuard, type MetricsAccess } from './http/metrics-access.js';
import type { ServerParts } from './http/parts.js';
import { createErrands } from './identity/errands.js';
import { createInputChecks } from './inputs/check-input.js';
import { ONLINE_MS } from './jobs/limits.js';
import { openMasterKey } from './kms/master-key.js';
import { proveKeys } from './kms/prove-keys.js';
import { type Mail, NO_MAIL } from './mail/mail.js';
import { proveEncryption } from './packages/self-test.js';
import type { PackageDeps } from './packages/store-package.js';
import { createProvider } from './sso/provider.js';
import type { OidcSettings } from './sso/settings.js';
import { createSso, type Sso } from './sso/sso.js';
import type { TlsFiles } from './start-checks.js';
import { awaitStore } from './store/await-store.js';
import { migrate } from './store/migrate.js';
import { openStore } from './store/open.js';
import { readPools } from './store/pool-readings.js';
import type { JobChange, Store } from './store/store.js';

export interface NodeOptions {
  readonly places: Places;
  readonly version: string;
  readonly log: Log;
  /** None by default: what would be mailed is refused. */
  readonly mail?: Mail;
  /** None by default. */
  readonly oidc?: OidcSettings | undefined;
  /** How others reach this server, once that is known; stands in letters and redirects. */
  readonly publicUrl?: () => string;
  readonly trustedProxies: readonly string[];
  readonly tls: TlsFiles | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly download: ServerParts['download'];
  /** Who may read /metrics: this host, by default. */
  readonly metricsAccess?: MetricsAccess;
  readonly securityContact?: string | undefined;
  /** Requests a second that one runner may make of this node. @default DEFAULT_RUNNER_RPS */
  readonly runnerRps?: number;
  /** Replaces this host's clock and the database's: for tests. */
  readonly clock?: Clock;
  /** Ends the waiting for a database that does not answer; without it there is none. */
  readonly signal?: AbortSignal;
}

export interface ServerNode {
  readonly app: FastifyInstance;
  readonly parts: ServerParts;
  readonly held: HeldCalls;
}

/** What is there before the database is open, and tells of what happens in it. */
type NodeBase = Pick<ServerParts, 'store' | 'waiters' | 'changes' | 'metrics'>;

/**
 * Opens everything and brings the schema up to date. What was opened is closed by `parts.store.close()`.
 * @throws RocError ROC_DATA_DIR_UNUSABLE, ROC_UNAVAILABLE, ROC_CONFIG_INVALID, ROC_CHECK_FAILED, ROC_SCHEMA_NEWER,
 * ROC_INTERRUPTED
 */
export async function createNode(options: NodeOptions): Promise<ServerNode> {
  const { places, log } = options;
  const waiters = createJobWaiters();
  const changes = createJobChanges();
  const metrics = createMetrics(options.clock ?? Date.now);
  const wish = {
    url: places.database,
    env: options.env,
    log,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    onReady: (poolIds: readonly string[]) => {
      for (const poolId of poolIds) waiters.wake(poolId);
    },
    onChange: (news: readonly JobChange[]) => {
      for (const { jobId, state } of news) {
        changes.tell(jobId);
        if (isFailure(state)) metrics.jobFailed(state);
      }
    },
  };
  const { signal } = options;
  const store = await (signal === undefined ? openStore(wish) : awaitStore(wish, { signal }));
  try {
    for (const migration of await migrate(store, { log })) log.info({ ...migration }, 'migration applied');
    return await nodeOn({ store, waiters, changes, metrics }, options);
  } catch (error) {
    await store.close();
    throw store.translateError(error);
  }
}

async function nodeOn(base: NodeBase, options: NodeOptions): Promise<ServerNode> {
  const { store, metrics } = base;
  const { places, log } = options;
  const now = options.clock ?? Date.now;
  const packages = {
    blobs: await openBlobs(places.blobs, options.env),
    kms: await openMasterKey(store, places, options.env),
  };
  await proveEncryption(packages);
  await proveKeys(store, packages.kms);
  const keys = await openSigningKeys(places.signingKeys, now, options.env);
  const auth = await createAuth(store, keys, { runnerRps: options.runnerRps ?? DEFAULT_RUNNER_RPS }, now);
  const { download, publicUrl = () => '' } = options;
  const { audit, auditSecrets: secrets } = auth;
  const checkpoints = createCheckpoints({
    ...{ store, audit, secrets, log },
    blobs: packages.blobs,
    intervalMs: CHECKPOINT_EVERY_MS,
    own:
      places.auditCheckpoints === undefined
        ? rememberCheckpoints()
        : openOwnCheckpoints(places.auditCheckpoints, log),
  });
  const refusals = createRefusals(store, audit, now);
  const inputs = createInputChecks();
  const parts: ServerParts = {
    ...{ ...base, packages, auth, log, download, inputs, checkpoints, refusals },
    ...{ mail: options.mail ?? NO_MAIL, publicUrl, sso: ssoOf(store, auth, options, publicUrl) },
    errands: createErrands(log),
  };
  const held = createHeldCalls();
  const app = await buildApp({
    ...{ store, held, metrics, log, audit, refusals, auth, publicUrl, sso: parts.sso },
    version: options.version,
    readPools: () => readPools(store, ONLINE_MS),
    trustedProxies: options.trustedProxies,
    tls: options.tls,
    handlers: createHandlers(parts),
    authenticate: auth.authenticator.authenticate,
    quotas: auth.quotas,
    runnerQuotas: auth.runnerQuotas,
    guardMetrics: createMetricsGuard(
      options.metricsAccess ?? { token: null, allow: [] },
      options.trustedProxies.length > 0,
    ),
    securityContact: options.securityContact ?? null,
    translateError: store.translateError,
    checks: readinessOf(store, packages),
    // Asked at each request: a rotation publishes its key while the server runs.
    get jwks() {
      return keys.jwks;
    },
  });
  return { app, parts, held };
}

function ssoOf(store: Store, auth: Auth, { oidc, env }: NodeOptions, publicUrl: () => string): Sso | null {
  if (oidc === undefined) return null;
  return createSso({ store, auth, publicUrl, settings: oidc, provider: createProvider(oidc, env) });
}

function isFailure(state: JobState): boolean {
  return isTerminal(state) && state !== 'succeeded' && state !== 'canceled';
}

function readinessOf(store: Store, { blobs, kms }: PackageDeps): ReadinessChecks {
  return {
    database: () => store.ping(),
    blobs: async () => {
      await blobs.size('selftest/none');
    },
    keys: async () => {
      const context = { purpose: 'readiness' };
      const { wrapped, plaintext } = await kms.generateDataKey(context);
      plaintext.fill(0);
      (await kms.unwrap(wrapped, context)).fill(0);
    },
  };
}
