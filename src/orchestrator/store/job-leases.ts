/** Leases: who works on a job, under which epoch, until when. The row is the fence: no row, no write. */
import { type RawBuilder, type Selectable, sql, type Updateable } from 'kysely';
import { RocError } from '../../kernel/errors.js';
import type { JobRef } from '../decide/session.js';
import type { Dialect } from './dialect.js';
import { held } from './held-statements.js';
import { insertRows } from './insert-rows.js';
import { HEAD_COLUMNS, headOf, type JobHead, lockJobs } from './job-heads.js';
import type { JobLeaseTable } from './job-tables.js';
import type { Reader, Tx } from './store.js';

export type Lease = Selectable<JobLeaseTable>;

/** What a runner must show to write for a job. */
export interface LeaseClaim extends JobRef {
  readonly runnerId: string;
}

export interface HeldJob {
  readonly lease: Lease;
  readonly job: JobHead;
}

export async function insertLeases(tx: Tx, leases: readonly Lease[]): Promise<void> {
  await insertRows(tx, 'job_lease', leases);
}

/** Locks the lease that a runner claims to hold. @throws RocError ROC_STALE_LEASE when it is another's or gone */
export async function lockLease({ db, dialect }: Tx, claim: LeaseClaim): Promise<Lease> {
  const lease = await dialect
    .lock(db.selectFrom('job_lease').selectAll().where('job_id', '=', claim.jobId))
    .executeTakeFirst();
  if (lease === undefined || !isHeldBy(lease, claim)) throw staleLease(claim);
  return lease;
}

/** Under which epochs these jobs are held now, without a lock. */
export async function listClaims({ db }: Reader, jobIds: readonly string[]): Promise<JobRef[]> {
  const rows = await db
    .selectFrom('job_lease')
    .select(['job_id', 'epoch'])
    .where('job_id', 'in', jobIds)
    .execute();
  return rows.map(({ job_id, epoch }) => ({ jobId: job_id, epoch }));
}

type WithNow = Lease & { readonly database_now: number };

/** Locks the lease that a runner claims to hold, and its job; null when it is another's or gone. */
export async function findHeldJob(tx: Tx, claim: LeaseClaim): Promise<HeldJob | null> {
  const { db, dialect } = tx;
  const { rows } = await sql<WithNow>`select job_lease.*, ${HEAD_COLUMNS}, ${dialect.now} as database_now
    from job_lease inner join job on job.id = job_lease.job_id
    where job_lease.job_id = ${claim.jobId} ${dialect.forUpdate}`.execute(db);
  const [row] = rows;
  if (row !== undefined) tx.readNow(row.database_now);
  return row !== undefined && isHeldBy(row, claim) ? { lease: row, job: headOf({ ...row }) } : null;
}

/** As findHeldJob, for many at once and in one order, so that two that want the same never wait for one another. */
export async function findHeldJobs(tx: Tx, claims: readonly LeaseClaim[]): Promise<HeldJob[]> {
  const { db, dialect } = tx;
  const { rows } = await sql<WithNow>`select job_lease.*, ${HEAD_COLUMNS}, ${dialect.now} as database_now
    from job_lease ${dialect.usePrimaryKey} inner join job on job.id = job_lease.job_id
    where job_lease.job_id in (${sql.join(claims.map(({ jobId }) => jobId))})
    order by job_lease.job_id ${dialect.forUpdate}`.execute(db);
  const byJob = new Map(claims.map((claim) => [claim.jobId, claim]));
  if (rows[0] !== undefined) tx.readNow(rows[0].database_now);
  return rows.flatMap((row) => {
    const claim = byJob.get(row.job_id);
    return claim !== undefined && isHeldBy(row, claim) ? [{ lease: row, job: headOf({ ...row }) }] : [];
  });
}

/** As findHeldJob. @throws RocError ROC_STALE_LEASE */
export async function lockHeldJob(tx: Tx, claim: LeaseClaim): Promise<HeldJob> {
  const held = await findHeldJob(tx, claim);
  if (held === null) throw staleLease(claim);
  return held;
}

function isHeldBy(lease: Lease, claim: LeaseClaim): boolean {
  return lease.epoch === claim.epoch && lease.runner_id === claim.runnerId;
}

/** Takes leases that have run out, oldest first; those that another node is reaping are passed over. */
export async function lockExpired(tx: Tx, limit: number): Promise<HeldJob[]> {
  const { rows } = await expiredQuery(tx.dialect, await tx.now(), limit).execute(tx.db);
  return withJobs(tx, rows);
}

export function expiredQuery(dialect: Dialect, now: number, limit: number): RawBuilder<Lease> {
  return sql<Lease>`
    select * from job_lease ${dialect.useIndex('job_lease_until')}
    where lease_until <= ${now} order by lease_until, job_id limit ${limit} ${dialect.skipLocked}`;
}

/** Takes all leases of a runner, of whatever session. */
export async function lockJobsOfRunner(tx: Tx, runnerId: string): Promise<HeldJob[]> {
  const { rows } = await sql<Lease>`
    select * from job_lease ${tx.dialect.useIndex('job_lease_runner')}
    where runner_id = ${runnerId} order by job_id ${tx.dialect.forUpdate}`.execute(tx.db);
  return withJobs(tx, rows);
}

async function withJobs(tx: Tx, leases: readonly Lease[]): Promise<HeldJob[]> {
  if (leases.length === 0) return [];
  const jobs = await lockJobs(
    tx,
    leases.map(({ job_id }) => job_id),
  );
  const byId = new Map(jobs.map((job) => [job.id, job]));
  return leases.flatMap((lease) => {
    const job = byId.get(lease.job_id);
    return job === undefined ? [] : [{ lease, job }];
  });
}

/** What a heartbeat says of one job. */
export interface Renewal extends JobRef {
  readonly progress?: { readonly percent: number | null; readonly message: string } | undefined;
}

/** Renews the named leases of one session in one statement, each only under its own epoch, and keeps their progress. */
export async function renewLeases(
  tx: Tx,
  session: { readonly runnerId: string; readonly sessionEpoch: number },
  renewals: readonly Renewal[],
  until: number,
): Promise<void> {
  const told = renewals.filter(({ progress }) => progress !== undefined);
  const cases = told.map(({ jobId, progress }) => sql`when ${jobId} then ${JSON.stringify(progress)}`);
  await tx.db
    .updateTable('job_lease')
    .set({
      lease_until: until,
      ...(cases.length === 0
        ? {}
        : { progress: sql<string>`case job_id ${sql.join(cases, sql` `)} else progress end` }),
    })
    .where('runner_id', '=', session.runnerId)
    .where('session_epoch', '=', session.sessionEpoch)
    .where(({ eb, or, and }) =>
      or(renewals.map(({ jobId, epoch }) => and([eb('job_id', '=', jobId), eb('epoch', '=', epoch)]))),
    )
    .execute();
}

/** The leases of one session with the state of their jobs. */
export async function listSessionLeases(
  { db }: Reader,
  session: { readonly runnerId: string; readonly sessionEpoch: number },
): Promise<(JobRef & { readonly isCanceling: boolean })[]> {
  const rows = await db
    .selectFrom('job_lease')
    .innerJoin('job', 'job.id', 'job_lease.job_id')
    .select(['job_lease.job_id', 'job_lease.epoch', 'job.state'])
    .where('runner_id', '=', session.runnerId)
    .where('session_epoch', '=', session.sessionEpoch)
    .execute();
  return rows.map(({ job_id, epoch, state }) => ({
    jobId: job_id,
    epoch,
    isCanceling: state === 'canceling',
  }));
}

export async function updateLease(tx: Tx, lease: Lease, set: Updateable<JobLeaseTable>): Promise<void> {
  await tx.db.updateTable('job_lease').set(set).where('job_id', '=', lease.job_id).execute();
}

/** Changes leases that are locked, all in the same way. */
export async function updateLeases(
  { db, dialect }: Tx,
  leases: readonly Lease[],
  set: Partial<JobLeaseTable>,
): Promise<void> {
  const assignments = Object.entries(set).map(([column, value]) => sql`${sql.id(column)} = ${value}`);
  const ids = leases.map(({ job_id }) => job_id);
  await held(sql`update job_lease ${dialect.usePrimaryKey} set ${sql.join(assignments)}
    where job_id in (${sql.join(ids)})`).execute(db);
}

/** Leases that are locked. */
export async function deleteLeases({ db, dialect }: Tx, leases: readonly Lease[]): Promise<void> {
  const ids = leases.map(({ job_id }) => job_id);
  await held(dialect.deleteByKeys('job_lease', 'job_id', ids)).execute(db);
}

export async function deleteLease(tx: Tx, lease: Lease): Promise<void> {
  await deleteLeases(tx, [lease]);
}

export function staleLease({ jobId, epoch }: JobRef): RocError {
  return new RocError('ROC_STALE_LEASE', `the lease of job ${jobId} under epoch ${epoch} has ended`, {
    hint: 'Stop its robot and write nothing more for it; the job goes on elsewhere or has ended.',
    details: { jobId, epoch },
  });
}
