/** How long things are kept, and the evidence that is older than that. */
import type { Store } from './store.js';

/** Days; null keeps for ever. */
export interface Retention {
  readonly jobLogDays: number | null;
  readonly jobDays: number | null;
  readonly evidenceDays: number | null;
  readonly auditDays: number | null;
}

export const KEEP_ALL: Retention = { jobLogDays: null, jobDays: null, evidenceDays: null, auditDays: null };

const BATCH = 200;

/** Evidence from before `before`, some of it, with the blobs that become nobody's. */
export async function oldEvidence({ db }: Store, before: number): Promise<{ id: string; blobKey: string }[]> {
  const rows = await db
    .selectFrom('evidence')
    .select(['id', 'blob_key'])
    .where('created_at', '<', before)
    .orderBy('id')
    .limit(BATCH)
    .execute();
  return rows.map(({ id, blob_key }) => ({ id, blobKey: blob_key }));
}

export async function deleteEvidence({ db }: Store, id: string): Promise<void> {
  // First, so that no statement is ever left that leads nowhere; what is sent again by now is too old to be taken.
  await db.deleteFrom('evidence_statement').where('evidence_id', '=', id).execute();
  await db.deleteFrom('evidence').where('id', '=', id).execute();
}
