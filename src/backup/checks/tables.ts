/** The content of one table: chunks hashed in the copy and held against the manifest, in the table's mode. */
import { canonicalSha256 } from '../../kernel/canonical-json.js';
import type { ManifestTable } from '../manifest/model.js';
import { chooseMode } from '../manifest/table-modes.js';
import { columnsHash } from '../manifest/take.js';
import type { Table } from '../mysql/catalog.js';
import { countRows, digestChunk, foldOf } from '../mysql/chunks.js';
import { chunkKey, type KeyRange, rangeText } from '../mysql/key.js';
import { inParallel } from '../mysql/sessions.js';
import type { Check, CheckContext, Outcome } from './context.js';
import { count, judgeTable, type ReadChunk, type TableReading, type TableVerdict } from './judge-table.js';
import { detection, drawChunks, onePercent } from './sampling.js';

const WHOLE: KeyRange = { after: null, upTo: null };
const MOST_DETAILS = 50;

/** One check a table that the policy does not exclude, those of the manifest and those found in the copy. */
export function tableChecks(context: CheckContext): Check[] {
  const { manifest, tables, input, databases } = context;
  const policy = input.asset.checks.tables;
  const known = (manifest?.databases ?? [])
    .filter((database) => databases.includes(database.name) || input.asset.checks.databases.length === 0)
    .flatMap((database) => database.tables.map((entry) => ({ database: database.name, entry })));
  const missing = known
    .filter(
      ({ database, entry }) =>
        !tables.some((table) => table.database === database && table.name === entry.name),
    )
    .map(({ database, entry }) => ({ database, name: entry.name, entry, table: null }));
  const found = tables.map((table) => ({
    database: table.database,
    name: table.name,
    table,
    entry:
      known.find(({ database, entry }) => database === table.database && entry.name === table.name)?.entry ??
      null,
  }));
  return [...missing, ...found].flatMap(({ database, name, table, entry }) => {
    const choice = chooseMode(policy, database, name);
    if ('excluded' in choice) return [];
    // The policy of today says how closely it is looked at, whatever the manifest was taken for.
    const asked = entry === null ? null : { ...entry, mode: choice.mode };
    const run = () => checkTable(context, `${database}.${name}`, table, asked);
    return [{ id: `table:${database}.${name}`, critical: choice.isCritical, run }];
  });
}

async function checkTable(
  context: CheckContext,
  name: string,
  table: Table | null,
  entry: ManifestTable | null,
): Promise<Outcome> {
  if (table === null)
    return { verdict: 'fail', expected: `${count(entry?.rows ?? 0)} rows`, actual: 'the table is missing' };
  if (entry === null) return readOnly(context, table);
  if (entry.columns !== columnsHash(table) || entry.fold !== foldOf(table))
    return {
      verdict: 'fail',
      expected: 'the columns of the manifest',
      actual: 'other columns or another primary key: see the schema',
    };
  const began = context.input.now();
  const drawn = chunksToRead(context, name, entry);
  const reading = await readTable(context, table, entry, drawn);
  const { tolerancePct } = context.input.asset.checks.tables;
  const judged = judgeTable(entry, reading, { isExact: isExact(context), tolerancePct });
  return outcome(table, entry, reading, judged, (context.input.now() - began) / 1000);
}

// Nothing to compare with: that the rows can be read is told, and is no proof of what they are.
async function readOnly({ sessions, manifest }: CheckContext, table: Table): Promise<Outcome> {
  const rows = await sessions.use((sql) => countRows(sql, table, WHOLE));
  return {
    verdict: 'inconclusive',
    expected: 'a manifest to compare with',
    actual: `${count(rows)} rows can be read; ${manifest === null ? 'the point has no manifest' : 'the table is not in the manifest'}`,
    covered: { tables: 0, rows, rowsChecked: 0, bytesChecked: 0, detection: 0 },
  };
}

function chunksToRead({ input }: CheckContext, name: string, { mode, chunks }: ManifestTable): number[] {
  if (mode === 'mutable') return [];
  const wanted = mode === 'sampled' ? input.asset.checks.tables.sampleChunks : chunks.length;
  return drawChunks(input.seed, name, chunks.length, wanted);
}

async function readTable(
  { sessions, input }: CheckContext,
  table: Table,
  entry: ManifestTable,
  drawn: readonly number[],
): Promise<TableReading> {
  const { connections } = input.asset.checks.tables;
  const chunks: ReadChunk[] = [];
  const read = inParallel(drawn, connections * 2, async (index) => {
    input.signal.throwIfAborted();
    return { index, ...(await sessions.use((sql) => digestChunk(sql, table, rangeOf(entry, index)))) };
  });
  for await (const chunk of read) chunks.push(chunk);
  const isWhole = drawn.length === entry.chunks.length && entry.mode !== 'mutable';
  // Every page is read this way, also of what no chunk was drawn from.
  const rows = isWhole ? null : await sessions.use((sql) => countRows(sql, table, WHOLE));
  const above =
    entry.watermark === null
      ? 0
      : await sessions.use((sql) => countRows(sql, table, { after: entry.watermark, upTo: null }));
  return { chunks, rows, above };
}

function rangeOf({ chunks, watermark }: ManifestTable, index: number): KeyRange {
  return { after: chunks[index - 1]?.upTo ?? null, upTo: chunks[index]?.upTo ?? watermark };
}

/** Whether a difference can only be damage: nobody wrote while the manifest was taken, nor before the backup. */
function isExact({ input, manifest }: CheckContext): boolean {
  return input.manifest?.mode === 'exact' && manifest?.written === 0;
}

function outcome(
  table: Table,
  entry: ManifestTable,
  reading: TableReading,
  judged: TableVerdict,
  seconds: number,
): Outcome {
  const rowsChecked = reading.chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  const rows = reading.rows ?? rowsChecked + reading.above;
  const bytes = Math.round(table.bytes * (rows === 0 ? 0 : rowsChecked / rows));
  const total = entry.chunks.length;
  const key = chunkKey(table);
  const found = entry.mode === 'mutable' ? 0 : detection(total, reading.chunks.length, onePercent(total));
  return {
    verdict: judged.verdict,
    expected: judged.expected,
    actual: judged.actual,
    details: {
      mode: entry.mode,
      chunks: total,
      chunksRead: reading.chunks.length,
      detection: found,
      digest: canonicalSha256(reading.chunks),
      mbPerSecond: seconds > 0 ? Math.round(bytes / 1e5 / seconds) / 10 : null,
      damaged: judged.damaged.slice(0, MOST_DETAILS).map(({ index, expected, actual }) => ({
        chunk: index + 1,
        range: rangeText(key, rangeOf(entry, index)),
        expected,
        actual: { rows: actual.rows, digest: actual.digest },
      })),
    },
    covered: { tables: 1, rows, rowsChecked, bytesChecked: bytes, detection: found },
  };
}
