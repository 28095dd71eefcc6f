/** Tenants. */
import type { Reader } from './store.js';

/** The tenant that the first start made: what belongs to no other tenant is told there. Null before that start. */
export async function installationTenant({ db }: Reader): Promise<string | null> {
  const row = await db.selectFrom('tenant').select('id').orderBy('id').limit(1).executeTakeFirst();
  return row?.id ?? null;
}
