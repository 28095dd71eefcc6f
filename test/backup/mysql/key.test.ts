/** Borders of chunks as SQL: nothing that a forged manifest says becomes more than a literal. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Column, Table } from '../../../src/backup/mysql/catalog.js';
import { digestStatement } from '../../../src/backup/mysql/chunks.js';
import { quoteName } from '../../../src/backup/mysql/identifier.js';
import { rangeCondition, rangeText } from '../../../src/backup/mysql/key.js';

function column(name: string, dataType: string, change: Partial<Column> = {}): Column {
  return {
    name,
    dataType,
    columnType: dataType,
    charset: null,
    collation: null,
    isNullable: false,
    isVirtual: false,
    ...change,
  };
}

const ID = column('id', 'bigint');
const AT = column('at', 'datetime');
const CODE = column('code', 'varchar', { charset: 'utf8mb4', collation: 'utf8mb4_bin' });

describe('ranges of keys', () => {
  it('spell comparisons of several columns out', () => {
    expect(rangeCondition([ID, AT], { after: ['5', '2026-01-01 00:00:00'], upTo: null })).toBe(
      "((`id` > 5) OR (`id` = 5 AND `at` > '2026-01-01 00:00:00'))",
    );
    expect(rangeCondition([ID], { after: ['-5'], upTo: ['7'] })).toBe('(`id` > -5) AND (`id` <= 7)');
    expect(rangeCondition([CODE], { after: null, upTo: ['C3A9'] })).toBe(
      "(`code` <= _utf8mb4 X'C3A9' COLLATE utf8mb4_bin)",
    );
    expect(rangeCondition([ID], { after: null, upTo: null })).toBe('TRUE');
  });

  it('take no border that is not a value of the key', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "1' OR '1'='1",
        '1 OR 1=1',
        '1; DROP TABLE t',
        '0x41',
        '1e5',
        'NULL',
        '',
        "' -- ",
        "2026-01-01' OR 1",
      ),
    );
    fc.assert(
      fc.property(hostile, fc.constantFrom(ID, AT, CODE), (value, key) => {
        let sql: string;
        try {
          sql = rangeCondition([key], { after: [value], upTo: null });
        } catch {
          return;
        }
        expect(sql).toMatch(
          /^\(`\w+` > (-?\d+(\.\d+)?|'[-\d :.]+'|_utf8mb4 X'[\dA-F]*' COLLATE utf8mb4_bin)\)$/,
        );
      }),
    );
  });

  it('refuse a border of another number of columns', () => {
    expect(() => rangeCondition([ID, AT], { after: ['1'], upTo: null })).toThrow(
      /no value of the primary key/,
    );
  });

  it('show no texts of rows to people', () => {
    expect(rangeText([ID], { after: ['1'], upTo: ['9'] })).toBe('(1 … 9]');
    expect(rangeText([CODE], { after: null, upTo: ['6A616E65'] })).toBe('');
  });
});

describe('names in statements', () => {
  it('are quoted whatever they are', () => {
    expect(quoteName('a`b')).toBe('`a``b`');
    expect(() => quoteName('a\0b')).toThrow();
    const table: Table = {
      database: 'd`',
      name: 't` --',
      engine: '',
      columns: [ID],
      primaryKey: ['id'],
      hasKeyPrefix: false,
      estimatedRows: 0,
      bytes: 0,
    };
    expect(digestStatement(table, { after: null, upTo: null })).toContain(
      'FROM `d```.`t`` --` FORCE INDEX (PRIMARY) WHERE TRUE',
    );
  });
});
