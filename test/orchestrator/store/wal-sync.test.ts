import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { silentLog } from '../../../src/kernel/log.js';
import { sqliteDialect } from '../../../src/orchestrator/store/dialect.js';
import { migrate } from '../../../src/orchestrator/store/migrate.js';
import { openStore } from '../../../src/orchestrator/store/open.js';
import { createStore } from '../../../src/orchestrator/store/store.js';
import { createWalSync, shareSync } from '../../../src/orchestrator/store/wal-sync.js';
import { withTempDir } from '../../helpers/temp-dir.js';

/** A sync that ends when it is told to. */
function slowSync() {
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const flush = shareSync(() => new Promise((resolve, reject) => ends.push({ resolve, reject })));
  return { ends, flush };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

it('serves all who ask before a sync begins, and those who ask while it runs by the next', async () => {
  const { ends, flush } = slowSync();
  const done: string[] = [];
  const ask = (name: string) => flush().then(() => done.push(name));
  const asked = [ask('a'), ask('b')];
  await settle();
  asked.push(ask('c'), ask('d'));
  await settle();
  expect(ends).toHaveLength(1);
  ends[0]?.resolve();
  await settle();
  expect(done).toEqual(['a', 'b']);
  expect(ends).toHaveLength(2);
  ends[1]?.resolve();
  await Promise.all(asked);
  expect(done).toEqual(['a', 'b', 'c', 'd']);
});

it('fails those that a failed sync was for, and no one later', async () => {
  const { ends, flush } = slowSync();
  const first = flush();
  await settle();
  const second = flush();
  ends[0]?.reject(new TypeError('EIO'));
  await expect(first).rejects.toThrow('EIO');
  await settle();
  ends[1]?.resolve();
  await second;
});

it('lets no transaction be done, and wakes nobody, before its commit is on disk', async () => {
  await withTempDir(async (dir) => {
    const opened = await openStore({ url: `sqlite:${dir}/roc.db`, log: silentLog });
    await migrate(opened);
    const { ends, flush } = slowSync();
    const told: string[] = [];
    const store = createStore({
      db: opened.db,
      dialect: sqliteDialect,
      log: silentLog,
      clock: null,
      random: () => 0,
      onReady: () => told.push('woken'),
      onChange: () => {},
      flush,
      close: opened.close,
    });
    const done = store.transaction(async (tx) => tx.wake('pool')).then(() => told.push('done'));
    while (ends.length === 0) await settle();
    await settle();
    expect(told).toEqual([]);
    ends[0]?.resolve();
    await done;
    expect(told).toEqual(['woken', 'done']);
    await store.close();
  });
});

it('syncs the log that SQLite writes', async () => {
  await withTempDir(async (dir) => {
    const store = await openStore({ url: `sqlite:${dir}/roc.db`, log: silentLog });
    await migrate(store);
    expect(existsSync(`${dir}/roc.db-wal`)).toBe(true);
    await store.transaction((tx) => tx.now());
    await store.close();
    // Without the log there is nothing to sync, and whoever waits must hear of it.
    await expect(createWalSync(`${dir}/none-wal`).flush()).rejects.toThrow('ENOENT');
  });
});
