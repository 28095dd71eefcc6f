/**
 * `roc-row-1`: one row as bytes, computed by the server. Fields in column order, joined by `|`:
 *
 * ```
 * plain    numbers, times, bits, enums     the text, `N` for NULL; no such text holds a `|` or is an `N`
 * bytes    char … text, binary … blob      length in bytes, then the bytes as stored; `N` and nothing for NULL
 * digest   what may be larger than a row   SHA-256 in hex, `N` for NULL
 * ```
 * Lengths stand before what they measure, so no two rows share an encoding (but for the digests, where they would
 * have to collide). Virtual columns are left out: they are not stored. The session is fixed (session.ts).
 */
import { RocError } from '../../kernel/errors.js';
import type { Column } from './catalog.js';
import { quoteName } from './identifier.js';

export const ROW_ENCODING = 'roc-row-1';

type Form = 'plain' | 'bytes' | 'digest';

interface Rule {
  readonly form: Form;
  /** The value as SQL; the quoted column where absent. */
  readonly value?: (column: string) => string;
}

const PLAIN: Rule = { form: 'plain' };
const BYTES: Rule = { form: 'bytes', value: (column) => `CAST(${column} AS BINARY)` };
const DIGEST: Rule = { form: 'digest' };
/** Shortest text that reads back as the same double; the factor widens a float, and undoes a fixed number of digits. */
const FLOATING: Rule = { form: 'plain', value: (column) => `${column} * 1e0` };
/** The stored number; the texts behind it are part of the schema. */
const NUMBERED: Rule = { form: 'plain', value: (column) => `${column} + 0` };
const AS_TEXT: Rule = { form: 'plain', value: (column) => `CAST(${column} AS CHAR)` };
const JSON_TEXT: Rule = { form: 'digest', value: (column) => `CONVERT(${column} USING utf8mb4)` };
/** SRID and well-known binary: the same in every server, unlike the stored form. */
const SHAPE: Rule = {
  form: 'digest',
  value: (column) => `CONCAT(ST_SRID(${column}), ':', ST_AsBinary(${column}))`,
};

const RULES: Readonly<Record<string, Rule>> = {
  ...rules('tinyint smallint mediumint int bigint decimal date time datetime timestamp year', PLAIN),
  ...rules('char varchar tinytext text binary varbinary tinyblob blob', BYTES),
  ...rules('mediumtext longtext mediumblob longblob', DIGEST),
  ...rules('float double', FLOATING),
  ...rules('bit enum set', NUMBERED),
  ...rules('uuid inet4 inet6', AS_TEXT),
  ...rules('json', JSON_TEXT),
  ...rules(
    'geometry point linestring polygon multipoint multilinestring multipolygon geometrycollection geomcollection',
    SHAPE,
  ),
};

/** SQL of one row's bytes. @throws RocError ROC_INVALID_INPUT for a column of a type that has no form here */
export function rowExpression(columns: readonly Column[]): string {
  const fields = storedColumns(columns).flatMap(fieldExpressions);
  // One argument would do, but MySQL wants two.
  return `CONCAT_WS('|', ${fields.length > 1 ? fields.join(', ') : `${fields[0]}, ''`})`;
}

export function storedColumns(columns: readonly Column[]): Column[] {
  return columns.filter((column) => !column.isVirtual);
}

/** The expressions of one column: one field, or its length and its bytes. */
export function fieldExpressions(column: Column): string[] {
  const { form, value = (name: string) => name } = ruleOf(column);
  const name = quoteName(column.name);
  const sql = value(name);
  const or = (expression: string, absent: string) =>
    column.isNullable ? `IFNULL(${expression}, ${absent})` : expression;
  if (form === 'plain') return [or(sql, "'N'")];
  if (form === 'digest') return [or(`SHA2(${sql}, 256)`, "'N'")];
  return [or(`LENGTH(${name})`, "'N'"), or(sql, "''")];
}

export function formOf(column: Column): Form {
  return ruleOf(column).form;
}

function ruleOf({ name, dataType }: Column): Rule {
  const rule = Object.hasOwn(RULES, dataType) ? RULES[dataType] : undefined;
  if (rule !== undefined) return rule;
  throw new RocError('ROC_INVALID_INPUT', `column ${name} is of type ${dataType}, which has no encoding`, {
    hint: 'Exclude the table with its reason, or check it by SQL assertions.',
  });
}

function rules(types: string, rule: Rule): Record<string, Rule> {
  return Object.fromEntries(types.split(' ').map((type) => [type, rule]));
}
