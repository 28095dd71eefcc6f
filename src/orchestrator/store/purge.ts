/** Forgets what has expired: kept replies, sessions, registration tokens, ids of assertions, old counts of use. */
import { DAY } from '../../kernel/time.js';
import { forgetUsageBefore } from './api-usage.js';
import { forgetNodesUnseenSince } from './nodes.js';
import type { Store } from './store.js';

/** Sessions and tokens stay this much longer, so that a late use of one is still known for what it is. */
const KEEP_ENDED_MS = 7 * 24 * 60 * 60 * 1000;
/** As far back as `roc keys usage` looks. */
const USAGE_MS = 400 * DAY;
const BATCH = 1000;

/** Deletes in small batches, so that no long transaction holds others up. Any node may do it, also two at once. */
export async function purgeExpired(store: Store): Promise<void> {
  const now = await store.now();
  await forgetNodesUnseenSince(store, now - DAY);
  await forgetUsageBefore(store, now - USAGE_MS);
  const before = {
    idempotency: now,
    runner_assertion: now,
    sign_in_bucket: now,
    sso_attempt: now,
    one_time_link: now - KEEP_ENDED_MS,
    session: now - KEEP_ENDED_MS,
    runner_token: now - KEEP_ENDED_MS,
  };
  for (const table of Object.keys(before) as (keyof typeof before)[]) {
    await purgeTable(store, table, before[table]);
  }
}

type PurgedTable =
  | 'idempotency'
  | 'runner_assertion'
  | 'sign_in_bucket'
  | 'sso_attempt'
  | 'one_time_link'
  | 'session'
  | 'runner_token';

async function purgeTable({ db }: Store, table: PurgedTable, before: number): Promise<void> {
  for (;;) {
    const ends = await db
      .selectFrom(table)
      .select('expires_at')
      .where('expires_at', '<=', before)
      .orderBy('expires_at')
      .limit(BATCH)
      .execute();
    const last = ends.at(-1)?.expires_at;
    if (last === undefined) return;
    await db.deleteFrom(table).where('expires_at', '<=', last).execute();
    if (ends.length < BATCH) return;
  }
}
