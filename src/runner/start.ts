/** `roc runner start`: one agent on one state folder, registered first where it is not. */
import { randomUUID } from 'node:crypto';
import { readPublisherKey } from '../protocol/package/signature.js';
import { type AgentEnd, runAgent } from './agent.js';
import { lockAgent } from './agent-lock.js';
import type { RunnerEvent } from './events.js';
import { type HostFacts, hostFacts } from './host-facts.js';
import { type Identity, loadIdentity, saveIdentity } from './identity.js';
import { killGroup } from './kill-tree.js';
import { createLink } from './link.js';
import { sweepOrphans } from './orphans.js';
import { openPackageCache } from './package-cache.js';
import { registerRunner, requireAll } from './register.js';
import { openStateDir, type StateDir } from './state-dir.js';
import { realTiming } from './timing.js';
import { startWatchdog } from './watchdog.js';

export interface StartOptions {
  readonly stateDir: string;
  /** Origin of the server; needed to register, and replaces the known one where the server has moved. */
  readonly url?: string | undefined;
  /** One-time token: only used where this folder is not registered yet. */
  readonly token?: string | undefined;
  readonly name?: string | undefined;
  readonly pool?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly slots: number;
  /** Of roc. */
  readonly version: string;
  readonly once: boolean;
  readonly drainTimeoutMs: number;
  readonly cacheBytes: number;
  /** Public keys (PEM) of the publishers whose robots may run here; any, where there are none. */
  readonly publisherKeys?: readonly string[] | undefined;
  /** Milliseconds that the server may take to answer; 10 s by default. */
  readonly answerTimeoutMs?: number | undefined;
  /** The runner's own environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly emit: (event: RunnerEvent) => void;
}

/** Runs until the signal aborts, or with `once` until one job is done. @throws RocError */
export async function startRunner(options: StartOptions): Promise<AgentEnd> {
  const publisherKeys = (options.publisherKeys ?? []).map(readPublisherKey);
  const state = openStateDir(options.stateDir);
  const unlock = lockAgent(state.lockFile);
  try {
    const facts = hostFacts(options);
    const identity = await identityFor(state, facts, options);
    const killed = await sweepOrphans(state, identity.markPrefix, realTiming);
    if (killed > 0) options.emit({ event: 'orphans-ended', processes: killed });
    const runMark = `${identity.markPrefix}${randomUUID().slice(0, 8)}.`;
    return await withRobotsGuarded(runMark, options.emit, async (guard) => {
      const { version, answerTimeoutMs: timeoutMs } = options;
      const link = createLink({ identity, version, timing: realTiming, timeoutMs });
      const cache = await openPackageCache(state.cache, options.cacheBytes, link);
      const { env, emit, once, drainTimeoutMs, signal } = options;
      const context = {
        state,
        identity,
        runMark,
        facts,
        link,
        cache,
        publisherKeys,
        timing: realTiming,
        env,
        emit,
        ...guard,
      };
      return runAgent({ context, once, drainTimeoutMs, signal });
    });
  } finally {
    unlock();
  }
}

async function identityFor(state: StateDir, facts: HostFacts, options: StartOptions): Promise<Identity> {
  const { url, token, name, pool, emit } = options;
  const known = loadIdentity(state.identityFile);
  if (known !== null) {
    if (url === undefined || url === known.url) return known;
    const moved = { ...known, url };
    saveIdentity(state.identityFile, moved);
    return moved;
  }
  const identity = await registerRunner(state, { ...requireAll({ url, token, name }), pool, facts });
  const { runnerId } = identity;
  emit({ event: 'registered', runnerId, name: identity.name, pool: identity.pool, url: identity.url });
  return identity;
}

/** However the agent ends, no robot outlives it: killed by this process as it exits, or by its watchdog. */
async function withRobotsGuarded<T>(
  runMark: string,
  emit: StartOptions['emit'],
  work: (guard: { groups: Set<number>; watchdog: ReturnType<typeof startWatchdog> }) => Promise<T>,
): Promise<T> {
  const groups = new Set<number>();
  const message = 'the watchdog ended: if this runner is killed, its robots run on until the next start';
  const watchdog = startWatchdog(runMark, () => emit({ event: 'warning', message }));
  const killAll = () => {
    for (const group of groups) killGroup(group);
  };
  process.once('exit', killAll);
  try {
    return await work({ groups, watchdog });
  } finally {
    process.off('exit', killAll);
    watchdog.close();
  }
}
