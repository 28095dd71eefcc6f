/** Ended jobs whose history waits to be chained. */
import { sql } from 'kysely';
import { insertRows } from './insert-rows.js';
import type { Tx } from './store.js';

export interface JobSeal {
  readonly tenantId: string;
  readonly jobId: string;
}

export async function insertSeals(
  tx: Tx,
  jobs: readonly { readonly id: string; readonly tenant_id: string }[],
): Promise<void> {
  const ended_at = await tx.now();
  const rows = jobs.map(({ id, tenant_id }) => ({ job_id: id, tenant_id, ended_at }));
  await insertRows(tx, 'job_seal', rows);
}

/** By tenant; those that another node is at are passed over. */
export async function lockSeals({ db, dialect }: Tx, limit: number): Promise<JobSeal[]> {
  const { rows } = await sql<{ tenant_id: string; job_id: string }>`
    select tenant_id, job_id from job_seal ${dialect.useIndex('job_seal_order')}
    order by tenant_id, job_id limit ${limit} ${dialect.skipLocked}`.execute(db);
  return rows.map(({ tenant_id, job_id }) => ({ tenantId: tenant_id, jobId: job_id }));
}

export async function deleteSeals({ db, dialect }: Tx, jobIds: readonly string[]): Promise<void> {
  await dialect.deleteByKeys('job_seal', 'job_id', jobIds).execute(db);
}
