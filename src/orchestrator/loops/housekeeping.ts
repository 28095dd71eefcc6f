/** What a node does unasked: ends leases that ran out, queues what is due, wakes polls for other nodes' jobs, forgets the old. */
import type { Log } from '../../kernel/log.js';
import { MINUTE, SECOND } from '../../kernel/time.js';
import type { Checkpoints } from '../audit/checkpoints.js';
import type { Refusals } from '../audit/refusals.js';
import { sealJobs } from '../audit/seal-jobs.js';
import type { Auth } from '../auth/auth.js';
import type { Blobs } from '../blobs/blobs.js';
import { ALL_LANES } from '../decide/lanes.js';
import type { JobWaiters } from '../dispatch/job-waiters.js';
import { promote, reap } from '../jobs/sweep.js';
import { peekReady } from '../store/job-ready.js';
import { purgeExpired } from '../store/purge.js';
import { KEEP_ALL, type Retention } from '../store/retention.js';
import type { Store } from '../store/store.js';
import { identityLoops } from './identity-loops.js';
import { type Loop, startLoop } from './loop.js';
import { retentionLoops } from './retention-loops.js';

export interface HousekeepingParts {
  readonly store: Store;
  readonly waiters: JobWaiters;
  readonly auth: Pick<Auth, 'audit' | 'quotas' | 'keys' | 'authenticator'>;
  readonly packages: { readonly blobs: Blobs };
  /** Everything is kept where it is left out. */
  readonly retention?: Retention;
  readonly checkpoints: Checkpoints;
  readonly refusals: Refusals;
  readonly log: Log;
  readonly random: () => number;
}

const SWEEP_EVERY_MS = 1.5 * SECOND;
const SEAL_EVERY_MS = 5 * SECOND;
const USAGE_EVERY_MS = 5 * SECOND;
const REFUSALS_EVERY_MS = 5 * SECOND;
/** Also between two checkpoints each node looks at what came since, and remembers it. */
const CHECKPOINT_LOOK_EVERY_MS = MINUTE;
const PURGE_EVERY_MS = 10 * MINUTE;
/** How late a job that another node enqueued is seen; SQLite has no other node, so there it is only a safety net. */
const LOOK_EVERY_MS = { mysql: 200, sqlite: SECOND } as const;
const BATCH = 50;

export function startHousekeeping(parts: HousekeepingParts): Loop {
  const { store, waiters, log, random } = parts;
  const loops = [
    ...auditLoops(parts),
    ...identityLoops(parts),
    ...retentionLoops({ ...parts, retention: parts.retention ?? KEEP_ALL }),
    startLoop({
      name: 'reap',
      everyMs: SWEEP_EVERY_MS,
      round: async () => isFull(await reap(store, BATCH)),
      log,
      random,
    }),
    startLoop({
      name: 'promote',
      everyMs: SWEEP_EVERY_MS,
      round: async () => isFull(await promote(store, BATCH)),
      log,
      random,
    }),
    startLoop({
      name: 'look',
      everyMs: LOOK_EVERY_MS[store.dialect.name],
      round: () => wakeForReady(store, waiters),
      log,
      random,
    }),
    startLoop({
      name: 'purge',
      everyMs: PURGE_EVERY_MS,
      round: async () => {
        await purgeExpired(store);
        return { more: false };
      },
      log,
      random,
    }),
  ];
  return {
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()));
      await parts.refusals.flush(true);
      await parts.auth.quotas.flush();
    },
  };
}

/** What goes to the audit chain without anybody waiting for it. */
function auditLoops({ store, auth, checkpoints, refusals, log, random }: HousekeepingParts): Loop[] {
  const loop = (name: string, everyMs: number, round: () => Promise<{ more: boolean }>) =>
    startLoop({ name, everyMs, round, log, random });
  return [
    loop('seal', SEAL_EVERY_MS, async () => ({ more: (await sealJobs(store, auth.audit, BATCH)) > 0 })),
    loop('refusals', REFUSALS_EVERY_MS, () => refusals.flush().then(noMore)),
    loop('usage', USAGE_EVERY_MS, () => auth.quotas.flush().then(noMore)),
    loop('checkpoint', CHECKPOINT_LOOK_EVERY_MS, () => checkpoints.round().then(noMore)),
  ];
}

function noMore(): { more: boolean } {
  return { more: false };
}

/**
 * One small query for each pool in which somebody waits, whatever the number of those who wait; who comes to a pool
 * that was just seen empty need not ask for himself.
 */
async function wakeForReady(store: Store, waiters: JobWaiters): Promise<{ more: boolean }> {
  for (const pool of waiters.waitingPools()) {
    const before = waiters.wakesOf(pool.poolId);
    const ready = await peekReady(store, pool, ALL_LANES, 1);
    if (ready.length > 0) waiters.wake(pool.poolId);
    else waiters.rememberEmpty(pool.poolId, before, 2 * LOOK_EVERY_MS[store.dialect.name]);
  }
  return { more: false };
}

function isFull(count: number): { more: boolean } {
  return { more: count === BATCH };
}
