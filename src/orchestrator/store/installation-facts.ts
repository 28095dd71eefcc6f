/** Single facts about this installation. */
import type { Reader, Store } from './store.js';

export async function readFact({ db }: Reader, name: string): Promise<string | null> {
  const row = await db
    .selectFrom('installation_fact')
    .select('fact_value')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.fact_value ?? null;
}

/** Writes a fact; of two nodes that write at once either may win. */
export function writeFact(store: Store, name: string, value: string): Promise<void> {
  return store.transaction(async (tx) => {
    const row = { fact_value: value, updated_at: await tx.now() };
    const change = () =>
      tx.db.updateTable('installation_fact').set(row).where('name', '=', name).executeTakeFirstOrThrow();
    if (Number((await change()).numUpdatedRows) > 0) return;
    try {
      await tx.db
        .insertInto('installation_fact')
        .values({ name, ...row })
        .execute();
    } catch (error) {
      if (!tx.dialect.isDuplicate(error)) throw error;
      await change();
    }
  });
}
