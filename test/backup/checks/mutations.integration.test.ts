/** Every kind of damage that a restored copy may have turns the check red that is there for it; each is undone after. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CheckInput } from '../../../src/backup/check-input.js';
import { createDataChecks } from '../../../src/backup/checks/data-checks.js';
import { writeManifest } from '../../../src/backup/manifest/file.js';
import { takeManifest } from '../../../src/backup/manifest/take.js';
import { createConnector } from '../../../src/backup/mysql/connector.js';
import type { CheckResult, ManifestHead } from '../../../src/backup/results.js';
import { silentLog } from '../../../src/kernel/log.js';
import { HOUR, MINUTE } from '../../../src/kernel/time.js';
import { COPY_HOST, connectorOptions, SOURCE_HOST } from '../../helpers/database-way.js';
import { type Mariadb, startMariadb } from '../../helpers/mariadb.js';
import { describeWith } from '../../helpers/parts.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';
import { DATABASE, fillShop, SHOP_ROWS, SHOP_TABLES, shopAsset, shopInstance, shopPoint } from './shop.js';

const AT = Date.parse('2026-10-01T12:00:00Z');

describeWith(['mariadbd', 'openssl'], 'damage in a restored copy', () => {
  const dir = makeTempDir('mutations');
  const asset = shopAsset();
  let copy: Mariadb;
  let head: ManifestHead;

  beforeAll(async () => {
    copy = await startMariadb({ tls: true, names: [COPY_HOST] });
    await fillShop(copy, AT - MINUTE);
    const manifest = await takeManifest({
      connector: createConnector(connectorOptions(copy, COPY_HOST)),
      id: randomUUID(),
      asset: asset.id,
      source: 'shop-prod',
      databases: [DATABASE],
      tables: asset.checks.tables,
      now: () => AT,
    });
    expect(manifest.written).toBe(0);
    const written = await writeManifest(dir, manifest);
    head = { id: manifest.id, takenAt: AT, mode: 'exact', ...written };
  }, 90_000);

  afterAll(async () => {
    await copy?.stop();
    removeDir(dir);
  });

  const input = (change: Partial<CheckInput> = {}): CheckInput => ({
    asset,
    point: shopPoint(AT),
    connector: createConnector(connectorOptions(copy, COPY_HOST)),
    manifest: head,
    source: shopInstance('shop-prod', SOURCE_HOST),
    restored: shopInstance('roc-v-copy', COPY_HOST),
    seed: 'ab12',
    done: new Set(),
    now: Date.now,
    signal: new AbortController().signal,
    log: silentLog,
    ...change,
  });
  const check = async (change: Partial<CheckInput> = {}): Promise<Map<string, CheckResult>> => {
    const results = new Map<string, CheckResult>();
    for await (const result of createDataChecks({ roc: null }).run(input(change)))
      results.set(result.id, result);
    return results;
  };
  const red = (results: Map<string, CheckResult>) =>
    [...results.values()].filter(({ verdict }) => verdict !== 'pass').map(({ id }) => id);

  it('passes an undamaged copy, and every planned check has a result', async () => {
    const results = await check();
    expect([...results.values()].filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    const planned = createDataChecks({ roc: null }).planned(asset, head);
    expect(planned.filter(({ id }) => !results.has(id))).toEqual([]);
    expect(results.has('table:shop.tmp_export')).toBe(false);
    expect(results.get('table:shop.carts')?.actual).toContain('never called identical');
    expect(results.get('heartbeat')?.details).toMatchObject({ lagMs: MINUTE });
  });

  interface Damage {
    readonly name: string;
    readonly damage: readonly string[];
    readonly mend: readonly string[];
    readonly red: readonly string[];
    readonly chunk?: { readonly table: string; readonly number: number };
  }
  const DAMAGES: readonly Damage[] = [
    {
      name: 'one byte of one row',
      damage: [`UPDATE shop.orders SET note = CONCAT(note, ' ') WHERE id = 4001`],
      mend: [`UPDATE shop.orders SET note = 'note 4001' WHERE id = 4001`],
      red: ['table:shop.orders', 'tables:critical'],
      chunk: { table: 'orders', number: 5 },
    },
    {
      name: 'one row less',
      damage: ['DELETE FROM shop.payments WHERE order_id = 1001 AND part = 2'],
      mend: ['INSERT INTO shop.payments VALUES (1001, 2, 33022)'],
      red: ['table:shop.payments', 'tables'],
      chunk: { table: 'payments', number: 4 },
    },
    {
      name: 'two rows with the same edit, which an XOR of CRC32 does not see',
      damage: [`UPDATE shop.orders SET status = 'REVOKED' WHERE id IN (3, 6)`],
      mend: [`UPDATE shop.orders SET status = 'PENDING' WHERE id IN (3, 6)`],
      red: ['table:shop.orders', 'tables:critical'],
      chunk: { table: 'orders', number: 1 },
    },
    {
      name: 'two equal rows of a table without a key changed alike',
      damage: [`UPDATE shop.imports SET n = 2 WHERE line = 'line 3' LIMIT 2`],
      mend: [`UPDATE shop.imports SET n = 1`],
      red: ['table:shop.imports', 'tables'],
      chunk: { table: 'imports', number: 1 },
    },
    {
      name: 'a row of the past of an append-only table',
      damage: [`UPDATE shop.audit_log SET what = 'did nothing' WHERE id = 17`],
      mend: [`UPDATE shop.audit_log SET what = 'did 17' WHERE id = 17`],
      red: ['table:shop.audit_log', 'tables'],
      chunk: { table: 'audit_log', number: 1 },
    },
    {
      name: 'the end of an append-only table cut off',
      damage: ['DELETE FROM shop.audit_log WHERE id > 2990'],
      mend: [SHOP_ROWS[3]?.replace('seq_1_to_3000', 'seq_2991_to_3000') ?? ''],
      red: ['table:shop.audit_log', 'tables'],
      chunk: { table: 'audit_log', number: 3 },
    },
    {
      name: 'most of a changing table gone',
      damage: ['DELETE FROM shop.carts WHERE id > 500'],
      mend: ['INSERT INTO shop.carts SELECT seq, seq % 9 FROM shop.seq_501_to_1000'],
      red: ['table:shop.carts', 'tables'],
    },
    {
      name: 'a table dropped',
      damage: ['DROP TABLE shop.payments'],
      mend: [SHOP_TABLES[2] ?? '', SHOP_ROWS[2] ?? ''],
      red: ['schema', 'table:shop.payments', 'tables'],
    },
    {
      name: 'an index dropped',
      damage: ['DROP INDEX by_status ON shop.orders'],
      mend: ['CREATE INDEX by_status ON shop.orders (status)'],
      red: ['schema'],
    },
    {
      name: 'the type of a column changed',
      damage: ['ALTER TABLE shop.payments MODIFY cents INT NOT NULL'],
      mend: ['ALTER TABLE shop.payments MODIFY cents BIGINT NOT NULL'],
      red: ['schema'],
    },
    {
      name: 'the collation of a column changed',
      damage: ['ALTER TABLE shop.orders MODIFY status VARCHAR(20) COLLATE utf8mb4_general_ci NOT NULL'],
      mend: ['ALTER TABLE shop.orders MODIFY status VARCHAR(20) NOT NULL'],
      red: ['schema'],
    },
    {
      name: 'a view that shows something else',
      damage: [`CREATE OR REPLACE VIEW shop.open_orders AS SELECT id, amount FROM shop.orders`],
      mend: [(SHOP_TABLES[8] ?? '').replace('CREATE', 'CREATE OR REPLACE')],
      red: ['schema'],
    },
    {
      name: 'an order of nobody',
      damage: ['SET SESSION foreign_key_checks = 0', 'DELETE FROM shop.customers WHERE id = 7'],
      mend: [`INSERT INTO shop.customers VALUES (7, 'c7@example.com')`],
      red: ['foreign-keys', 'table:shop.customers', 'tables'],
    },
    {
      name: 'an assertion that does not hold',
      damage: ['UPDATE shop.orders SET amount = -1 WHERE id = 8000'],
      mend: ['UPDATE shop.orders SET amount = 8000 / 7 WHERE id = 8000'],
      red: ['sql:totals', 'table:shop.orders', 'tables:critical'],
      chunk: { table: 'orders', number: 8 },
    },
    {
      name: 'a heart that stopped beating an hour before',
      damage: [`UPDATE shop.roc_heartbeat SET at = ${AT - HOUR}`],
      mend: [`UPDATE shop.roc_heartbeat SET at = ${AT - MINUTE}`],
      red: ['heartbeat'],
    },
  ];

  it.each(DAMAGES)('sees $name', async ({ damage, mend, red: expected, chunk }) => {
    const run = (statements: readonly string[]) =>
      copy.execute(`BEGIN NOT ATOMIC ${statements.join('; ')}; END`);
    await run(damage);
    try {
      const results = await check();
      expect(red(results).sort()).toEqual([...expected].sort());
      if (chunk === undefined) return;
      const { details, actual } = results.get(`table:shop.${chunk.table}`) ?? {};
      expect(details?.['damaged']).toEqual([expect.objectContaining({ chunk: chunk.number })]);
      expect(actual).toContain(`chunk ${chunk.number}`);
    } finally {
      await run(mend);
    }
    expect(red(await check())).toEqual([]);
  });

  it('allows an append-only table to grow, and says so', async () => {
    await copy.execute(`INSERT INTO shop.audit_log (at, what) VALUES ('2026-10-01', 'more')`);
    const result = (await check()).get('table:shop.audit_log');
    await copy.execute('DELETE FROM shop.audit_log WHERE id > 3000');
    expect(result).toMatchObject({
      verdict: 'pass',
      actual: expect.stringContaining('1 row newer than the watermark'),
    });
  });

  it('does not call damage what may be a change of the source', async () => {
    await copy.execute('DELETE FROM shop.payments WHERE order_id = 5');
    const results = await check({ manifest: { ...head, mode: 'append-only' } });
    await copy.execute(
      'INSERT INTO shop.payments SELECT 1 + seq DIV 3, seq % 3, seq * 11 FROM shop.seq_12_to_14',
    );
    expect(results.get('table:shop.payments')?.verdict).toBe('inconclusive');
    expect(red(await check())).toEqual([]);
  });

  it('reads a sample where the policy says so, and tells what it would have found', async () => {
    const sampled = shopAsset({ tables: { default: 'sampled', sampleChunks: 2, chunkRows: 1000 } });
    const result = (await check({ asset: sampled })).get('table:shop.orders');
    expect(result?.details).toMatchObject({ mode: 'sampled', chunks: 9, chunksRead: 2 });
    expect(result?.details?.['detection']).toBeCloseTo(2 / 9);
    expect(result?.covered).toMatchObject({ rows: 8000 });
  });

  it.each([
    ['no manifest', () => ({ manifest: null }), ['schema', 'tables:critical', 'tables']],
    [
      'storage in the clear',
      () => ({ restored: { ...shopInstance('c', COPY_HOST), encrypted: false } }),
      ['security:storage-encrypted'],
    ],
    [
      'another key',
      () => ({
        restored: {
          ...shopInstance('c', COPY_HOST),
          kmsKeyId: 'arn:aws:kms:eu-central-1:123456789012:key/2222',
        },
      }),
      ['security:kms-key-matches'],
    ],
    [
      'a public address',
      () => ({ restored: { ...shopInstance('c', COPY_HOST), publiclyAccessible: true } }),
      ['security:not-public'],
    ],
  ])('is not satisfied with %s', async (_name, change, expected) => {
    const ids = red(await check(change() as Partial<CheckInput>)).filter((id) => !id.startsWith('table:'));
    expect(ids).toEqual(expected);
  });

  it('never runs with a manifest that was changed', async () => {
    const file = join(dir, 'forged.json');
    await writeFile(file, '{}');
    await expect(check({ manifest: { ...head, file } })).rejects.toMatchObject({ code: 'ROC_CHECK_FAILED' });
  });

  it('takes an assertion that never ends, or writes, for no result', async () => {
    const slow = shopAsset({
      heartbeat: undefined,
      sql: [
        { id: 'slow', query: 'SELECT SLEEP(30) AS c', expect: { c: 0 }, timeout: '1s' },
        { id: 'writes', query: 'SELECT shop.touch() AS c', expect: { c: 1 } },
      ],
    });
    await copy.execute(
      'CREATE FUNCTION shop.touch() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM shop.carts; RETURN 1; END',
    );
    const results = await check({ asset: slow });
    await copy.execute('DROP FUNCTION shop.touch');
    expect(results.get('sql:slow')).toMatchObject({ verdict: expect.stringMatching(/fail|inconclusive/) });
    expect(results.get('sql:slow')?.seconds).toBeLessThan(10);
    expect(results.get('sql:writes')?.verdict).toBe('inconclusive');
    expect(results.get('table:shop.carts')?.verdict).toBe('pass');
  });

  it('does not wait for a statement in flight when it is stopped', async () => {
    const stop = new AbortController();
    const connector = createConnector({ ...connectorOptions(copy, COPY_HOST), signal: stop.signal });
    const connection = await connector.connect();
    setTimeout(() => stop.abort(), 100);
    const began = Date.now();
    await expect(connection.query('SELECT SLEEP(60)')).rejects.toMatchObject({ code: 'ROC_UNREACHABLE' });
    expect(Date.now() - began).toBeLessThan(5000);
    await expect(connector.connect()).rejects.toThrow();
  });

  it('refuses a server that takes the same user without TLS, and one that is not who it should be', async () => {
    const open = await startMariadb({ tls: true, plaintext: true, names: [SOURCE_HOST] });
    try {
      const lax = createConnector(connectorOptions(open, SOURCE_HOST));
      const results = await check({
        connector: lax,
        done: new Set(['schema', 'tables', 'tables:critical', 'heartbeat']),
        asset: shopAsset({ databases: [] }),
      }).catch((error: unknown) => error);
      expect(results).toBeInstanceOf(Map);
      expect((results as Map<string, CheckResult>).get('security:tls-required')?.verdict).toBe('fail');
      // Behind the copy's name: its own certificate names another, and another authority signed it.
      const wrongName = createConnector(connectorOptions(open, COPY_HOST));
      await expect(wrongName.connect()).rejects.toMatchObject({ code: 'ROC_REFUSED' });
      const wrongAuthority = createConnector(connectorOptions(open, SOURCE_HOST, copy.caFile));
      await expect(wrongAuthority.connect()).rejects.toMatchObject({ code: 'ROC_REFUSED' });
    } finally {
      await open.stop();
    }
  });
});
