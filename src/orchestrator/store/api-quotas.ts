/** The buckets of API keys in the database: what all nodes together may give out. */
import { type Bucket, type Draw, draw, fullBucket, type Quota } from '../decide/token-bucket.js';
import type { Store, Tx } from './store.js';

/** Draws requests for one node. Two nodes that draw at once wait for one another. */
export function drawTokens(
  store: Store,
  keyId: string,
  quota: Quota,
  { wanted, unused }: { readonly wanted: number; readonly unused: number },
): Promise<Draw> {
  return store.transaction(async (tx) => {
    const now = await tx.now();
    const bucket = (await lockBucket(tx, keyId)) ?? (await makeBucket(tx, keyId, fullBucket(quota, now)));
    const drawn = draw(bucket, quota, wanted, unused, now);
    if (drawn.granted > 0 || unused > 0) {
      await tx.db.updateTable('api_quota').set(columnsOf(drawn.bucket)).where('key_id', '=', keyId).execute();
    }
    return drawn;
  });
}

async function lockBucket({ db, dialect }: Tx, keyId: string): Promise<Bucket | null> {
  const row = await dialect
    .lock(db.selectFrom('api_quota').selectAll().where('key_id', '=', keyId))
    .executeTakeFirst();
  if (row === undefined) return null;
  const { level_milli, refilled_at, quota_day, day_used } = row;
  return { levelMilli: level_milli, refilledAt: refilled_at, day: quota_day, dayUsed: day_used };
}

async function makeBucket(tx: Tx, keyId: string, bucket: Bucket): Promise<Bucket> {
  try {
    await tx.db
      .insertInto('api_quota')
      .values({ key_id: keyId, ...columnsOf(bucket) })
      .execute();
    return bucket;
  } catch (error) {
    const made = tx.dialect.isDuplicate(error) ? await lockBucket(tx, keyId) : null;
    if (made === null) throw error;
    return made;
  }
}

function columnsOf({ levelMilli, refilledAt, day, dayUsed }: Bucket) {
  return { level_milli: Math.floor(levelMilli), refilled_at: refilledAt, quota_day: day, day_used: dayUsed };
}
