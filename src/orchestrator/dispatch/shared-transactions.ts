/** Small transactions of one tenant that come together are one: one commit, and one turn at the tenant's chain, for many. */
import { isRocError } from '../../kernel/errors.js';
import type { Store, Tx } from '../store/store.js';
import { createTogether, type Waiting } from './together.js';

/** As the parts of a transaction of one's own; each may run more than once, as it may there. */
export interface SharedWork<T> {
  /** Done before the work of any: what may have to wait for another transaction must not keep the chain waiting. */
  readonly first?: (tx: Tx) => Promise<void>;
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
      take: (waiting) => waiting.splice(0, BATCH),
      round: (batch) => serve(store, batch),
    });
  return async <T>(tenantId: string, work: SharedWork<T>) => {
    const queue = tenants.get(tenantId) ?? open();
    tenants.set(tenantId, queue);
    return (await queue(work)) as T;
  };
}

/** The whole of a work, in a transaction of its own. */
export async function runAlone<T>({ first, run }: SharedWork<T>, tx: Tx): Promise<T> {
  await first?.(tx);
  return run(tx);
}

type Member = Waiting<SharedWork<unknown>, unknown>;

async function serve(store: Store, batch: readonly Member[]): Promise<void> {
  let rest = batch;
  const alone: Member[] = [];
  for (let round = 0; rest.length > 1 && round < ROUNDS; round++) {
    const end = await runTogether(store, rest);
    if (end === 'settled') rest = [];
    else if (end === 'refused') break;
    else alone.push(end);
    rest = rest.filter((member) => member !== end);
  }
  // What keeps one from being done may be another's; alone it shows whose it is.
  await Promise.all(
    [...rest, ...alone].map(({ asked, resolve, reject }) =>
      store.transaction((tx) => runAlone(asked, tx)).then(resolve, reject),
    ),
  );
}

/** Settles all; or tells who kept them from being done, or that nothing was, and it is not known by whom. */
async function runTogether(store: Store, batch: readonly Member[]): Promise<'settled' | 'refused' | Member> {
  let at: Member | null = null;
  try {
    const answers = await store.transactionOnce(async (tx) => {
      for (const member of batch) {
        at = member;
        await member.asked.first?.(tx);
      }
      const all: unknown[] = [];
      for (const member of batch) {
        at = member;
        all.push(await member.asked.run(tx));
      }
      at = null;
      return all;
    });
    for (const [n, { resolve }] of batch.entries()) resolve(answers[n]);
    return 'settled';
  } catch (error) {
    if (store.dialect.isRefusal(error)) return at ?? 'refused';
    const known = store.translateError(error);
    if (at !== null && !isOutage(known)) return at;
    // The database is away. Where it went during the commit, all may have been done: it must not be done again.
    for (const { reject } of batch) reject(known);
    return 'settled';
  }
}

function isOutage(error: unknown): boolean {
  return isRocError(error) && error.code === 'ROC_UNAVAILABLE';
}
