import { type RawBuilder, sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Log, silentLog } from '../../../src/kernel/log.js';
import { ALL_LANES } from '../../../src/orchestrator/decide/lanes.js';
import { FULL_SIGHT } from '../../../src/orchestrator/decide/reach.js';
import { claim } from '../../../src/orchestrator/jobs/claim.js';
import { enqueue } from '../../../src/orchestrator/jobs/enqueue.js';
import { transition } from '../../../src/orchestrator/jobs/transition.js';
import { listDeployments } from '../../../src/orchestrator/store/deployments.js';
import { held } from '../../../src/orchestrator/store/held-statements.js';
import { lockJobs, lockQuery, updateQuery } from '../../../src/orchestrator/store/job-heads.js';
import { expiredQuery } from '../../../src/orchestrator/store/job-leases.js';
import { claimQuery, deleteReady, lockReady } from '../../../src/orchestrator/store/job-ready.js';
import { dueQuery } from '../../../src/orchestrator/store/job-scheduled.js';
import { listJobs } from '../../../src/orchestrator/store/jobs.js';
import { openStore } from '../../../src/orchestrator/store/open.js';
import { requirePlace } from '../../../src/orchestrator/store/places.js';
import type { Store, Tx } from '../../../src/orchestrator/store/store.js';
import { codeOf } from '../../contracts/store/context.js';
import { type Fixture, newJob, openFixture, openNode } from '../../contracts/store/fixture.js';
import { type Mariadb, startMariadb } from '../../helpers/mariadb.js';
import { describeWith } from '../../helpers/parts.js';
import { until } from '../../helpers/until.js';

describeWith('mysql', 'what MySQL must do for the queue', () => {
  let server: Mariadb;
  let url: string;
  let f: Fixture;
  beforeAll(async () => {
    server = await startMariadb();
    url = await server.createDatabase();
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    f = await openFixture(url);
  });
  afterEach(() => f.store.close());

  const explain = async (query: RawBuilder<unknown>) => {
    const { rows } = await sql<Record<string, unknown>>`explain ${query}`.execute(f.store.db);
    return rows;
  };
  const idsOf = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id);
  const pool = async () => ({
    tenantId: f.tenantId,
    poolId: await requirePlace(f.store, 'pool', f.tenantId, 'default'),
  });
  const lane = ALL_LANES.at(-1) ?? '';

  it.each([0, 3, 400])('serves the claim from its index in order, with %i rows ready', async (count) => {
    for (let at = 0; at < count; at++) await f.enqueue({ priority: at % 10 });
    const [plan, ...others] = await explain(claimQuery(f.store.dialect, await pool(), lane, 10));
    expect(others).toMatchObject([{ table: 'job', key: 'PRIMARY', type: 'eq_ref' }]);
    expect(plan).toMatchObject({ table: 'job_ready', key: 'job_ready_claim', type: 'ref' });
    expect(plan?.['ref']).toBe('const,const,const');
    expect(plan?.['Extra']).not.toMatch(/filesort|temporary/i);
  });

  it.each([
    ['due jobs', (store: Store) => dueQuery(store.dialect, 1, 10), 'job_scheduled_due'],
    ['expired leases', (store: Store) => expiredQuery(store.dialect, 1, 10), 'job_lease_until'],
  ])('serves %s from their index in order', async (_name, query, key) => {
    const [plan] = await explain(query(f.store));
    expect(plan).toMatchObject({ key, type: 'range' });
    expect(plan?.['Extra']).not.toMatch(/filesort|temporary/i);
  });

  it.each([3, 24, 60])('finds rows by their key in tables of %i rows, also with many keys', async (count) => {
    const ids: string[] = [];
    for (let at = 0; at < count; at++) ids.push((await f.enqueue()).id);
    const { dialect } = f.store;
    for (const some of [ids.slice(0, 1), ids.slice(0, 3), ids.slice(0, 10), ids.slice(0, 50)]) {
      const plans = [
        ...(await explain(dialect.deleteByKeys('job_ready', 'job_id', some))),
        ...(await explain(lockQuery(dialect, some))),
        ...(await explain(updateQuery(dialect, some, 'queued', { state: 'leased' }))),
      ].filter(({ table }) => table === 'job' || table === 'job_ready');
      expect(plans).toHaveLength(3);
      for (const { key, type } of plans) {
        expect(key).toBe('PRIMARY');
        expect(['const', 'eq_ref', 'range']).toContain(type);
      }
    }
  });

  it('would be seen to sort if the index were of another order', async () => {
    const { db } = f.store;
    await sql`create table if not exists wrong_ready like job_ready`.execute(db);
    await sql`alter table wrong_ready drop index job_ready_claim, add index job_ready_claim (tenant_id, lane)`.execute(
      db,
    );
    const { tenantId, poolId } = await pool();
    const [plan] = await explain(sql`select job_id from wrong_ready force index (job_ready_claim)
      where tenant_id = ${tenantId} and pool_id = ${poolId} and lane = ${lane}
      order by priority, job_id limit 1 for update skip locked`);
    expect(plan?.['Extra']).toMatch(/filesort/i);
    await sql`drop table wrong_ready`.execute(db);
  });

  it('gives different rows to transactions that are open at once, and waits for none', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 6; at++) ids.push((await f.enqueue()).id);
    const key = await pool();
    const [first, second, third] = [
      await openTransaction(f.store),
      await openTransaction(f.store),
      await openTransaction(f.store),
    ];
    try {
      const taken = [
        await lockReady(first.tx, key, lane, 2),
        await lockReady(second.tx, key, lane, 2),
        await lockReady(third.tx, key, lane, 9),
      ];
      expect(taken.map(idsOf)).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
      // Neither the deletes of one nor new rows meet the locks of another.
      await deleteReady(first.tx, ids.slice(0, 2));
      await deleteReady(third.tx, ids.slice(4));
      await f.enqueue({ priority: 0 });
    } finally {
      for (const open of [first, second, third]) await open.end();
    }
  });

  it('gives what is ready behind a job that another transaction holds, also in another lane', async () => {
    await f.release('1.1.0', { platforms: ['linux'] });
    const first = await f.enqueue({ priority: 1 });
    await f.release('1.2.0', { platforms: ['linux', 'windows'] });
    const [second, third] = [await f.enqueue({ priority: 2 }), await f.enqueue({ priority: 2 })];
    const runner = await f.runner('r1', { os: 'linux' });
    const holder = await openTransaction(f.store);
    try {
      await lockJobs(holder.tx, [first.id]);
      const take = async () =>
        (await claim(f.store, { ...runner, slots: 1 })).offers.map(({ jobId }) => jobId);
      expect([await take(), await take(), await take()]).toEqual([[second.id], [third.id], []]);
    } finally {
      await holder.end();
    }
  });

  it('claims in batches side by side in a small queue, without waiting for the rows of one another', async () => {
    for (let at = 0; at < 24; at++) await f.enqueue();
    const key = await pool();
    const open = [await openTransaction(f.store), await openTransaction(f.store)];
    try {
      const begin = performance.now();
      const taken: string[] = [];
      for (const { tx } of open) taken.push(...idsOf(await lockReady(tx, key, lane, 10)));
      for (const [at, { tx }] of open.entries()) {
        const ids = taken.slice(at * 10, at * 10 + 10);
        const jobs = await lockJobs(tx, ids);
        await deleteReady(tx, ids);
        await transition(tx, jobs, { to: 'leased', event: 'leased', attempt: 1, epoch: 1 });
      }
      expect(new Set(taken).size).toBe(20);
      expect(performance.now() - begin).toBeLessThan(5000);
    } finally {
      for (const { end } of open) await end();
    }
  });

  it.each([
    `'; delete from tenant; -- `,
    `\\'; delete from tenant; #`,
    `\u00bf'; delete from tenant; /*`,
    `?; delete from tenant`,
    `/* held */ delete from tenant`,
    `\u0000\u001a\r\n"\`;\ud83e\udd16`,
  ])('takes %j for a value, beside others in one packet, too', async (text) => {
    const answers = await f.store.transaction(async ({ db }) => {
      await held(sql`create temporary table if not exists hostile (text varchar(190))`).execute(db);
      await held(sql`insert into hostile values (${text})`).execute(db);
      const { rows } = await sql<{ text: string }>`select text from hostile where text = ${text}`.execute(db);
      await held(sql`delete from hostile where text = ${text}`).execute(db);
      const left = await sql`select text from hostile where text = ${text}`.execute(db);
      return [rows[0]?.text, left.rows.length];
    });
    expect(answers).toEqual([text, 0]);
    const object = { text: 1 } as unknown as string;
    const { rows } = await sql<{ found: unknown }>`select ${object} = ${object} as found`.execute(f.store.db);
    expect(rows).toEqual([{ found: 1 }]);
    expect(await f.store.db.selectFrom('tenant').select('id').execute()).not.toEqual([]);
  });

  it('reads a page of jobs and deployments, not their history', async () => {
    for (let at = 0; at < 6; at++) {
      await f.store.transaction(async (tx) => {
        for (let n = 0; n < 250; n++) await enqueue(tx, newJob(f.tenantId));
      });
    }
    for (let n = 0; n < 150; n++) await f.release('1.0.0');
    const store = await openNode(`${url}?connections=1`);
    const tenantId = f.tenantId;
    const lists: Record<string, () => Promise<{ items: unknown[] }>> = {
      all: () => listJobs(store, { sight: FULL_SIGHT, tenantId, limit: 20 }),
      state: () => listJobs(store, { sight: FULL_SIGHT, tenantId, limit: 20, state: 'queued' }),
      project: () => listJobs(store, { sight: FULL_SIGHT, tenantId, limit: 20, project: 'default' }),
      process: () =>
        listJobs(store, { sight: FULL_SIGHT, tenantId, limit: 20, process: 'invoices', environment: 'dev' }),
      deployments: () => listDeployments(store, { sight: FULL_SIGHT, tenantId, limit: 5 }),
      ofOne: () =>
        listDeployments(store, {
          sight: FULL_SIGHT,
          tenantId,
          limit: 5,
          robot: 'invoices',
          environment: 'dev',
        }),
    };
    for (const [name, list] of Object.entries(lists)) {
      await sql`flush status`.execute(store.db);
      expect((await list()).items.length, name).toBeGreaterThanOrEqual(5);
      const { rows } = await sql<{ Value: string }>`show session status like 'Handler_read%'`.execute(
        store.db,
      );
      const read = rows.reduce((sum, { Value }) => sum + Number(Value), 0);
      expect(read, `${name}: rows read`).toBeLessThan(600);
    }
    await store.close();
  });

  it('reads committed rows in every session, strictly and in UTC', async () => {
    const open = await Promise.all(Array.from({ length: 8 }, () => openTransaction(f.store)));
    for (const { tx, end } of open) {
      const { rows } = await sql`select @@tx_isolation as isolation, @@time_zone as zone,
        @@sql_mode like '%STRICT_ALL_TABLES%' as strict, @@wait_timeout as idle`.execute(tx.db);
      expect(rows).toEqual([{ isolation: 'READ-COMMITTED', zone: '+00:00', strict: 1, idle: 60 }]);
      await end();
    }
  });

  it('runs both of two transactions that deadlock', async () => {
    const retries: unknown[] = [];
    const log: Log = { ...silentLog, debug: (fields) => retries.push(fields) };
    const store = await openStore({ url, log });
    const names = ['dev', 'prod'];
    const touch = (tx: Tx, name: string | undefined) =>
      tx.db
        .updateTable('environment')
        .set({ created_at: sql`created_at + 1` })
        .where('name', '=', name ?? '')
        .execute();
    let arrived = 0;
    const bothHoldOne = () => until('both hold one row', () => arrived >= 2);
    const work = (order: readonly string[]) =>
      store.transaction(async (tx) => {
        await touch(tx, order[0]);
        arrived += 1;
        await bothHoldOne();
        await touch(tx, order[1]);
      });
    await Promise.all([work(names), work([...names].reverse())]);
    await store.close();
    expect(retries).toEqual([{ retry: 1, code: 'ER_LOCK_DEADLOCK' }]);
  });

  it('is told of a server that does not sync its commits', async () => {
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (_fields, message) => warnings.push(message) };
    await (await openStore({ url, log })).close();
    expect(warnings).toEqual([]);
    await server.execute('set global innodb_flush_log_at_trx_commit = 2');
    await (await openStore({ url, log })).close();
    await server.execute('set global innodb_flush_log_at_trx_commit = 1');
    expect(warnings).toEqual([expect.stringContaining('innodb_flush_log_at_trx_commit')]);
  });

  it('refuses a wrong password, an unknown database and a closed port as unavailable, without the password', async () => {
    const bad = [
      url.replace(/\/\/roc:[^@]+@/, '//roc:not-this-one@'),
      url.replace(/\/[^/]+$/, '/no_such_database'),
      url.replace(/:\d+\//, ':1/'),
    ];
    for (const attempt of bad) {
      const error = await openNode(attempt).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code: 'ROC_UNAVAILABLE' });
      expect(`${(error as Error).message} ${(error as { hint?: string }).hint}`).not.toContain(
        'not-this-one',
      );
    }
  });
});

describeWith('mysql', 'a database that goes away', () => {
  let server: Mariadb;
  beforeAll(async () => {
    server = await startMariadb({ own: true });
  });
  afterAll(() => server?.stop());

  it('is unavailable while it is gone, and back without a restart; what was accepted is there', async () => {
    const url = await server.createDatabase();
    const f = await openFixture(url);
    const accepted = [(await f.enqueue()).id, (await f.enqueue()).id];
    const restart = server.crashAndRestart();
    await until('an outage', async () => (await outcome(f)) === 'ROC_UNAVAILABLE', { everyMs: 1 });
    const read = f.store.db.selectFrom('job').select('id').execute().catch(f.store.translateError);
    expect(await read).toMatchObject({ code: 'ROC_UNAVAILABLE' });
    expect(await codeOf(f.store.ping())).toBe('ROC_UNAVAILABLE');
    await restart;
    await until('recovery', async () => (await outcome(f)) === 'accepted');
    const rows = await f.store.db.selectFrom('job').select('id').execute();
    expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(accepted));
    await f.store.close();
  });
});

async function outcome(f: Fixture): Promise<string> {
  return f.enqueue().then(
    () => 'accepted',
    (error: { code?: string }) => String(error.code),
  );
}

/** A transaction that stays open until it is told to end, and then rolls back. */
async function openTransaction(store: Store): Promise<{ tx: Tx; end: () => Promise<void> }> {
  let finish = () => {};
  const isOver = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let whole: Promise<unknown> = Promise.resolve();
  const tx = await new Promise<Tx>((resolve, reject) => {
    whole = store
      .transaction(async (open) => {
        resolve(open);
        await isOver;
        throw new TypeError('rolled back on purpose');
      })
      .catch(reject);
  });
  return {
    tx,
    end: async () => {
      finish();
      await whole;
    },
  };
}
