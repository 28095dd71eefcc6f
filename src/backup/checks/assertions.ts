/** The policy's own questions: a SELECT of one row each, in a read-only session, within its time, with its expected values. */
import { createHash } from 'node:crypto';
import type { RdsAsset } from '../model.js';
import { quoteName } from '../mysql/identifier.js';
import type { SqlRow } from '../ports.js';
import type { Check, CheckContext, Outcome } from './context.js';

type Assertion = RdsAsset['checks']['sql'][number];

export function assertionChecks(context: CheckContext): Check[] {
  return context.input.asset.checks.sql.map((assertion) => ({
    id: `sql:${assertion.id}`,
    critical: assertion.critical,
    run: () => runAssertion(context, assertion),
  }));
}

async function runAssertion({ sessions, databases }: CheckContext, assertion: Assertion): Promise<Outcome> {
  const [database] = databases;
  const rows = await sessions.use(async (sql) => {
    if (database !== undefined) await sql.query(`USE ${quoteName(database)}`);
    return sql.query(assertion.query, [], { timeoutMs: assertion.timeout });
  });
  const details = {
    sqlSha256: createHash('sha256').update(assertion.query).digest('hex'),
    rows: rows.length,
  };
  return { ...judgeRows(assertion.expect, rows), details };
}

/** Pure: exactly one row, and in it each expected column with its value. */
export function judgeRows(expect: Assertion['expect'], rows: readonly SqlRow[]): Outcome {
  const expected = Object.entries(expect)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ');
  const [row] = rows;
  if (row === undefined || rows.length > 1)
    return { verdict: 'fail', expected, actual: `${rows.length} rows instead of one` };
  const absent = Object.keys(expect).filter((name) => !Object.hasOwn(row, name));
  if (absent.length > 0)
    return { verdict: 'inconclusive', expected, actual: `the query gives no column ${absent.join(', ')}` };
  const isMet = Object.entries(expect).every(([name, value]) => isSame(value, row[name]));
  const actual = Object.keys(expect).map((name) => `${name} = ${shown(row[name])}`);
  return { verdict: isMet ? 'pass' : 'fail', expected, actual: actual.join(', ') };
}

function isSame(expected: string | number | boolean | null, actual: unknown): boolean {
  if (expected === null || actual === null || actual === undefined) return expected === (actual ?? null);
  if (typeof expected === 'boolean') return String(actual) === (expected ? '1' : '0');
  if (typeof expected === 'number') return String(actual).trim() !== '' && Number(actual) === expected;
  return String(actual) === expected;
}

// Numbers are counts; a text may be of a row, and rows do not get into evidence.
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  const text = String(value);
  if (/^-?\d{1,20}(\.\d+)?$/.test(text)) return text;
  return `text of SHA-256 ${createHash('sha256').update(text).digest('hex').slice(0, 12)}…`;
}
