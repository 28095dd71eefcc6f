/** Leases: who works on a job, under which epoch, until when. The row is the fence: no row, no write. */
import { type RawBuilder, type Selectable, sql, type Updateable } from 'kysely';
import { RocError } from '../../kernel/errors.js';
import type { JobRef } from '../decide/session.js';
import type { Dialect } from './dialect.js';
import type { JobLeaseTable } from './job-tables.js';
import type { Reader, Tx } from './store.js';

export type Lease = Selectable<JobLeaseTable>;

/** What a runner must show to write for a job. */
export interface LeaseClaim extends JobRef {
  readonly runnerId: string;
}

export async function insertLeases(tx: Tx, leases: readonly Lease[]): Promise<void> {
  await tx.db.insertInto('job_lease').values(leases).execute();
}

/** Locks the lease that a runner claims to hold; null when it is another's or gone. */
export async function findLease(tx: Tx, claim: LeaseClaim): Promise<Lease | null> {
  const lease = await tx.dialect
    .lock(tx.db.selectFrom('job_lease').selectAll().where('job_id', '=', claim.jobId))
    .executeTakeFirst();
  const isHeld = lease?.epoch === claim.epoch && lease.runner_id === claim.runnerId;
  return isHeld ? lease : null;
}

/** As findLease. @throws RocError ROC_STALE_LEASE */
export async function lockLease(tx: Tx, claim: LeaseClaim): Promise<Lease> {
  const lease = await findLease(tx, claim);
  if (lease === null) throw staleLease(claim);
  return lease;
}

/** Takes leases that have run out, oldest first; those that another node is reaping are passed over. */
export async function lockExpired(tx: Tx, limit: number): Promise<Lease[]> {
  const { rows } = await expiredQuery(tx.dialect, await tx.now(), limit).execute(tx.db);
  return rows;
}

export function expiredQuery(dialect: Dialect, now: number, limit: number): RawBuilder<Lease> {
  return sql<Lease>`
    select * from job_lease ${dialect.useIndex('job_lease_until')}
    where lease_until <= ${now} order by lease_until, job_id limit ${limit} ${dialect.skipLocked}`;
}

export async function lockLeasesOfRunner({ db, dialect }: Tx, runnerId: string): Promise<Lease[]> {
  const { rows } = await sql<Lease>`
    select * from job_lease ${dialect.useIndex('job_lease_runner')}
    where runner_id = ${runnerId} order by job_id ${dialect.forUpdate}`.execute(db);
  return rows;
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

export async function deleteLease(tx: Tx, lease: Lease): Promise<void> {
  await tx.db
    .deleteFrom('job_lease')
    .where('job_id', '=', lease.job_id)
    .where('epoch', '=', lease.epoch)
    .execute();
}

export function staleLease({ jobId, epoch }: JobRef): RocError {
  return new RocError('ROC_STALE_LEASE', `the lease of job ${jobId} under epoch ${epoch} has ended`, {
    hint: 'Stop its robot and write nothing more for it; the job goes on elsewhere or has ended.',
    details: { jobId, epoch },
  });
}
