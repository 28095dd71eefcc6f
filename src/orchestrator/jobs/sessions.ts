/** A runner comes, comes back, leaves, or is sent away: what becomes of its leases each time. */
import { decideSession, type JobRef } from '../decide/session.js';
import { type HeldJob, lockJobsOfRunner, updateLease } from '../store/job-leases.js';
import { found } from '../store/rows.js';
import { getRunner, type Runner } from '../store/runner-list.js';
import { useRunnerToken } from '../store/runner-tokens.js';
import {
  bumpSession,
  deleteRunner,
  forgetSession,
  type HostFacts,
  insertRunner,
  runnerInSession,
  setDraining,
} from '../store/runners.js';
import type { Store, Tx } from '../store/store.js';
import { expireLease, loseLease, releaseLease } from './end-attempt.js';
import { LEASE_MS, ONLINE_MS } from './limits.js';

export interface Registration extends HostFacts {
  readonly tokenHash: string;
  readonly name: string;
  readonly signKey: string;
  readonly boxKey: string;
}

export interface RegisteredRunner {
  readonly runnerId: string;
  readonly tenantId: string;
  readonly tenant: string;
  readonly pool: string;
  /** Of the token that was spent. */
  readonly tokenId: string;
}

/**
 * Spends a one-time token on a new runner.
 * @throws RocError ROC_UNAUTHENTICATED for a bad token, ROC_CONFLICT for a name in use (the token is then not spent)
 */
export async function registerRunner(
  tx: Tx,
  { tokenHash, ...facts }: Registration,
): Promise<RegisteredRunner> {
  const { id: tokenId, tenantId, poolId } = await useRunnerToken(tx, tokenHash);
  const runnerId = await insertRunner(tx, { ...facts, tenantId, poolId });
  const names = await tx.db
    .selectFrom('pool')
    .innerJoin('tenant', 'tenant.id', 'pool.tenant_id')
    .select(['tenant.name as tenant', 'pool.name as pool'])
    .where('pool.id', '=', poolId)
    .executeTakeFirst();
  return { runnerId, tenantId, tokenId, ...found(names, 'the pool of the token', 'Ask for a new token.') };
}

export interface SessionArgs {
  readonly runnerId: string;
  readonly bootId: string;
  readonly host: HostFacts;
  /** What the runner still works on, or has results of. */
  readonly running: readonly JobRef[];
}

export interface OpenedSession {
  readonly sessionEpoch: number;
  readonly adopt: JobRef[];
  readonly abandon: JobRef[];
}

/** Begins a session; the one before it ends. @throws RocError ROC_UNAUTHENTICATED when the runner was removed */
export function openSession(store: Store, args: SessionArgs): Promise<OpenedSession> {
  return store.transaction(async (tx) => {
    const sessionEpoch = await bumpSession(tx, args.runnerId, args.bootId, args.host);
    const leases = (await lockJobsOfRunner(tx, args.runnerId)).map(toFacts);
    const { adopt, release, lose, abandon } = decideSession(leases, args.running);
    const until = (await tx.now()) + LEASE_MS;
    for (const { held } of adopt) {
      await updateLease(tx, held.lease, { session_epoch: sessionEpoch, lease_until: until });
    }
    for (const { held } of release) await releaseLease(tx, held);
    for (const { held } of lose) await loseLease(tx, held);
    return { sessionEpoch, adopt: adopt.map(toRef), abandon: abandon.map(toRef) };
  });
}

/** Ends a session: what it never began goes back at once, what it began is lost. Too late for a newer one: no change. */
export function leaveSession(
  store: Store,
  session: { readonly runnerId: string; readonly sessionEpoch: number },
): Promise<void> {
  return store.transaction(async (tx) => {
    await runnerInSession(tx, session);
    await forgetSession(tx, session.runnerId);
    await expireAll(tx, session.runnerId);
  });
}

/** The runner itself asks for no more work. */
export function drainSession(
  store: Store,
  session: { readonly runnerId: string; readonly sessionEpoch: number },
): Promise<void> {
  return store.transaction(async (tx) => {
    await runnerInSession(tx, session);
    await setDraining(tx, session.runnerId);
  });
}

/** A person sends a runner into retirement. @throws RocError ROC_NOT_FOUND */
export async function drainRunner(tx: Tx, tenantId: string, id: string): Promise<Runner> {
  await getRunner(tx, { tenantId, id, onlineMs: ONLINE_MS });
  await setDraining(tx, id);
  return getRunner(tx, { tenantId, id, onlineMs: ONLINE_MS });
}

/** Forgets a runner: its key opens nothing more, its leases end. @throws RocError ROC_NOT_FOUND */
export async function removeRunner(tx: Tx, tenantId: string, id: string): Promise<Runner> {
  const runner = await getRunner(tx, { tenantId, id, onlineMs: ONLINE_MS });
  await deleteRunner(tx, id);
  await expireAll(tx, id);
  return runner;
}

async function expireAll(tx: Tx, runnerId: string): Promise<void> {
  for (const held of await lockJobsOfRunner(tx, runnerId)) await expireLease(tx, held);
}

function toFacts(held: HeldJob) {
  const { job_id, epoch, started_at } = held.lease;
  return { held, jobId: job_id, epoch, isStarted: started_at !== null };
}

function toRef({ jobId, epoch }: JobRef): JobRef {
  return { jobId, epoch };
}
