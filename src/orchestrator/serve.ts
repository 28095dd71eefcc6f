/** Starts the server: checks, opens what it stands on, listens, keeps house; and stops all of it in order. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { isRocError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import { isoTime, SECOND } from '../kernel/time.js';
import { type Audit, SYSTEM } from './audit/audit.js';
import { newRegistrationToken } from './auth/runner-tokens.js';
import { parseListen, placesOf, type ServerConfig, urlOf } from './config.js';
import { holdDataDir } from './data-dir.js';
import { type AdminWish, ensureFirstAdmin } from './first-admin.js';
import { listen } from './http/listen.js';
import { startEmbeddedMetrics } from './loops/embedded-metrics.js';
import { startHousekeeping } from './loops/housekeeping.js';
import { startNodeBeat } from './loops/node-beat.js';
import { mailOf } from './mail/smtp.js';
import { createNode, type ServerNode } from './node.js';
import { startRunnerBeside } from './runner-beside.js';
import { checkNode, readTls, warnOfRisks } from './start-checks.js';
import { hasRunnerNamed } from './store/runners.js';
import type { Tx } from './store/store.js';

export interface ServeOptions {
  readonly config: ServerConfig;
  readonly admin: AdminWish;
  readonly version: string;
  /** The package's own folder. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  /** Ends the waiting for a database that does not answer when the server starts. */
  readonly signal: AbortSignal;
}

export interface RunningServer {
  readonly url: string;
  /** At a first start the way in, with a password that is told this once. */
  readonly adminNotice: string | null;
  /** Polls and streams end at once, the rest within the configured time. */
  stop(): Promise<void>;
}

const IDLE_SWEEP_MS = 50;

/** What is to be undone, newest first; also when a start fails half way. */
type Undo = (() => Promise<void>)[];

/**
 * Runs until it is stopped; null where it was told to stop while it still waited for the database.
 * @throws RocError ROC_DATA_DIR_UNUSABLE, ROC_PORT_IN_USE, ROC_CONFIG_INVALID, ROC_UNAVAILABLE, ROC_NODE_TOO_OLD,
 * ROC_SCHEMA_NEWER
 */
export async function serve(options: ServeOptions): Promise<RunningServer | null> {
  const undo: Undo = [];
  try {
    return await start(options, undo);
  } catch (error) {
    await undoAll(undo, options.log);
    if (options.signal.aborted && isRocError(error) && error.code === 'ROC_INTERRUPTED') return null;
    throw error;
  }
}

async function start(options: ServeOptions, undo: Undo): Promise<RunningServer> {
  const { config, version, log, env, signal } = options;
  checkNode(process.versions.node, log);
  const [places, wanted, tls] = [placesOf(config), parseListen(config.listen), await readTls(config)];
  const dataDir = await holdDataDir(config.dataDir);
  undo.push(dataDir.release);
  const { trustedProxies, download } = config;
  let url = config.publicUrl ?? '';
  const node = await createNode({
    ...{ places, version, log, env, signal, trustedProxies, download, tls },
    ...{
      mail: mailOf(config),
      oidc: config.oidc,
      publicUrl: () => url,
      securityContact: config.securityContact,
    },
    runnerRps: config.runnerRps,
    metricsAccess: { token: config.metricsToken ?? null, allow: config.metricsAllow },
  });
  const { app, parts, held } = node;
  undo.push(() => parts.store.close());
  undo.push(parts.errands.idle);
  const { tenantId, adminNotice } = await ensureFirstAdmin(parts.store, parts.auth, options.admin);
  await parts.checkpoints.round();
  await warnOfRisks(places, wanted, tls, log);
  const listening = await listen(app, wanted);
  undo.push(() => closeWithin(app, config.stopWithinSeconds * SECOND, log));
  undo.push(async () => held.endAll());
  const housekeeping = startHousekeeping({ ...parts, retention: config.retention, random: Math.random });
  undo.push(housekeeping.stop);
  const instanceId = config.instanceId ?? null;
  const beat = await startNodeBeat({ ...parts, held, instanceId, version, random: Math.random });
  undo.push(beat.stop);
  if (config.embeddedMetrics) {
    const write = (line: string) => void process.stderr.write(`${line}\n`);
    undo.push(startEmbeddedMetrics({ ...parts, write, random: Math.random }).stop);
  }
  url = config.publicUrl ?? urlOf(listening, tls !== null);
  if (config.withRunner) undo.push((await startRunner(options, node, url, tenantId)).stop);
  return { url, adminNotice, stop: () => undoAll(undo, log) };
}

async function startRunner(
  { config, root, env, log }: ServeOptions,
  node: ServerNode,
  url: string,
  tenantId: string,
) {
  const { store, auth } = node.parts;
  const stateDir = join(config.dataDir, 'runner');
  // A state folder that was removed leaves its runner's name behind.
  const isNameFree = existsSync(stateDir) || !(await hasRunnerNamed(store, tenantId, 'local'));
  const name = isNameFree ? 'local' : `local-${Date.now().toString(36)}`;
  return startRunnerBeside({
    ...{ url, name, stateDir, env, log, pool: 'default' },
    program: join(root, 'bin', 'roc.cjs'),
    newToken: () => store.transaction((tx) => tokenForOwnRunner(tx, auth.audit, tenantId)),
  });
}

async function tokenForOwnRunner(tx: Tx, audit: Audit, tenantId: string): Promise<string> {
  const wish = { tenantId, pool: 'default', createdBy: 'roc serve --with-runner' };
  const { id, token, expiresAt } = await newRegistrationToken(tx, wish);
  await audit.append(tx, {
    ...{ tenantId, actor: SYSTEM, action: 'runner-token.create' },
    target: { kind: 'runner-token', id, name: null },
    after: { pool: wish.pool, expiresAt: isoTime(expiresAt) },
  });
  return token;
}

/** Lets requests in flight end; what has not ended in time is cut. */
async function closeWithin(app: FastifyInstance, ms: number, log: Log): Promise<void> {
  const timer = setTimeout(() => {
    log.warn({ afterMs: ms }, 'requests in flight did not end in time and are cut');
    app.server.closeAllConnections();
  }, ms);
  // A connection whose last request has just ended would stay open for the next one.
  const sweep = setInterval(() => app.server.closeIdleConnections(), IDLE_SWEEP_MS);
  await app.close().finally(() => {
    clearTimeout(timer);
    clearInterval(sweep);
  });
}

async function undoAll(undo: Undo, log: Log): Promise<void> {
  for (const step of undo.splice(0).reverse()) {
    // One that fails must not keep the others from ending.
    await step().catch((error: unknown) =>
      log.error({ err: error }, 'a part of the server did not stop well'),
    );
  }
}
