/** What keys have used, by UTC day and class of route. */
import { sql } from 'kysely';
import { DAY } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import { dayOf } from '../decide/token-bucket.js';
import type { Reader, Store, Tx } from './store.js';

export type Usage = ReplyOf<'keys.usage'>['items'][number];

const KEYS = 50;

export interface UsageCount {
  readonly keyId: string;
  readonly routeClass: string;
  readonly requests: number;
  readonly denied: number;
}

/** Adds counts to the day that the database has now, and notes when each key was last used. */
export function addUsage(store: Store, counts: readonly UsageCount[]): Promise<void> {
  return store.transaction(async (tx) => {
    const now = await tx.now();
    // In one order on every node: two that write the same rows must not wait for one another.
    const ordered = [...counts].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    for (const count of ordered) await addOne(tx, count, dayOf(now));
    const used = [...new Set(ordered.map(({ keyId }) => keyId))];
    await tx.db.updateTable('api_key').set({ last_used_at: now }).where('id', 'in', used).execute();
  });
}

/** Of the last days, newest first. */
export async function listUsage(reader: Reader, keyId: string, days: number): Promise<Usage[]> {
  const since = dayOf((await reader.now()) - (days - 1) * DAY);
  const rows = await reader.db
    .selectFrom('api_usage')
    .selectAll()
    .where('key_id', '=', keyId)
    .where('usage_day', '>=', since)
    .orderBy('usage_day', 'desc')
    .orderBy('route_class')
    .execute();
  return rows.map(({ usage_day, route_class, requests, denied }) => ({
    day: String(usage_day).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3'),
    routeClass: route_class,
    requests,
    denied,
  }));
}

/** Some keys at a time: old days are a range within each. @param before epoch milliseconds */
export async function forgetUsageBefore({ db }: Reader, before: number): Promise<void> {
  let last = '';
  for (;;) {
    const keys = await db
      .selectFrom('api_key')
      .select('id')
      .where('id', '>', last)
      .orderBy('id')
      .limit(KEYS)
      .execute();
    const ids = keys.map(({ id }) => id);
    if (ids.length > 0)
      await db
        .deleteFrom('api_usage')
        .where('key_id', 'in', ids)
        .where('usage_day', '<', dayOf(before))
        .execute();
    if (keys.length < KEYS) return;
    last = keys.at(-1)?.id ?? '';
  }
}

async function addOne(tx: Tx, count: UsageCount, day: number): Promise<void> {
  const { requests, denied } = count;
  const row = { key_id: count.keyId, usage_day: day, route_class: count.routeClass };
  const add = async () => {
    const { numUpdatedRows } = await tx.db
      .updateTable('api_usage')
      .set({ requests: sql`requests + ${requests}`, denied: sql`denied + ${denied}` })
      .where(({ and }) => and(row))
      .executeTakeFirstOrThrow();
    return Number(numUpdatedRows) > 0;
  };
  if (await add()) return;
  try {
    await tx.db
      .insertInto('api_usage')
      .values({ ...row, requests, denied })
      .execute();
  } catch (error) {
    // Another node made the row in this moment.
    if (!tx.dialect.isDuplicate(error) || !(await add())) throw error;
  }
}

function nameOf({ keyId, routeClass }: UsageCount): string {
  return `${keyId} ${routeClass}`;
}
