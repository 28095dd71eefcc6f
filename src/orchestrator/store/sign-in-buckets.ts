/** Token buckets in the database: what all nodes together have let through. */
import type { Store, Tx } from './store.js';

/** `burst` tries at once, then one each `refillMs`. */
export interface Rate {
  readonly burst: number;
  readonly refillMs: number;
}

export interface Bucket {
  /** At most 64 characters. */
  readonly name: string;
  readonly rate: Rate;
}

/** Levels are kept in thousandths of a try. */
const ONE = 1000;

/** Takes one try from every bucket, or, where one is empty, none; answers the milliseconds until there is one. */
export async function takeTry(store: Store, buckets: readonly Bucket[]): Promise<number> {
  await ensureRows(store, buckets);
  return store.transaction(async (tx) => {
    const levels: number[] = [];
    for (const bucket of inOrder(buckets)) levels.push(await lockLevel(tx, bucket));
    const waits = inOrder(buckets).map(({ rate }, at) => ((ONE - (levels[at] ?? 0)) * rate.refillMs) / ONE);
    const waitMs = Math.ceil(Math.max(0, ...waits));
    if (waitMs > 0) return waitMs;
    for (const [at, bucket] of inOrder(buckets).entries())
      await setLevel(tx, bucket, (levels[at] ?? 0) - ONE);
    return 0;
  });
}

/** Gives one try back to each. */
export async function giveBackTry(store: Store, buckets: readonly Bucket[]): Promise<void> {
  await store.transaction(async (tx) => {
    for (const bucket of inOrder(buckets)) await setLevel(tx, bucket, (await lockLevel(tx, bucket)) + ONE);
  });
}

/** One order for all: two that want the same buckets never hold one each. */
function inOrder(buckets: readonly Bucket[]): readonly Bucket[] {
  return [...buckets].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function lockLevel(tx: Tx, { name, rate }: Bucket): Promise<number> {
  const query = tx.db.selectFrom('sign_in_bucket').select(['level', 'counted_at']).where('bucket', '=', name);
  const row = await tx.dialect.lock(query).executeTakeFirst();
  if (row === undefined) return rate.burst * ONE;
  const refilled = ((await tx.now()) - row.counted_at) / rate.refillMs;
  return Math.min(rate.burst * ONE, row.level + Math.max(0, Math.floor(refilled * ONE)));
}

async function setLevel(tx: Tx, { name, rate }: Bucket, wanted: number): Promise<void> {
  const now = await tx.now();
  const level = Math.min(rate.burst * ONE, wanted);
  const fullIn = Math.ceil(((rate.burst * ONE - level) * rate.refillMs) / ONE);
  const row = { level, counted_at: now, expires_at: now + fullIn };
  await tx.db.updateTable('sign_in_bucket').set(row).where('bucket', '=', name).execute();
}

/**
 * A row that is not there cannot be locked: many first tries at once would all find a full bucket. It is made by itself
 * before, since two that insert it in their transactions would wait for one another.
 */
async function ensureRows(store: Store, buckets: readonly Bucket[]): Promise<void> {
  const names = buckets.map(({ name }) => name);
  const rows = await store.db
    .selectFrom('sign_in_bucket')
    .select('bucket')
    .where('bucket', 'in', names)
    .execute();
  const known = new Set(rows.map(({ bucket }) => bucket));
  for (const { name: bucket, rate } of buckets.filter(({ name }) => !known.has(name))) {
    const now = await store.now();
    // Not forgotten again before it was used.
    const row = { bucket, level: rate.burst * ONE, counted_at: now, expires_at: now + rate.refillMs };
    await store
      .transaction(async (tx) => {
        await tx.db.insertInto('sign_in_bucket').values(row).execute();
      })
      .catch((error: unknown) => {
        if (!store.dialect.isDuplicate(error)) throw error;
      });
  }
}
