/** The server's digest of a chunk against one that is recomputed here from the raw values, for every type of column. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readTables, type Table } from '../../../src/backup/mysql/catalog.js';
import { digestChunk, foldOf, planChunks } from '../../../src/backup/mysql/chunks.js';
import { createConnector } from '../../../src/backup/mysql/connector.js';
import { quoteName, quoteTable } from '../../../src/backup/mysql/identifier.js';
import { formOf, rowExpression, storedColumns } from '../../../src/backup/mysql/row-encoding.js';
import { openSession } from '../../../src/backup/mysql/session.js';
import type { SqlConnection } from '../../../src/backup/ports.js';
import { COPY_HOST, connectorOptions } from '../../helpers/database-way.js';
import { type Mariadb, startMariadb } from '../../helpers/mariadb.js';
import { describeWith } from '../../helpers/parts.js';

const ALL = { after: null, upTo: null };

describeWith(['mariadbd', 'openssl'], 'row encoding in the server', () => {
  let server: Mariadb;
  let sql: SqlConnection;
  let database: string;

  beforeAll(async () => {
    server = await startMariadb({ tls: true, names: [COPY_HOST] });
    database = new URL(await server.createDatabase()).pathname.slice(1);
    sql = await openSession(createConnector(connectorOptions(server, COPY_HOST)));
  }, 60_000);

  afterAll(async () => {
    await sql?.close();
    await server?.stop();
  });

  const run = (statement: string) =>
    server.execute(
      `BEGIN NOT ATOMIC SET SESSION sql_mode = 'STRICT_ALL_TABLES'; ${statement.replaceAll('@@', database)}; END`,
    );
  const tableOf = async (name: string): Promise<Table> => {
    const found = (await readTables(sql, database)).find((table) => table.name === name);
    if (found === undefined) throw new TypeError(`no table ${name}`);
    return found;
  };

  it('is what the client computes from the stored values, for every type', async () => {
    await run(`CREATE TABLE @@.types (
      id BIGINT UNSIGNED PRIMARY KEY, f FLOAT, fd FLOAT(7,2), d DOUBLE, dd DOUBLE(9,2), n DECIMAL(30,10), b BIT(11),
      z INT(8) UNSIGNED ZEROFILL, y YEAR, da DATE, ti TIME(6), dt DATETIME(6), ts TIMESTAMP(3) NULL,
      c CHAR(5), l VARCHAR(20) CHARACTER SET latin1, u VARCHAR(20) CHARACTER SET ucs2, t TEXT, lt LONGTEXT,
      e ENUM('x', 'y|'), s SET('a', 'b'), bin VARBINARY(20), bl BLOB, mb MEDIUMBLOB, j JSON, g GEOMETRY,
      uu UUID, ip INET6, v BIGINT AS (id DIV 3) VIRTUAL, st BIGINT AS (id DIV 2) STORED)`);
    await run(`INSERT INTO @@.types (id, f, fd, d, dd, n, b, z, y, da, ti, dt, ts, c, l, u, t, lt, e, s, bin, bl, mb, j, g, uu, ip) VALUES
      (1, 0.1, 12.34, 1e-320, 1.23, -12345678901234567890.0123456789, b'101', 42, 2024, '2024-02-29', '-12:00:00.000001',
       '2024-01-01 00:00:00.000001', '2024-06-01 12:00:00.001', 'ab', 'é|', 'ñ', 'hi | there', REPEAT('€', 5000), 'y|', 'a,b',
       X'00FF7C0A', X'00', REPEAT('x', 100000), '{"b": 1}', ST_GeomFromText('POINT(1 2)', 4326),
       '123e4567-e89b-12d3-a456-426655440000', '::1'),
      (18446744073709551615, 16777217, -0.01, 1.7976931348623157e308, -1.23, 0, b'0', 0, 1901, '1000-01-01', '838:59:59', '9999-12-31 23:59:59.999999',
       NULL, '', '', '', '', '', 'x', '', '', '', '', '[]', NULL, NULL, NULL),
      (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`);
    const table = await tableOf('types');
    expect(storedColumns(table.columns).map(({ name }) => name)).not.toContain('v');
    expect(await digestChunk(sql, table, ALL)).toEqual(await recompute(sql, table));
  });

  it('tells any two rows apart that the client tells apart', async () => {
    await run(
      'CREATE TABLE @@.pairs (id INT PRIMARY KEY, a VARBINARY(40) NULL, b VARBINARY(40) NULL, n INT NULL)',
    );
    const table = await tableOf('pairs');
    const value = fc.option(
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
      { nil: null },
    );
    const tricky = fc.constantFrom(
      ...['', '|', 'N', 'N|', '1|a', '0|', '|N|', '2|N'].map((text) => Buffer.from(text)),
      null,
    );
    const row = fc.tuple(
      fc.oneof(value, tricky),
      fc.oneof(value, tricky),
      fc.option(fc.integer({ min: -5, max: 5 }), { nil: null }),
    );
    const rows = fc.sample(row, { numRuns: 400, seed: 7 });
    const literal = (bytes: Buffer | null) => (bytes === null ? 'NULL' : `X'${bytes.toString('hex')}'`);
    await run(
      `INSERT INTO @@.pairs VALUES ${rows.map(([a, b, n], i) => `(${i}, ${literal(a)}, ${literal(b)}, ${n})`).join(',')}`,
    );
    const columns = table.columns.filter(({ name }) => name !== 'id');
    const encoded = await sql.query(
      `SELECT HEX(${rowExpression(columns)}) AS h FROM ${quoteTable(table)} ORDER BY id`,
    );
    const byBytes = new Map<string, string>();
    rows.forEach(([a, b, n], i) => {
      const identity = JSON.stringify([a?.toString('hex'), b?.toString('hex'), n]);
      const hex = String(encoded[i]?.['h']);
      expect(byBytes.get(hex) ?? identity).toBe(identity);
      byBytes.set(hex, identity);
    });
    expect(await digestChunk(sql, table, ALL)).toEqual(await recompute(sql, table));
  });

  it('keeps equal rows of a table without a key from cancelling one another', async () => {
    await run('CREATE TABLE @@.keyless (a INT); INSERT INTO @@.keyless VALUES (1), (1), (2)');
    const table = await tableOf('keyless');
    const before = await digestChunk(sql, table, ALL);
    expect(before).toEqual(await recompute(sql, table));
    await run('UPDATE @@.keyless SET a = 3 WHERE a = 1');
    expect((await digestChunk(sql, table, ALL)).digest).not.toBe(before.digest);
  });

  it.each([
    ['a number', 'id BIGINT', (i: number) => `${i * 7 - 300}`],
    ['two columns', 'a INT, b INT', (i: number) => `${i % 9}, ${i}`],
    [
      'a text of another collation',
      'k VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_german1_ci',
      (i: number) => `'k é${i}'`,
    ],
    [
      'a text and a time',
      'k VARCHAR(20) COLLATE utf8mb4_general_ci, at DATETIME(6)',
      (i: number) => `'ß${i % 3}', '2024-01-01 00:00:00.${String(i).padStart(6, '0')}'`,
    ],
    ['bytes', 'k BINARY(16)', (i: number) => `UNHEX(MD5(${i}))`],
    ['a decimal', 'k DECIMAL(20,5)', (i: number) => `${i - 70}.${String(i).padStart(5, '0')}`],
    [
      'an enum, which cannot be cut',
      "k ENUM('b', 'a'), n INT",
      (i: number) => `'${i % 2 === 0 ? 'a' : 'b'}', ${i}`,
    ],
    ['a key on the beginning of a text', 'k TEXT', (i: number) => `'k${i}'`],
  ])('cuts a table by %s into chunks that hold every row once', async (name, columns, value) => {
    const table = `cut_${name.replaceAll(/\W/g, '_')}`;
    const key = columns
      .replaceAll(/\([^)]*\)/g, '')
      .split(',')
      .map((column) => column.trim().split(' ')[0]);
    const keyText = columns === 'k TEXT' ? 'k(10)' : key.join(', ');
    await run(
      `CREATE TABLE @@.${table} (${columns}, filler INT NOT NULL DEFAULT 1, PRIMARY KEY (${keyText}))`,
    );
    await run(
      `INSERT INTO @@.${table} (${key.join(', ')}) VALUES ${Array.from({ length: 150 }, (_, i) => `(${value(i)})`).join(',')}`,
    );
    const shape = await tableOf(table);
    const whole = await digestChunk(sql, shape, ALL);
    let rows = 0;
    let folded = 0n;
    let chunks = 0;
    for await (const range of planChunks((work) => work(sql), shape, 20)) {
      const part = await digestChunk(sql, shape, range);
      rows += part.rows;
      folded ^= BigInt(`0x${part.digest}`);
      chunks++;
    }
    expect(rows).toBe(150);
    expect(folded.toString(16).padStart(16, '0')).toBe(whole.digest);
    expect(chunks).toBe(/cannot be cut|beginning/.test(name) ? 1 : 8);
  });

  it('refuses to hash where the server would have left a row out', async () => {
    await run('CREATE TABLE @@.wide (id INT PRIMARY KEY, a TEXT, b TEXT)');
    await run(`INSERT INTO @@.wide VALUES (1, REPEAT('a', 60000), REPEAT('b', 60000))`);
    await server.execute('SET GLOBAL max_allowed_packet = 65536');
    const narrow = await openSession(createConnector(connectorOptions(server, COPY_HOST)));
    try {
      const table = await tableOf('wide');
      await expect(digestChunk(narrow, table, ALL)).rejects.toMatchObject({
        code: 'ROC_CHECK_FAILED',
        message: expect.stringContaining('1301'),
      });
    } finally {
      await narrow.close();
      await server.execute('SET GLOBAL max_allowed_packet = 16777216');
    }
  });
});

/** From single values as the server gives them, joined and hashed here. */
async function recompute(sql: SqlConnection, table: Table): Promise<{ rows: number; digest: string }> {
  const columns = storedColumns(table.columns);
  const read = (name: string, type: string, form: string): string => {
    const column = quoteName(name);
    if (type === 'json') return `HEX(CONVERT(${column} USING utf8mb4))`;
    if (type === 'geometry') return `HEX(CONCAT(ST_SRID(${column}), ':', ST_AsBinary(${column})))`;
    if (type === 'float' || type === 'double') return `HEX(CAST(CAST(${column} * 1e0 AS CHAR) AS BINARY))`;
    if (['bit', 'enum', 'set'].includes(type)) return `HEX(CAST(CAST(${column} + 0 AS CHAR) AS BINARY))`;
    return form === 'plain' ? `HEX(CAST(CAST(${column} AS CHAR) AS BINARY))` : `HEX(${column})`;
  };
  const fields = columns.map((column, i) => `${read(column.name, column.dataType, formOf(column))} AS f${i}`);
  const rows = await sql.query(`SELECT ${fields.join(', ')} FROM ${quoteTable(table)}`);
  let folded = 0n;
  for (const row of rows) {
    const parts = columns.flatMap((column, i) => {
      const hex = row[`f${i}`];
      const bytes = hex === null || hex === undefined ? null : Buffer.from(String(hex), 'hex');
      const form = formOf(column);
      if (form === 'plain') return [bytes ?? Buffer.from('N')];
      if (form === 'digest')
        return [
          bytes === null ? Buffer.from('N') : Buffer.from(createHash('sha256').update(bytes).digest('hex')),
        ];
      return bytes === null
        ? [Buffer.from('N'), Buffer.alloc(0)]
        : [Buffer.from(String(bytes.length)), bytes];
    });
    const joined = Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [Buffer.from('|'), part])));
    // With a single field the server is given an empty second one.
    const bytes = parts.length === 1 ? Buffer.concat([joined, Buffer.from('|')]) : joined;
    const hash = createHash('sha256').update(bytes).digest().readBigUInt64BE();
    folded = foldOf(table) === 'xor' ? folded ^ hash : folded + hash;
  }
  const digest = foldOf(table) === 'xor' ? folded.toString(16).padStart(16, '0') : folded.toString();
  return { rows: rows.length, digest };
}
