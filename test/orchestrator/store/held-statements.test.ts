import fc from 'fast-check';
import { CompiledQuery, Kysely, MysqlDialect, type MysqlPoolConnection, sql } from 'kysely';
import { expect, it } from 'vitest';
import {
  type HoldingConnection,
  held,
  heldText,
  holdStatements,
} from '../../../src/orchestrator/store/held-statements.js';

type Answer = (error: unknown, result: unknown) => void;

/** A server that keeps what it was sent, packet by packet, and ends a packet at a statement that is refused. */
function fakeServer(refuse: (text: string) => boolean = () => false) {
  const packets: { text: string; parameters: readonly unknown[] }[] = [];
  const ran: string[] = [];
  let released = 0;
  let destroyed = 0;
  const raw = {
    query: (text: string, parameters: readonly unknown[], answer: Answer) => {
      packets.push({ text, parameters });
      const results: unknown[] = [];
      for (const statement of text.split(';')) {
        if (refuse(statement))
          return answer(Object.assign(new TypeError(statement), { errno: 1 }), undefined);
        ran.push(statement);
        results.push(
          statement.startsWith('select') ? [{ text: statement }] : { insertId: 0, affectedRows: 7 },
        );
      }
      return answer(null, results.length === 1 ? results[0] : results);
    },
    release: () => released++,
    destroy: () => destroyed++,
  };
  const connection = holdStatements(raw as unknown as HoldingConnection);
  const pool = {
    getConnection: (give: (error: unknown, made: MysqlPoolConnection) => void) => give(null, connection),
    end: (done: (error: unknown) => void) => done(null),
  };
  const db = new Kysely<Record<string, never>>({ dialect: new MysqlDialect({ pool }) });
  return { db, packets, ran, released: () => released, destroyed: () => destroyed };
}

const texts = (packets: readonly { readonly text: string }[]) => packets.map(({ text }) => text);

it('sends BEGIN with the first statement, and writes with what comes next', async () => {
  const { db, packets } = fakeServer();
  const rows = await db.transaction().execute(async (trx) => {
    await held(sql`insert into a values (${1})`).execute(trx);
    const { rows: read } = await sql`select ${2}`.execute(trx);
    await trx.executeQuery(heldText('insert into b values (?)', [3]));
    const { numAffectedRows } = await sql`update c set x = ${4}`.execute(trx);
    expect(numAffectedRows).toBe(7n);
    await held(sql`delete from d where x = ${5}`).execute(trx);
    return read;
  });
  expect(rows).toEqual([{ text: 'select ?' }]);
  expect(packets).toEqual([
    { text: 'begin;/* held */ insert into a values (?);select ?', parameters: [1, 2] },
    { text: '/* held */ insert into b values (?);update c set x = ?', parameters: [3, 4] },
    { text: '/* held */ delete from d where x = ?;commit', parameters: [5] },
  ]);
});

it('holds nothing outside a transaction', async () => {
  const { db, packets } = fakeServer();
  await held(sql`insert into a values (1)`).execute(db);
  await sql`select 1`.execute(db);
  expect(texts(packets)).toEqual(['/* held */ insert into a values (1)', 'select 1']);
});

it('sends nothing for a transaction that asked nothing, or was given up before it did', async () => {
  const { db, packets, released } = fakeServer();
  await db.transaction().execute(async () => {});
  const given = db.transaction().execute(async (trx) => {
    await held(sql`insert into a values (1)`).execute(trx);
    throw new TypeError('given up');
  });
  await expect(given).rejects.toThrow('given up');
  expect(packets).toEqual([]);
  expect(released()).toBe(2);
});

it('rolls back what was sent, without what was held', async () => {
  const { db, packets } = fakeServer();
  const given = db.transaction().execute(async (trx) => {
    await sql`select 1`.execute(trx);
    await held(sql`insert into a values (1)`).execute(trx);
    throw new TypeError('given up');
  });
  await expect(given).rejects.toThrow('given up');
  expect(texts(packets)).toEqual(['begin;select 1', 'rollback']);
});

it('does not commit where a held write is refused', async () => {
  const { db, ran } = fakeServer((text) => text.includes('refused'));
  const refused = db.transaction().execute(async (trx) => {
    await sql`select 1`.execute(trx);
    await held(sql`insert into refused values (1)`).execute(trx);
  });
  await expect(refused).rejects.toMatchObject({ errno: 1 });
  expect(ran).toEqual(['begin', 'select 1', 'rollback']);
  await db.transaction().execute((trx) => sql`select 2`.execute(trx));
  expect(ran.slice(3)).toEqual(['begin', 'select 2', 'commit']);
});

it('keeps the order of all statements, and tells a refusal before COMMIT could run', async () => {
  const step = fc.record({ isHeld: fc.boolean(), isRefused: fc.nat(9).map((n) => n === 0) });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 8 }), { maxLength: 5 }), async (transactions) => {
      const { db, ran } = fakeServer((text) => text.includes('refused'));
      for (const [t, steps] of transactions.entries()) {
        const before = ran.length;
        const text = (n: number) => `${steps[n]?.isRefused ? 'refused' : 'write'} ${t} ${n}`;
        const run = db.transaction().execute(async (trx) => {
          for (const [n, { isHeld }] of steps.entries())
            await trx.executeQuery(isHeld ? heldText(text(n), []) : CompiledQuery.raw(text(n)));
        });
        const isBroken = steps.some(({ isRefused }) => isRefused);
        expect(
          await run.then(
            () => 'done',
            () => 'failed',
          ),
        ).toBe(isBroken ? 'failed' : 'done');
        const did = ran.slice(before);
        const first = steps.findIndex(({ isRefused }) => isRefused);
        const good = steps.slice(0, first === -1 ? steps.length : first).map((_, n) => text(n));
        expect(did.includes('commit')).toBe(!isBroken && steps.length > 0);
        const plain = did.map((one) => one.replace('/* held */ ', ''));
        expect(plain).toEqual(steps.length === 0 ? [] : ['begin', ...good, isBroken ? 'rollback' : 'commit']);
      }
    }),
  );
});

it('sends what it holds before that grows beyond a packet', async () => {
  const { db, packets } = fakeServer();
  const long = 'x'.repeat(600_000);
  await db.transaction().execute(async (trx) => {
    for (const _ of [1, 2, 3]) await trx.executeQuery(heldText('insert into a values (?)', [long]));
  });
  expect(packets.map(({ text }) => text.split(';').length)).toEqual([3, 2]);
  expect(packets.map(({ parameters }) => parameters.length)).toEqual([2, 1]);
});

it('tells what went wrong, and gives up the connection, where it cannot roll back', async () => {
  const { db, released, destroyed } = fakeServer((text) => /refused|rollback/.test(text));
  const failed = db.transaction().execute((trx) => sql`select refused`.execute(trx));
  await expect(failed).rejects.toThrow('select refused');
  expect([released(), destroyed()]).toEqual([1, 1]);
});

it('gives up the connection where a commit is not answered, and tells of that', async () => {
  const { db, destroyed } = fakeServer((text) => /commit|rollback/.test(text));
  const failed = db.transaction().execute((trx) => sql`select 1`.execute(trx));
  await expect(failed).rejects.toThrow('commit');
  expect(destroyed()).toBe(1);
});
