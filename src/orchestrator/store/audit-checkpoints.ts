/** Signed checkpoints as the database keeps them; the blob store has each one, too. */
import { canonicalJson } from '../../kernel/canonical-json.js';
import { type Checkpoint, checkpointSchema } from '../../protocol/audit/checkpoint.js';
import type { Reader, Tx } from './store.js';

export async function newestCheckpoint({ db }: Reader, tenantId: string): Promise<Checkpoint | null> {
  const row = await db
    .selectFrom('audit_checkpoint')
    .select('body')
    .where('tenant_id', '=', tenantId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : readCheckpoint(row.body);
}

/** Oldest first. A row that cannot be read is left out: then the chain does not verify. */
export async function listCheckpoints({ db }: Reader, tenantId: string): Promise<Checkpoint[]> {
  const rows = await db
    .selectFrom('audit_checkpoint')
    .select('body')
    .where('tenant_id', '=', tenantId)
    .orderBy('number')
    .execute();
  return rows.flatMap(({ body }) => readCheckpoint(body) ?? []);
}

/** False where another node made this number in the same moment. */
export async function insertCheckpoint(tx: Tx, checkpoint: Checkpoint): Promise<boolean> {
  const { tenant, number, seq, at } = checkpoint;
  try {
    await tx.db
      .insertInto('audit_checkpoint')
      .values({ tenant_id: tenant, number, seq, created_at: Date.parse(at), body: canonicalJson(checkpoint) })
      .execute();
    return true;
  } catch (error) {
    if (tx.dialect.isDuplicate(error)) return false;
    throw error;
  }
}

export function readCheckpoint(text: string): Checkpoint | null {
  try {
    return checkpointSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** The newest one that was made before `before`. */
export async function checkpointBefore(
  { db }: Reader,
  tenantId: string,
  before: number,
): Promise<Checkpoint | null> {
  const row = await db
    .selectFrom('audit_checkpoint')
    .select('body')
    .where('tenant_id', '=', tenantId)
    .where('created_at', '<', before)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : readCheckpoint(row.body);
}

export async function deleteCheckpointsBefore(
  { db }: Reader,
  tenantId: string,
  number: number,
): Promise<void> {
  await db
    .deleteFrom('audit_checkpoint')
    .where('tenant_id', '=', tenantId)
    .where('number', '<', number)
    .execute();
}
