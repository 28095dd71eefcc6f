/** Points out of delimited text: with a header or without, commas, semicolons or tabs, a decimal comma, quotes. */
import { RocError } from '../../../kernel/errors.js';
import { parseTimestamp } from './timestamp.js';

export interface Points {
  /** Epoch milliseconds, in the file's order. */
  readonly at: readonly number[];
  /** NaN where the file says that there is no value. */
  readonly value: readonly number[];
}

export interface CsvOptions {
  /** What errors call the text. */
  readonly name: string;
  /** The header of the column that holds the demand; the first number beside the time by default. */
  readonly column: string | undefined;
}

const NOTHING = /^(|-|n\/?a|nan|null|none)$/i;

/** @throws RocError ROC_INVALID_INPUT with the line that could not be read */
export function readCsv(text: string, options: CsvOptions): Points {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  const delimiter = delimiterOf(lines.find(isContent) ?? '');
  const first = lines.findIndex(isContent);
  if (first === -1) throw invalid(options.name, 'it holds no line', 'Give a CSV of times and values.');
  const head = fields(lines[first] ?? '', delimiter);
  const hasHeader = head.every((field) => parseTimestamp(field) === null);
  const start = hasHeader ? first + 1 : first;
  const sample = fields(lines.slice(start).find(isContent) ?? '', delimiter);
  const columns = chooseColumns(hasHeader ? head : [], sample, delimiter, options);
  const at: number[] = [];
  const value: number[] = [];
  for (let i = start; i < lines.length; i++) {
    const line = lines[i] ?? '';
    if (!isContent(line)) continue;
    const row = fields(line, delimiter);
    at.push(timeOf(row[columns.time] ?? '', i + 1, options.name));
    value.push(numberOf(row[columns.value] ?? '', i + 1, delimiter, options.name));
  }
  return { at, value };
}

function isContent(line: string): boolean {
  return line.trim() !== '' && !line.startsWith('#');
}

function delimiterOf(line: string): string {
  const counted = [';', '\t', ','].map((mark) => ({ mark, count: line.split(mark).length }));
  const best = counted.reduce((a, b) => (b.count > a.count ? b : a));
  return best.count > 1 ? best.mark : ',';
}

function fields(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return line.split(delimiter).map((field) => field.trim());
  const found: string[] = [];
  const pattern = new RegExp(`(?:^|${delimiter})(?:\\s*"((?:[^"]|"")*)"\\s*|([^${delimiter}]*))`, 'g');
  for (const [, quoted, plain] of line.matchAll(pattern))
    found.push(quoted === undefined ? (plain ?? '').trim() : quoted.replaceAll('""', '"').trim());
  return found;
}

function chooseColumns(
  header: readonly string[],
  sample: readonly string[],
  delimiter: string,
  { name, column }: CsvOptions,
): { readonly time: number; readonly value: number } {
  const time = sample.findIndex((field) => parseTimestamp(field) !== null);
  if (time === -1)
    throw invalid(
      name,
      'no column of its first row reads as a time',
      'Write times as 2026-03-01 10:15:00 (UTC) or as epoch seconds.',
    );
  const value =
    column === undefined
      ? sample.findIndex((field, i) => i !== time && Number.isFinite(toNumber(field, delimiter)))
      : header.indexOf(column);
  if (value === -1)
    throw invalid(
      name,
      column === undefined ? 'no column beside the time is a number' : `it has no column "${column}"`,
      header.length === 0 ? 'Add a header line.' : `Its columns are: ${header.join(', ')}.`,
    );
  return { time, value };
}

function timeOf(text: string, line: number, name: string): number {
  const at = parseTimestamp(text);
  if (at !== null) return at;
  throw invalid(name, `line ${line}: "${text.slice(0, 40)}" is no time`, 'Mend or remove the line.');
}

function numberOf(text: string, line: number, delimiter: string, name: string): number {
  if (NOTHING.test(text)) return Number.NaN;
  const value = toNumber(text, delimiter);
  if (Number.isFinite(value) && value >= 0) return value;
  throw invalid(
    name,
    `line ${line}: "${text.slice(0, 40)}" is no demand`,
    'Demand is a number that is not negative; leave the field empty where it is not known.',
  );
}

function toNumber(text: string, delimiter: string): number {
  const plain = text.replace(/\s*%$/, '');
  if (plain === '') return Number.NaN;
  return Number(delimiter === ',' ? plain : plain.replace(',', '.'));
}

function invalid(name: string, what: string, hint: string): RocError {
  return new RocError('ROC_INVALID_INPUT', `${name}: ${what}`, { hint });
}
