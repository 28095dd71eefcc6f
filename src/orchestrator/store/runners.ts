/** Runners: who they are, where they take work from, and which of their sessions counts. */
import { sql } from 'kysely';
import { RocError } from '../../kernel/errors.js';
import { toJson } from './rows.js';
import type { RunnerTable } from './schema.js';
import type { Reader, Tx } from './store.js';

/** What a host says of itself, when it registers and at each session. */
export interface HostFacts {
  readonly os: string;
  readonly arch: string;
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly slots: number;
}

export interface NewRunner extends HostFacts {
  readonly tenantId: string;
  readonly poolId: string;
  readonly name: string;
  /** Raw public keys, base64url. */
  readonly signKey: string;
  readonly boxKey: string;
}

/** What the server must know to trust a runner and to wrap keys for it. */
export interface RunnerIdentity {
  readonly id: string;
  readonly tenantId: string;
  readonly poolId: string;
  readonly name: string;
  readonly signKey: string;
  readonly boxKey: string;
  readonly os: string;
  /** Of its newest session. */
  readonly sessionEpoch: number;
  readonly isDraining: boolean;
  /** Its tenant is paused: what it runs may end, and nothing more is given to it. */
  readonly isResting: boolean;
}

export type SessionRunner = Pick<
  RunnerIdentity,
  'id' | 'tenantId' | 'poolId' | 'name' | 'os' | 'sessionEpoch' | 'isDraining'
>;

/** @throws RocError ROC_CONFLICT when the tenant has a runner of that name */
export async function insertRunner(tx: Tx, runner: NewRunner): Promise<string> {
  const id = await tx.newId();
  const row = {
    id,
    tenant_id: runner.tenantId,
    pool_id: runner.poolId,
    name: runner.name,
    sign_key: runner.signKey,
    box_key: runner.boxKey,
    ...hostColumns(runner),
    boot_id: null,
    session_epoch: 0,
    is_draining: 0 as const,
    last_seen_at: null,
    created_at: await tx.now(),
  };
  try {
    await tx.db.insertInto('runner').values(row).execute();
  } catch (error) {
    if (!tx.dialect.isDuplicate(error)) throw error;
    throw new RocError('ROC_CONFLICT', `a runner named ${runner.name} exists already`, {
      hint: 'Choose another --name, or remove that one with `roc runners remove`.',
    });
  }
  return id;
}

export async function findRunner(reader: Reader, id: string): Promise<RunnerIdentity | null> {
  const [runner = null] = await findRunners(reader, [id]);
  return runner;
}

/** Those of them that are registered, and whose tenants are not closed. */
export async function findRunners({ db }: Reader, ids: readonly string[]): Promise<RunnerIdentity[]> {
  const rows = await db
    .selectFrom('runner')
    .innerJoin('tenant', 'tenant.id', 'runner.tenant_id')
    .select(['runner.id', 'tenant_id', 'pool_id', 'runner.name', 'sign_key', 'box_key', 'os', 'tenant.state'])
    .select(['session_epoch', 'is_draining'])
    .where('runner.id', 'in', ids)
    .where('tenant.state', 'in', ['active', 'paused'])
    .execute();
  return rows.map((row) => ({
    id: row.id,
    tenantId: row.tenant_id,
    poolId: row.pool_id,
    name: row.name,
    signKey: row.sign_key,
    boxKey: row.box_key,
    os: row.os,
    sessionEpoch: row.session_epoch,
    isDraining: row.is_draining === 1,
    isResting: row.state !== 'active',
  }));
}

/**
 * The runner, if this is its newest session.
 * @throws RocError ROC_GONE for an older session, ROC_UNAUTHENTICATED for a runner that was removed
 */
export async function runnerInSession(
  reader: Reader,
  { runnerId, sessionEpoch }: { readonly runnerId: string; readonly sessionEpoch: number },
): Promise<SessionRunner> {
  return requireSession((await readSessions(reader, [runnerId])).get(runnerId), sessionEpoch);
}

/** Runners with their newest sessions, by id; those that were removed are missing. */
export async function readSessions(
  { db }: Reader,
  runnerIds: readonly string[],
): Promise<Map<string, SessionRunner>> {
  const rows = await db
    .selectFrom('runner')
    .select(['id', 'tenant_id', 'pool_id', 'name', 'os', 'session_epoch', 'is_draining'])
    .where('id', 'in', runnerIds)
    .execute();
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        tenantId: row.tenant_id,
        poolId: row.pool_id,
        name: row.name,
        os: row.os,
        sessionEpoch: row.session_epoch,
        isDraining: row.is_draining === 1,
      },
    ]),
  );
}

/** @throws RocError ROC_GONE for an older session, ROC_UNAUTHENTICATED for a runner that was removed */
export function requireSession<R extends Pick<SessionRunner, 'sessionEpoch'>>(
  runner: R | undefined,
  sessionEpoch: number,
): R {
  if (runner === undefined) throw unknownRunner();
  if (runner.sessionEpoch === sessionEpoch) return runner;
  throw new RocError('ROC_GONE', 'a newer session of this runner has begun', {
    hint: 'Only one process may run under one registration; stop the other one or open a new session.',
  });
}

/** Begins the runner's next session and returns its number; a drain of before is over. */
export async function bumpSession(
  tx: Tx,
  runnerId: string,
  bootId: string,
  host: HostFacts,
): Promise<number> {
  const row = await tx.dialect
    .lock(tx.db.selectFrom('runner').select('session_epoch').where('id', '=', runnerId))
    .executeTakeFirst();
  if (row === undefined) throw unknownRunner();
  const sessionEpoch = row.session_epoch + 1;
  await updateRunner(tx, runnerId, {
    ...hostColumns(host),
    boot_id: bootId,
    session_epoch: sessionEpoch,
    is_draining: 0,
    last_seen_at: await tx.now(),
  });
  return sessionEpoch;
}

/** Notes that sessions are alive, but for those that have ended meanwhile. */
export async function touchRunners(reader: Reader, runnerIds: readonly string[]): Promise<void> {
  await reader.db
    .updateTable('runner')
    .set({ last_seen_at: await reader.now() })
    .where('id', 'in', runnerIds)
    .where('last_seen_at', 'is not', null)
    .execute();
}

/** Seen last never: it shows as offline at once. */
export async function forgetSession(tx: Tx, runnerId: string): Promise<void> {
  await updateRunner(tx, runnerId, { last_seen_at: null, session_epoch: sql<number>`session_epoch + 1` });
}

export async function setDraining(tx: Tx, runnerId: string): Promise<void> {
  await updateRunner(tx, runnerId, { is_draining: 1 });
}

export async function deleteRunner(tx: Tx, runnerId: string): Promise<void> {
  await tx.db.deleteFrom('runner').where('id', '=', runnerId).execute();
}

async function updateRunner(
  tx: Tx,
  id: string,
  set: { [K in keyof RunnerTable]?: RunnerTable[K] | ReturnType<typeof sql<RunnerTable[K]>> },
): Promise<void> {
  await tx.db.updateTable('runner').set(set).where('id', '=', id).execute();
}

function hostColumns({ os, arch, version, labels, slots }: HostFacts) {
  return { os, arch, version, labels: toJson(labels), slots };
}

function unknownRunner(): RocError {
  return new RocError('ROC_UNAUTHENTICATED', 'this runner is not registered, or was removed', {
    hint: 'Register it again with a new token (`roc runners token`, `roc runner register`).',
  });
}

export async function hasRunnerNamed({ db }: Reader, tenantId: string, name: string): Promise<boolean> {
  const row = await db
    .selectFrom('runner')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .executeTakeFirst();
  return row !== undefined;
}
