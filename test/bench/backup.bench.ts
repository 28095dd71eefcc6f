/** Reading a restored table whole: every chunk hashed by the server, beside CHECKSUM TABLE on the same data, cold and warm. */
import { randomUUID } from 'node:crypto';
import type { CheckInput } from '../../src/backup/check-input.js';
import { createDataChecks } from '../../src/backup/checks/data-checks.js';
import { writeManifest } from '../../src/backup/manifest/file.js';
import { takeManifest } from '../../src/backup/manifest/take.js';
import type { RdsAsset } from '../../src/backup/model.js';
import { createConnector } from '../../src/backup/mysql/connector.js';
import type { ManifestHead } from '../../src/backup/results.js';
import { silentLog } from '../../src/kernel/log.js';
import { shopAsset, shopInstance, shopPoint } from '../backup/checks/shop.js';
import { COPY_HOST, connectorOptions } from '../helpers/database-way.js';
import { type Mariadb, startMariadb } from '../helpers/mariadb.js';
import { withTempDir } from '../helpers/temp-dir.js';
import { type BenchRow, median, ratioAtMost, valueAtMost } from './bench-row.js';

const MB = 2 ** 20;
const COLD_POOL = 256 * MB;

/** `--size full`: a clustered index of about 1.6 GB. */
const SIZES = {
  small: { rows: 300_000, rounds: 3, warmPool: 512 * MB },
  full: { rows: 6_000_000, rounds: 2, warmPool: 3072 * MB },
};

export async function bench(): Promise<BenchRow[]> {
  const size = process.env['ROC_BENCH_SIZE'] === 'full' ? SIZES.full : SIZES.small;
  const server = await startMariadb({
    tls: true,
    names: [COPY_HOST],
    args: [
      `--innodb-buffer-pool-size=${COLD_POOL}`,
      '--innodb-flush-method=O_DIRECT',
      '--innodb-buffer-pool-load-at-startup=OFF',
      '--innodb-buffer-pool-dump-at-shutdown=OFF',
      '--innodb-flush-log-at-trx-commit=0',
      '--innodb-log-file-size=512M',
    ],
  });
  try {
    return await withTempDir((dir) => measure(server, dir, size), 'bench');
  } finally {
    await server.stop();
  }
}

async function measure(server: Mariadb, dir: string, size: (typeof SIZES)['small']): Promise<BenchRow[]> {
  await server.execute('CREATE DATABASE shop');
  await fill(server, 'big', size.rows);
  await fill(server, 'some', 200_000);
  const some = await manifest(server, dir, ['big']);
  const big = await manifest(server, dir, ['some']);
  const run = () => verifySeconds(server, big.head);
  const anchor = () => seconds(() => server.execute('CHECKSUM TABLE shop.big'));

  const cold = await rounds(size.rounds, anchor, run, () => server.crashAndRestart());
  await server.execute(`SET GLOBAL innodb_buffer_pool_size = ${size.warmPool}`);
  await anchor();
  const warm = await rounds(size.rounds + 1, anchor, run, async () => {});
  const rows = `${size.rows.toLocaleString('en')} rows`;
  const against = 'CHECKSUM TABLE, same data, same state';
  const base = { unit: 's', against };
  return [
    ratioAtMost(
      {
        case: `${rows} verified whole, 2 connections, cold`,
        value: cold.run,
        againstValue: cold.anchor,
        ...base,
      },
      1.5,
    ),
    ratioAtMost(
      {
        case: `${rows} verified whole, 2 connections, warm`,
        value: warm.run,
        againstValue: warm.anchor,
        ...base,
      },
      2.5,
    ),
    valueAtMost(
      {
        case: 'manifest of 200,000 rows',
        value: some.seconds,
        unit: 's',
        against: 'none',
        againstValue: null,
      },
      1.5,
    ),
    valueAtMost(
      {
        case: 'memory that a whole verification keeps',
        value: await memoryKept(run),
        unit: 'MB',
        against: 'none',
        againstValue: null,
      },
      30,
    ),
  ];
}

/** One after the other on the same server, each in the state that `prepare` leaves; the middle of each counts. */
async function rounds(
  count: number,
  anchor: () => Promise<number>,
  run: () => Promise<number>,
  prepare: () => Promise<void>,
): Promise<{ anchor: number; run: number }> {
  const anchors: number[] = [];
  const runs: number[] = [];
  for (let round = 0; round < count; round++) {
    await prepare();
    anchors.push(await anchor());
    await prepare();
    runs.push(await run());
  }
  return { anchor: median(anchors), run: median(runs) };
}

async function fill(server: Mariadb, name: string, rows: number): Promise<void> {
  await server.execute(
    `CREATE TABLE shop.${name} (id BIGINT PRIMARY KEY AUTO_INCREMENT, customer INT NOT NULL, note CHAR(120) CHARACTER SET latin1 NOT NULL,
       code CHAR(60) CHARACTER SET latin1 NOT NULL, amount DECIMAL(12,2) NOT NULL, at DATETIME(6) NOT NULL, tag VARCHAR(60) CHARACTER SET utf8mb4 NULL)`,
  );
  const batch = 500_000;
  for (let from = 1; from <= rows; from += batch)
    await server.execute(
      `INSERT INTO shop.${name} (customer, note, code, amount, at, tag)
       SELECT seq * 7919 % 100003, CONCAT(SHA2(seq, 224), SHA2(seq + 1, 224)), SHA2(seq + 7, 224), seq * 13 % 1000000 / 100,
              '2026-01-01' + INTERVAL seq SECOND, IF(seq % 5 = 0, NULL, CONCAT('étiquette ', seq))
         FROM shop.seq_${from}_to_${Math.min(rows, from + batch - 1)}`,
    );
  await server.execute(`ANALYZE TABLE shop.${name}`);
}

function asset(exclude: readonly string[]): RdsAsset {
  const tables = {
    default: 'exact',
    connections: 2,
    exclude: exclude.map((name) => ({ name, reason: 'measured apart' })),
  };
  return shopAsset({ heartbeat: undefined, sql: [], tables, databases: ['shop'] });
}

async function manifest(
  server: Mariadb,
  dir: string,
  exclude: readonly string[],
): Promise<{ head: ManifestHead; seconds: number }> {
  const began = performance.now();
  const taken = await takeManifest({
    connector: createConnector(connectorOptions(server, COPY_HOST)),
    id: randomUUID(),
    asset: 'bench',
    source: 'bench',
    databases: ['shop'],
    tables: asset(exclude).checks.tables,
    now: Date.now,
  });
  const head = { id: taken.id, takenAt: 0, mode: 'exact' as const, ...(await writeManifest(dir, taken)) };
  return { head, seconds: (performance.now() - began) / 1000 };
}

async function verifySeconds(server: Mariadb, head: ManifestHead): Promise<number> {
  const input: CheckInput = {
    asset: asset(['some']),
    point: shopPoint(0),
    connector: createConnector(connectorOptions(server, COPY_HOST)),
    manifest: head,
    source: null,
    restored: shopInstance('copy', COPY_HOST),
    seed: '00',
    done: new Set(),
    now: () => performance.now(),
    signal: new AbortController().signal,
    log: silentLog,
  };
  for await (const { id, verdict, seconds } of createDataChecks({ roc: null }).run(input)) {
    if (id !== 'table:shop.big') continue;
    if (verdict !== 'pass') throw new TypeError(`the table was found ${verdict}`);
    return seconds;
  }
  throw new TypeError('the table was not checked');
}

async function memoryKept(run: () => Promise<number>): Promise<number> {
  const used = () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed / MB;
  };
  await run();
  const before = used();
  await run();
  return Math.max(0, used() - before);
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}
