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
export function takeTry(store: Store, buckets: readonly Bucket[]): Promise<number> {
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
  const { numUpdatedRows } = await tx.db
    .updateTable('sign_in_bucket')
    .set(row)
    .where('bucket', '=', name)
    .executeTakeFirstOrThrow();
  if (Number(numUpdatedRows) > 0) return;
  try {
    await tx.db
      .insertInto('sign_in_bucket')
      .values({ ...row, bucket: name })
      .execute();
  } catch (error) {
    if (!tx.dialect.isDuplicate(error)) throw error;
    // Two first tries at once: the other one's row is there now, and this try is taken from it.
    await tx.db
      .updateTable('sign_in_bucket')
      .set((eb) => ({ level: eb('level', '-', ONE) }))
      .where('bucket', '=', name)
      .execute();
  }
}
