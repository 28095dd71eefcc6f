/** Transactions that come together are one: each has the end that it would have had alone. */
import { describe, expect, it, vi } from 'vitest';
import { RocError } from '../../../src/kernel/errors.js';
import { createAudit, SYSTEM } from '../../../src/orchestrator/audit/audit.js';
import { createSharedTransactions } from '../../../src/orchestrator/dispatch/shared-transactions.js';
import { enqueue } from '../../../src/orchestrator/jobs/enqueue.js';
import { readChain } from '../../../src/orchestrator/store/audit-events.js';
import type { Tx } from '../../../src/orchestrator/store/store.js';
import { type Engine, useFixture } from './context.js';
import { type Fixture, newJob } from './fixture.js';

export function sharedContract(engine: Engine): void {
  describe('transactions that come together', () => {
    const fixture = useFixture(engine);
    const audit = createAudit(Buffer.alloc(32, 7));

    const start = (f: Fixture) => async (tx: Tx) => {
      const job = await enqueue(tx, newJob(f.tenantId));
      await audit.append(tx, { tenantId: f.tenantId, actor: SYSTEM, action: `start ${job.id}` });
      return job.id;
    };
    const refused = (f: Fixture) => async (tx: Tx) => {
      await start(f)(tx);
      throw new RocError('ROC_REFUSED', 'no', { hint: 'No.' });
    };
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
      const commits = vi.spyOn(f.store, 'transaction');
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

    it('are all told that the database is away, and not tried again for it', async () => {
      const f = fixture();
      let tries = 0;
      const away = async () => {
        tries++;
        throw new RocError('ROC_UNAVAILABLE', 'away', { hint: 'Wait.' });
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
      });
      let release = () => {};
      const held = shared('one', () => new Promise<void>((resolve) => (release = resolve)));
      expect(await shared('another', async () => 'done')).toBe('done');
      release();
      await held;
    });
  });
}
