/** Takes a manifest of a live or paused database: every table cut, counted and hashed by the server. */
import { canonicalSha256 } from '../../kernel/canonical-json.js';
import { type Clock, isoTime } from '../../kernel/time.js';
import { listDatabases, readTables, type Table } from '../mysql/catalog.js';
import { digestChunk, foldOf, lastKey, planChunks } from '../mysql/chunks.js';
import { chunkKey, type KeyRange } from '../mysql/key.js';
import { fieldExpressions, ROW_ENCODING, storedColumns } from '../mysql/row-encoding.js';
import { readSchema } from '../mysql/schema-objects.js';
import { inParallel, openSessions, type Sessions } from '../mysql/sessions.js';
import { rowsWritten } from '../mysql/write-counter.js';
import type { Connector } from '../ports.js';
import type { Manifest, ManifestDatabase, ManifestTable, TableMode } from './model.js';
import { chooseMode, type TablePolicy } from './table-modes.js';

export interface TakeManifest {
  readonly connector: Pick<Connector, 'connect'>;
  readonly id: string;
  readonly asset: string;
  readonly source: string;
  /** Schemas to take; all that are not the server's own where empty. */
  readonly databases: readonly string[];
  readonly tables: TablePolicy;
  readonly now: Clock;
  readonly onTable?: ((name: string, rows: number) => void) | undefined;
}

/** Must be finished before the backup begins; `written` says whether it can be exact. */
export async function takeManifest(options: TakeManifest): Promise<Manifest> {
  const { connector, now, tables } = options;
  const hashers = openSessions(connector, tables.connections);
  // One more looks for borders ahead, and with it brings pages into memory.
  const scout = openSessions(connector, 1);
  try {
    const takenAt = isoTime(now());
    const before = await scout.use(rowsWritten);
    const version = await scout.use((sql) => sql.query('SELECT VERSION() AS version'));
    const names = options.databases.length > 0 ? options.databases : await scout.use(listDatabases);
    const databases: ManifestDatabase[] = [];
    for (const name of names) databases.push(await takeDatabase(options, hashers, scout, name));
    const after = await scout.use(rowsWritten);
    return {
      kind: 'roc-backup-manifest',
      version: 1,
      id: options.id,
      asset: options.asset,
      source: options.source,
      server: { version: String(version[0]?.['version'] ?? '') },
      encoding: ROW_ENCODING,
      takenAt,
      finishedAt: isoTime(now()),
      written: before === null || after === null ? null : Math.max(0, after - before),
      counter: after,
      databases,
    };
  } finally {
    await Promise.all([hashers.close(), scout.close()]);
  }
}

async function takeDatabase(
  { tables: policy, onTable }: TakeManifest,
  hashers: Sessions,
  scout: Sessions,
  name: string,
): Promise<ManifestDatabase> {
  const schema = await scout.use((sql) => readSchema(sql, name));
  const taken: ManifestTable[] = [];
  const excluded: { name: string; reason: string }[] = [];
  for (const table of await scout.use((sql) => readTables(sql, name))) {
    const choice = chooseMode(policy, name, table.name);
    if ('excluded' in choice) {
      excluded.push({ name: table.name, reason: choice.excluded });
      continue;
    }
    const entry = await takeTable(hashers, scout, table, choice.mode, policy);
    taken.push(entry);
    onTable?.(`${name}.${table.name}`, entry.rows);
  }
  return { name, schema, tables: taken, excluded };
}

async function takeTable(
  hashers: Sessions,
  scout: Sessions,
  table: Table,
  mode: TableMode,
  { chunkRows, connections }: TablePolicy,
): Promise<ManifestTable> {
  const watermark = mode === 'append-only' ? await scout.use((sql) => lastKey(sql, table)) : null;
  const ranges = planChunks((work) => scout.use(work), table, chunkRowsFor(table, chunkRows));
  const digests = inParallel(ranges, connections * 2, async (range) => {
    const bounded: KeyRange = range.upTo === null ? { ...range, upTo: watermark } : range;
    return { upTo: range.upTo, ...(await hashers.use((sql) => digestChunk(sql, table, bounded))) };
  });
  const chunks: ManifestTable['chunks'] = [];
  for await (const { upTo, rows, digest } of digests)
    chunks.push({ upTo: upTo === null ? null : [...upTo], rows, digest });
  return {
    name: table.name,
    mode,
    rows: chunks.reduce((sum, chunk) => sum + chunk.rows, 0),
    bytes: table.bytes,
    fold: foldOf(table),
    key: chunkKey(table).map((column) => column.name),
    watermark: watermark === null ? null : [...watermark],
    columns: columnsHash(table),
    chunks,
  };
}

const SMALLEST_CHUNK = 1000;
const CHUNKS_OF_A_SMALL_TABLE = 64;

/** Smaller tables in smaller chunks, so that damage is named more closely there too. */
export function chunkRowsFor({ estimatedRows }: Pick<Table, 'estimatedRows'>, most: number): number {
  return Math.min(most, Math.max(SMALLEST_CHUNK, Math.ceil(estimatedRows / CHUNKS_OF_A_SMALL_TABLE)));
}

/** What the digests of a table depend on besides its rows. */
export function columnsHash(table: Table): string {
  const columns = storedColumns(table.columns).map((column) => [
    column.name,
    column.charset,
    ...fieldExpressions(column),
  ]);
  return canonicalSha256(columns);
}
