/** Small transactions of one tenant that come together are one: one commit, and one turn at the tenant's chain, for many. */
import { isRocError } from '../../kernel/errors.js';
import type { Store, Tx } from '../store/store.js';
import { createTogether, type Waiting } from './together.js';

/** As `store.transaction`. The work may run twice, as it may there. */
export type SharedTransaction = <T>(tenantId: string, work: (tx: Tx) => Promise<T>) => Promise<T>;

/** Each turn at a chain waits for the disk: a tenant has one at a time anyway. */
const LANES = 1;
const BATCH = 32;

export function createSharedTransactions(store: Store): SharedTransaction {
  const tenants = new Map<string, (work: Work) => Promise<unknown>>();
  const open = () =>
    createTogether<Work, unknown>({
      lanes: LANES,
      enough: BATCH,
      take: (waiting) => waiting.splice(0, BATCH),
      round: (batch) => runTogether(store, batch),
    });
  return async <T>(tenantId: string, work: (tx: Tx) => Promise<T>) => {
    const queue = tenants.get(tenantId) ?? open();
    tenants.set(tenantId, queue);
    return (await queue(work)) as T;
  };
}

type Work = (tx: Tx) => Promise<unknown>;

async function runTogether(store: Store, batch: readonly Waiting<Work, unknown>[]): Promise<void> {
  try {
    const answers = await store.transaction(async (tx) => {
      const all: unknown[] = [];
      for (const { asked: work } of batch) all.push(await work(tx));
      return all;
    });
    for (const [n, { resolve }] of batch.entries()) resolve(answers[n]);
  } catch (error) {
    const isForAll = batch.length === 1 || (isRocError(error) && error.code === 'ROC_UNAVAILABLE');
    if (isForAll) for (const { reject } of batch) reject(error);
    // One of them cannot be done: who it is shows when each is done by itself.
    else
      await Promise.all(
        batch.map(({ asked, resolve, reject }) => store.transaction(asked).then(resolve, reject)),
      );
  }
}
