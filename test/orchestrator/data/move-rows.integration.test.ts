import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLog } from '../../../src/kernel/log.js';
import { moveRows } from '../../../src/orchestrator/data/move-rows.js';
import { migrate } from '../../../src/orchestrator/store/migrate.js';
import { openStore } from '../../../src/orchestrator/store/open.js';
import type { Store } from '../../../src/orchestrator/store/store.js';
import { type Mariadb, startMariadb } from '../../helpers/mariadb.js';
import { describeWith } from '../../helpers/parts.js';
import { tempDirs } from '../../helpers/temp-dirs.js';

const newDir = tempDirs('move-rows');
const MIB = 1024 * 1024;

describeWith('mysql', 'rows that are large', () => {
  let mariadb: Mariadb;
  const stores: Store[] = [];
  beforeAll(async () => {
    mariadb = await startMariadb();
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
    await mariadb?.stop();
  });

  const open = async (url: string) => {
    const store = await openStore({ url, log: silentLog });
    stores.push(store);
    await migrate(store);
    return store;
  };

  it('are moved in statements that the server takes, whatever they sum up to', async () => {
    const from = await open(`sqlite:${join(newDir(), 'roc.db')}`);
    const to = await open(await mariadb.createDatabase());
    // Quotes grow when they are sent; together more than the 16 MiB that a packet may have.
    const input = '"'.repeat(MIB);
    for (let n = 0; n < 40; n++)
      await from.db
        .insertInto('job')
        .values(jobRow(`j${n}`, input))
        .execute();
    const moved = await moveRows(from, to);
    expect(moved.find(({ table }) => table === 'job')?.rows).toBe(40);
  });
});

function jobRow(id: string, input: string) {
  const names = ['tenant', 'project', 'process', 'environment', 'deployment', 'robot', 'version', 'pool'];
  const ids = Object.fromEntries(names.map((name) => [`${name}_id`, name])) as Record<
    `${'tenant' | 'project' | 'process' | 'environment' | 'deployment' | 'robot' | 'version' | 'pool'}_id`,
    string
  >;
  return {
    ...{ id, ...ids, lane: 'any', priority: 5, state: 'succeeded' as const, attempt: 1, max_attempts: 1 },
    ...{ epoch: 1, on_lost: 'hold' as const, timeout_ms: 1, run_at: 1, input, output: null, error: null },
    ...{ progress: null, runner: null, retry_of: null, event_seq: 1, log_lines: 0, log_bytes: 0 },
    ...{ created_by: 'x', created_at: 1, started_at: 1, finished_at: 1, spare: null },
  };
}
