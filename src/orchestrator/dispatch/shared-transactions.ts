/** Small transactions of one tenant that come together are one: one commit, and one turn at the tenant's chain, for many. */
import { isRocError } from '../../kernel/errors.js';
import { KeyTaken, listTaken, takeKeys, type WantedKey } from '../store/idempotency.js';
import type { Store, Tx } from '../store/store.js';
import { createTogether, takeDistinct, type Waiting } from './together.js';

/** As the parts of a transaction of one's own; each may run more than once, as it may there. */
export interface SharedWork<T> {
  /**
   * Taken before the work of any begins: it may have to wait for another node, and the chain must not wait with it.
   * Where it is not free, the work ends with {@link KeyTaken}.
   */
  readonly key?: WantedKey;
  readonly run: (tx: Tx) => Promise<T>;
}

export type SharedTransaction = <T>(tenantId: string, work: SharedWork<T>) => Promise<T>;

/** Each turn at a chain waits for the disk: a tenant has one at a time anyway. */
const LANES = 1;
const BATCH = 32;
/** So often those are left out of a batch that keep it from being done. */
const ROUNDS = 3;

export function createSharedTransactions(store: Store): SharedTransaction {
  const tenants = new Map<string, (work: SharedWork<unknown>) => Promise<unknown>>();
  const open = () =>
    createTogether<SharedWork<unknown>, unknown>({
      lanes: LANES,
      enough: BATCH,
      // Two under one key are not done together: the second is answered with what the first one kept.
      take: (waiting) => {
        let keyless = 0;
        return takeDistinct(waiting, BATCH, ({ key }) =>
          key === undefined ? `${keyless++}` : `key ${key.key}`,
        );
      },
      round: (batch) => serve(store, batch),
    });
  return async <T>(tenantId: string, work: SharedWork<T>) => {
    const queue = tenants.get(tenantId) ?? open();
    tenants.set(tenantId, queue);
    return (await queue(work)) as T;
  };
}

/** The whole of a work, in a transaction of its own. */
export async function runAlone<T>({ key, run }: SharedWork<T>, tx: Tx): Promise<T> {
  if (key !== undefined) await takeKeys(tx, [key]);
  return run(tx);
}

type Member = Waiting<SharedWork<unknown>, unknown>;

async function serve(store: Store, batch: readonly Member[]): Promise<void> {
  let rest = batch;
  const alone: Member[] = [];
  for (let round = 0; rest.length > 1 && round < ROUNDS; round++) {
    const left = await runTogether(store, rest);
    rest = left.length === 0 ? [] : rest.filter((member) => !left.includes(member));
    alone.push(...left);
  }
  // What keeps one from being done may be another's; alone it shows whose it is.
  await Promise.all(
    [...rest, ...alone].map(({ asked, resolve, reject }) =>
      store.transaction((tx) => runAlone(asked, tx)).then(resolve, reject),
    ),
  );
}

/** Settles all; or nothing was done, and these are to be left out of the next try. */
async function runTogether(store: Store, batch: readonly Member[]): Promise<readonly Member[]> {
  let at: Member | null = null;
  try {
    const answers = await store.transactionOnce(async (tx) => {
      await takeKeys(tx, keysOf(batch));
      const all: unknown[] = [];
      for (const member of batch) {
        at = member;
        all.push(await member.asked.run(tx));
      }
      at = null;
      return all;
    });
    for (const [n, { resolve }] of batch.entries()) resolve(answers[n]);
    return [];
  } catch (error) {
    if (error instanceof KeyTaken) return withTakenKeys(store, batch);
    if (store.dialect.isRefusal(error)) return at === null ? batch : [at];
    const known = store.translateError(error);
    if (at !== null && !isOutage(known)) return [at];
    // The database is away. Where it went during the commit, all may have been done: it must not be done again.
    for (const { reject } of batch) reject(known);
    return [];
  }
}

/** Whose keys somebody has; all with a key where it is not seen who, since that one has not ended yet. */
async function withTakenKeys(store: Store, batch: readonly Member[]): Promise<readonly Member[]> {
  const taken = await listTaken(store, keysOf(batch)).catch((): WantedKey[] => []);
  const left = batch.filter(({ asked }) => asked.key !== undefined && taken.includes(asked.key));
  return left.length > 0 ? left : batch.filter(({ asked }) => asked.key !== undefined);
}

function keysOf(batch: readonly Member[]): WantedKey[] {
  return batch.flatMap(({ asked }) => asked.key ?? []);
}

function isOutage(error: unknown): boolean {
  return isRocError(error) && error.code === 'ROC_UNAVAILABLE';
}
