/** Borders of chunks: values of the primary key as they are read, kept in a manifest, and written back into SQL. Pure. */
import { RocError } from '../../kernel/errors.js';
import type { Column, Table } from './catalog.js';
import { bareName, quoteName } from './identifier.js';

/** One text a key column: digits, the text of a time, or hex of the bytes. */
export type Key = readonly string[];

/** Rows after `after` up to and with `upTo`; null is no border. */
export interface KeyRange {
  readonly after: Key | null;
  readonly upTo: Key | null;
}

type KeyForm = 'number' | 'time' | 'bytes';

const FORMS: Readonly<Record<string, KeyForm>> = {
  ...forms('tinyint smallint mediumint int bigint decimal year', 'number'),
  ...forms('date time datetime timestamp', 'time'),
  ...forms('char varchar binary varbinary', 'bytes'),
};

const PATTERNS: Readonly<Record<KeyForm, RegExp>> = {
  number: /^-?\d{1,65}(\.\d{1,38})?$/,
  time: /^-?[\d :.-]{4,32}$/,
  bytes: /^([\dA-F]{2})*$/,
};

/**
 * The leading columns of the primary key by which a table can be cut; none where it has no key, or one whose order
 * cannot be written as literals (floats, enums, prefixes of columns): such a table is one chunk.
 */
export function chunkKey(table: Table): Column[] {
  if (table.hasKeyPrefix) return [];
  const key: Column[] = [];
  for (const name of table.primaryKey) {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (column === undefined || FORMS[column.dataType] === undefined) break;
    key.push(column);
  }
  return key;
}

/** SQL that reads the key of a row as {@link Key}, one expression a column. */
export function keyExpressions(key: readonly Column[]): string[] {
  return key.map((column) => {
    const name = quoteName(column.name);
    return formOfKey(column) === 'bytes' ? `HEX(${name})` : `CAST(${name} AS CHAR)`;
  });
}

/**
 * A range as a condition that the server serves from the primary key: comparisons of rows, `(a, b) > (1, 2)`, would
 * not be, so they are spelt out.
 * @throws RocError ROC_INVALID_INPUT where a border is not one of this key
 */
export function rangeCondition(key: readonly Column[], { after, upTo }: KeyRange): string {
  const parts = [
    ...(after === null ? [] : [compare(key, after, '>', false)]),
    ...(upTo === null ? [] : [compare(key, upTo, '<', true)]),
  ];
  return parts.length === 0 ? 'TRUE' : parts.map((part) => `(${part})`).join(' AND ');
}

/** How a chunk is named to people: its borders where they are numbers or times, for texts may be personal data. */
export function rangeText(key: readonly Column[], { after, upTo }: KeyRange): string {
  if (key.some((column) => formOfKey(column) === 'bytes')) return '';
  const side = (border: Key | null, open: string) => (border === null ? open : border.join(','));
  return `(${side(after, 'start')} … ${side(upTo, 'end')}]`;
}

// a > 1 OR (a = 1 AND b > 2): each alternative fixes the columns before the one that decides.
function compare(key: readonly Column[], border: Key, sign: '<' | '>', isEqualToo: boolean): string {
  if (border.length !== key.length) throw notOfThisKey();
  const names = key.map((column) => quoteName(column.name));
  const values = key.map((column, i) => literal(column, border[i] ?? ''));
  return names
    .map((name, i) => {
      const before = names.slice(0, i).map((former, j) => `${former} = ${values[j]}`);
      const last = isEqualToo && i === names.length - 1 ? `${sign}=` : sign;
      return [...before, `${name} ${last} ${values[i]}`].join(' AND ');
    })
    .map((alternative) => (names.length === 1 ? alternative : `(${alternative})`))
    .join(' OR ');
}

/** A manifest is a file that somebody could have written: nothing of it gets into SQL but what fits the pattern. */
function literal(column: Column, value: string): string {
  const form = formOfKey(column);
  if (!PATTERNS[form].test(value)) throw notOfThisKey();
  if (form === 'number') return value;
  if (form === 'time') return `'${value}'`;
  if (column.charset === null || column.charset === 'binary') return `X'${value}'`;
  return `_${bareName(column.charset)} X'${value}' COLLATE ${bareName(column.collation ?? '')}`;
}

function formOfKey({ dataType }: Column): KeyForm {
  const form = FORMS[dataType];
  if (form === undefined) throw new TypeError(`a key of type ${dataType} has no order`);
  return form;
}

function forms(types: string, form: KeyForm): Record<string, KeyForm> {
  return Object.fromEntries(types.split(' ').map((type) => [type, form]));
}

function notOfThisKey(): RocError {
  return new RocError('ROC_INVALID_INPUT', 'a border of the manifest is no value of the primary key', {
    hint: 'The manifest belongs to another table, or was changed.',
  });
}
