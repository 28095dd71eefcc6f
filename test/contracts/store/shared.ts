/** Transactions that come together are one: each has the end that it would have had alone. */
import { describe, expect, it, vi } from 'vitest';
import { RocError } from '../../../src/kernel/errors.js';
import { createAudit, SYSTEM } from '../../../src/orchestrator/audit/audit.js';
import {
  createSharedTransactions,
  type SharedWork,
} from '../../../src/orchestrator/dispatch/shared-transactions.js';
import { enqueue } from '../../../src/orchestrator/jobs/enqueue.js';
import { readChain } from '../../../src/orchestrator/store/audit-events.js';
import { KeyTaken, takeKeys } from '../../../src/orchestrator/store/idempotency.js';
import type { Tx } from '../../../src/orchestrator/store/store.js';
import { codeOf, type Engine, useFixture } from './context.js';
import { type Fixture, newJob } from './fixture.js';

export function sharedContract(engine: Engine): void {
  describe('transactions that come together', () => {
    const fixture = useFixture(engine);
    const audit = createAudit(Buffer.alloc(32, 7));

    const start = (f: Fixture): SharedWork<string> => ({
      run: async (tx) => {
        const job = await enqueue(tx, newJob(f.tenantId));
        await audit.append(tx, { tenantId: f.tenantId, actor: SYSTEM, action: `start ${job.id}` });
        return job.id;
      },
    });
    const refused = (f: Fixture): SharedWork<string> => ({
      run: async (tx) => {
        await start(f).run(tx);
        throw new RocError('ROC_REFUSED', 'no', { hint: 'No.' });
      },
    });
    const told = async (f: Fixture) => {
      const actions: string[] = [];
      let last = 0;
      for await (const { seq, body } of readChain(f.store, f.tenantId)) {
        expect(seq).toBe(++last);
        actions.push(JSON.parse(body).action);
      }
      return actions;
    };
    const jobs = async (f: Fixture) =>
      (await f.store.db.selectFrom('job').select('id').orderBy('id').execute()).map(({ id }) => id);

    it('share commits, and each gets the answer to its own work', async () => {
      const f = fixture();
      const commits = vi.spyOn(f.store, 'transactionOnce');
      const shared = createSharedTransactions(f.store);
      const ids = await Promise.all(Array.from({ length: 40 }, () => shared(f.tenantId, start(f))));
      expect(commits.mock.calls.length).toBeLessThan(6);
      expect(new Set(ids).size).toBe(40);
      expect(await jobs(f)).toEqual([...ids].sort());
      expect(await told(f)).toEqual(ids.map((id) => `start ${id}`));
      expect(f.woken).toHaveLength(40);
    });

    it('leave nothing of one that is refused, and keep those beside it', async () => {
      const f = fixture();
      const shared = createSharedTransactions(f.store);
      const ends = await Promise.allSettled(
        Array.from({ length: 12 }, (_, n) => shared(f.tenantId, n % 4 === 2 ? refused(f) : start(f))),
      );
      expect(ends.map(({ status }) => status)).toEqual(
        Array.from({ length: 12 }, (_, n) => (n % 4 === 2 ? 'rejected' : 'fulfilled')),
      );
      const ids = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
      expect(await jobs(f)).toEqual([...ids].sort());
      expect((await told(f)).sort()).toEqual(ids.map((id) => `start ${id}`).sort());
      expect(f.woken).toHaveLength(9);
    });

    it('go on together where one of them is refused', async () => {
      const f = fixture();
      const once = vi.spyOn(f.store, 'transactionOnce');
      const alone = vi.spyOn(f.store, 'transaction');
      const shared = createSharedTransactions(f.store);
      const works = Array.from({ length: 20 }, (_, n) => (n === 7 ? refused(f) : start(f)));
      const ends = await Promise.allSettled(works.map((work) => shared(f.tenantId, work)));
      expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(1);
      expect([once.mock.calls.length, alone.mock.calls.length]).toEqual([2, 1]);
    });

    it('are done once, and all refused, where the answer to the commit was lost', async () => {
      const f = fixture();
      const store = {
        ...f.store,
        transactionOnce: async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
          await f.store.transactionOnce(work);
          throw Object.assign(new TypeError('the link is cut'), {
            code: engine.name === 'mysql' ? 'PROTOCOL_CONNECTION_LOST' : 'SQLITE_IOERR',
          });
        },
      };
      const shared = createSharedTransactions(store);
      const ends = await Promise.all(Array.from({ length: 6 }, () => codeOf(shared(f.tenantId, start(f)))));
      expect(new Set(ends)).toEqual(new Set(['ROC_UNAVAILABLE']));
      expect(await jobs(f)).toHaveLength(6);
    });

    it('are done one by one where the commit itself was refused', async () => {
      const f = fixture();
      const store = {
        ...f.store,
        transactionOnce: async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
          await f.store.transactionOnce(async (tx) => {
            await work(tx);
            throw Object.assign(new TypeError('deadlock'), {
              ...(engine.name === 'mysql'
                ? { code: 'ER_LOCK_DEADLOCK', sqlState: '40001' }
                : { code: 'SQLITE_BUSY' }),
            });
          });
          throw new TypeError('not reached');
        },
      };
      const shared = createSharedTransactions(store);
      const ids = await Promise.all(Array.from({ length: 6 }, () => shared(f.tenantId, start(f))));
      expect(await jobs(f)).toEqual([...ids].sort());
    });

    it('take all their keys before any of them takes its turn, and one key once', async () => {
      const f = fixture();
      const shared = createSharedTransactions(f.store);
      const keyed = (key: string): SharedWork<string[]> => ({
        key: { tenantId: f.tenantId, route: 'r', key, requestHash: 'h', status: 201, keepMs: 1000 },
        run: async (tx) => {
          await start(f).run(tx);
          return (await tx.db.selectFrom('idempotency').select('idem_key').execute()).map(
            ({ idem_key }) => idem_key,
          );
        },
      });
      const names = ['c', 'a', 'b', 'a', 'c'];
      const ends = await Promise.allSettled(names.map((name) => shared(f.tenantId, keyed(name))));
      expect(ends.slice(0, 3).map((end) => end.status === 'fulfilled' && [...end.value].sort())).toEqual(
        names.slice(0, 3).map(() => ['a', 'b', 'c']),
      );
      for (const end of ends.slice(3)) expect(end).toMatchObject({ reason: expect.any(KeyTaken) });
      expect(await jobs(f)).toHaveLength(3);
      f.clock.advance(1001);
      await shared(f.tenantId, keyed('a'));
      expect(await jobs(f)).toHaveLength(4);
    });

    it('go on together beside those whose key is taken', async () => {
      const f = fixture();
      const key = { tenantId: f.tenantId, route: 'r', key: 'k', requestHash: 'h', status: 201, keepMs: 1000 };
      await f.store.transaction((tx) => takeKeys(tx, [key]));
      const once = vi.spyOn(f.store, 'transactionOnce');
      const shared = createSharedTransactions(f.store);
      const works = Array.from({ length: 9 }, (_, n) => (n === 4 ? { ...start(f), key } : start(f)));
      const ends = await Promise.allSettled(works.map((work) => shared(f.tenantId, work)));
      expect(ends.map(({ status }) => status)).toEqual(
        Array.from({ length: 9 }, (_, n) => (n === 4 ? 'rejected' : 'fulfilled')),
      );
      expect(once).toHaveBeenCalledTimes(2);
      expect(await jobs(f)).toHaveLength(8);
    });

    it('are all told that the database is away, and not tried again for it', async () => {
      const f = fixture();
      let tries = 0;
      const away = {
        run: async () => {
          tries++;
          throw new RocError('ROC_UNAVAILABLE', 'away', { hint: 'Wait.' });
        },
      };
      const shared = createSharedTransactions(f.store);
      const ends = await Promise.allSettled(Array.from({ length: 5 }, () => shared(f.tenantId, away)));
      expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
      expect(tries).toBe(1);
    });

    it('of another tenant do not wait with them', async () => {
      const f = fixture();
      const shared = createSharedTransactions({
        ...f.store,
        // SQLite has one writer: what is looked at here is who waits for whom before the database.
        transaction: (work) => work({} as Tx),
        transactionOnce: (work) => work({} as Tx),
      });
      let release = () => {};
      const held = shared('one', { run: () => new Promise<void>((resolve) => (release = resolve)) });
      expect(await shared('another', { run: async () => 'done' })).toBe('done');
      release();
      await held;
    });
  });
}
