/** How fresh the data itself is: the newest heartbeat in the copy against the instant the point is said to be of. */
import { formatDuration, MINUTE } from '../../kernel/time.js';
import { quoteName, quoteTable } from '../mysql/identifier.js';
import type { CheckContext, Outcome } from './context.js';

/** `details.lagMs` is the RPO that the data tells. */
export async function checkHeartbeat(context: CheckContext): Promise<Outcome> {
  const { input, tables, sessions } = context;
  const heartbeat = input.asset.checks.heartbeat;
  if (heartbeat === undefined) throw new TypeError('the policy asks for no heartbeat');
  const expected = expectation(heartbeat.maxLag);
  const absent = (actual: string): Outcome => ({ verdict: 'inconclusive', expected, actual });
  const found = tables.filter(({ database, name }) =>
    [name, `${database}.${name}`].includes(heartbeat.table),
  );
  const [table] = found;
  if (table === undefined) return absent(`no table ${heartbeat.table} in the copy`);
  if (found.length > 1)
    return absent(`${heartbeat.table} is in ${found.length} databases: name one as database.table`);
  const column = table.columns.find((candidate) => candidate.name === heartbeat.column);
  if (column === undefined) return absent(`${heartbeat.table} has no column ${heartbeat.column}`);
  const newest = `MAX(${quoteName(column.name)})`;
  const isTime = /^(datetime|timestamp)$/.test(column.dataType);
  const value = isTime ? `ROUND(UNIX_TIMESTAMP(${newest}) * 1000)` : newest;
  const [row] = await sessions.use((sql) =>
    sql.query(`SELECT CAST(${value} AS CHAR) AS at FROM ${quoteTable(table)}`),
  );
  const at = epochMs(row?.['at']);
  if (at === null) return absent('no heartbeat in it, or one that is no time');
  return judgeHeartbeat(input.point.at - at, heartbeat.maxLag, new Date(at).toISOString());
}

/** Pure. A heartbeat from after the point says that a clock is wrong, or that this is another point: nothing of freshness. */
export function judgeHeartbeat(lagMs: number, maxLag: number, newest: string): Outcome {
  const expected = expectation(maxLag);
  if (-lagMs > Math.max(maxLag, CLOCKS_APART))
    return {
      verdict: 'inconclusive',
      expected,
      actual: `${formatDuration(-lagMs)} after the point's instant: the clock of what writes it is wrong, or the point is another`,
      details: { newest },
    };
  return {
    verdict: lagMs <= maxLag ? 'pass' : 'fail',
    expected,
    actual:
      lagMs < 0
        ? `${formatDuration(-lagMs)} after the point's instant`
        : `${formatDuration(lagMs)} before it`,
    details: { lagMs: Math.max(0, lagMs), newest },
  };
}

// AWS tells when a snapshot began; what is in it may be some minutes younger.
const CLOCKS_APART = 15 * MINUTE;

function expectation(maxLag: number): string {
  return `a heartbeat within ${formatDuration(maxLag)} of the point`;
}

/** Seconds or milliseconds since 1970; which of them, its size tells. */
function epochMs(value: unknown): number | null {
  const number = value === null || value === undefined ? Number.NaN : Number(value);
  if (!Number.isFinite(number) || number <= 0) return null;
  const ms = number < 1e11 ? number * 1000 : number;
  return ms < 8.64e15 ? Math.round(ms) : null;
}
