/** The schema: made once, whoever starts, however often it was interrupted; never taken backwards. */
import { type KyselyPlugin, type OperationNode, RawNode } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { bootstrap } from '../../../src/orchestrator/store/bootstrap.js';
import { migrate } from '../../../src/orchestrator/store/migrate.js';
import { column, type Migration } from '../../../src/orchestrator/store/migrations/step.js';
import { MIGRATIONS } from '../../../src/orchestrator/store/migrations.js';
import type { Store } from '../../../src/orchestrator/store/store.js';
import { codeOf, type Engine, size } from './context.js';
import { openNode } from './fixture.js';

export function schemaContract(engine: Engine): void {
  describe('schema', () => {
    const opened: Store[] = [];
    const open = async (url: string) => {
      const store = await openNode(url);
      opened.push(store);
      return store;
    };
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });

    it('is made whole on an empty database, and a second time there is nothing to do', async () => {
      const store = await open(await engine.emptyUrl());
      expect((await migrate(store)).map(({ version }) => version)).toEqual(
        MIGRATIONS.map(({ version }) => version),
      );
      expect(await migrate(store)).toEqual([]);
    });

    it('is made once by nodes that start together', async () => {
      const url = await engine.emptyUrl();
      const nodes = [await open(url), await open(url), await open(url)];
      const applied = await Promise.all(nodes.map((node) => migrate(node)));
      expect(applied.flat()).toHaveLength(MIGRATIONS.length);
      expect(applied.filter((list) => list.length > 0)).toHaveLength(1);
    });

    it('is made whole after a crash at any statement', async () => {
      const reference = await open(await engine.emptyUrl());
      await migrate(reference);
      const steps = MIGRATIONS.flatMap((migration) => migration.steps).length;
      const stride = size(7, 1);
      for (let survived = 0; survived < steps; survived += stride) {
        const store = await open(await engine.emptyUrl());
        await expect(migrate(crashingAfter(store, survived))).rejects.toThrow('crash');
        await migrate(store);
        expect(await shape(store)).toEqual(await shape(reference));
      }
    });

    it.each([
      [0, 'works on', 'ok'],
      [1, 'refuses', 'ROC_SCHEMA_NEWER'],
    ] as const)(
      'of a newer roc (contract: %i): this one %s it, and leaves it as it is',
      async (contract, _, expected) => {
        const store = await open(await engine.emptyUrl());
        await migrate(store);
        const newer = { version: 9999, name: 'from the future', applied_at: 0, is_contract: contract };
        await store.db.insertInto('schema_migration').values(newer).execute();
        const before = await shape(store);
        const result = await migrate(store).then(
          (applied) => (applied.length === 0 ? 'ok' : 'changed'),
          (error) => codeOf(Promise.reject(error)),
        );
        expect([result, await shape(store)]).toEqual([expected, before]);
      },
    );

    it('lets go on what uses a table that it must change', async () => {
      const url = await engine.emptyUrl();
      const [store, other] = [await open(url), await open(url)];
      await migrate(store);
      const added: Migration = { version: 9000, name: 'next', steps: [column('tenant', 'next', 'bigint')] };
      const migrated = await withOpenRead(engine, other, () =>
        migrate(store, { migrations: [...MIGRATIONS, added] }),
      );
      expect(migrated).toEqual([{ version: 9000, name: 'next' }]);
    });

    it('is filled once by nodes that start together, and an admin keeps the password', async () => {
      const url = await engine.emptyUrl();
      const nodes = [await open(url), await open(url), await open(url)];
      for (const node of nodes) await migrate(node);
      const done = await Promise.all(
        nodes.map((node, at) =>
          bootstrap(node, { adminEmail: 'Admin@Localhost', passwordHash: `hash ${at}` }),
        ),
      );
      expect(done.filter(({ adminCreated }) => adminCreated)).toHaveLength(1);
      expect(new Set(done.map(({ tenantId }) => tenantId)).size).toBe(1);
      expect(new Set(done.map(({ adminId }) => adminId)).size).toBe(1);
      const [first] = nodes;
      const count = async (table: 'environment' | 'project' | 'pool' | 'member' | 'role_grant') =>
        (await first?.db.selectFrom(table).selectAll().execute())?.length;
      expect([await count('environment'), await count('project'), await count('pool')]).toEqual([3, 1, 1]);
      expect([await count('member'), await count('role_grant')]).toEqual([1, 1]);
      const user = await first?.db.selectFrom('user').selectAll().executeTakeFirstOrThrow();
      const winner = done.findIndex(({ adminCreated }) => adminCreated);
      expect(user).toMatchObject({ email_key: 'admin@localhost', password_hash: `hash ${winner}` });
    });
  });
}

/** Reads a table in an open transaction of somebody else, and ends that when the work has had to give way once. */
async function withOpenRead<T>(engine: Engine, other: Store, work: () => Promise<T>): Promise<T> {
  // SQLite has no other process to wait for.
  if (engine.name === 'sqlite') return work();
  let working: Promise<T> | undefined;
  await other.db.transaction().execute(async (trx) => {
    await trx.selectFrom('tenant').selectAll().execute();
    working = work();
    // Longer than a change waits before it gives way (5 s): meanwhile others get their turn.
    await new Promise((resolve) => setTimeout(resolve, 5500));
    await other.db.selectFrom('tenant').selectAll().execute();
  });
  return working as Promise<T>;
}

/** The store, but its process dies before the step after the first `survived` ones. */
function crashingAfter(store: Store, survived: number): Store {
  let created = 0;
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      const text = textOf(node);
      if (/^\s*(?:\/\*.*?\*\/\s*)?(create|alter|insert into (member|role_grant))\b/i.test(text)) {
        // The first is the history table itself.
        if (created > survived) throw new TypeError('crash');
        created += 1;
      }
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
  return { ...store, db: store.db.withPlugin(plugin) };
}

/** Of a statement in SQL, also where it stands within another that only marks it. */
function textOf(node: OperationNode): string {
  if (!RawNode.is(node)) return '';
  const parts = node.sqlFragments.flatMap((text, n) => [
    text,
    ...node.parameters.slice(n, n + 1).map(textOf),
  ]);
  return parts.join(' ');
}

async function shape({ db, dialect }: Store): Promise<unknown> {
  const tables = await db.introspection.getTables();
  const columns = tables.map(({ name, columns }) => ({
    name,
    columns: columns.map((column) => `${column.name} ${column.dataType} ${column.isNullable}`),
  }));
  const indexes = [];
  for (const step of MIGRATIONS.flatMap((migration) => migration.steps)) {
    if (step.kind !== 'index') continue;
    const { rows } = await dialect.indexExists(step.table, `${step.table}_${step.index}`).execute(db);
    indexes.push([step.table, step.index, Number(rows[0]?.found) > 0]);
  }
  expect(indexes.every(([, , exists]) => exists)).toBe(true);
  return columns.sort((a, b) => a.name.localeCompare(b.name));
}
