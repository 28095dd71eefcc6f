import { describe, expect, it } from 'vitest';
import { ago } from '../../src/cli/ago.js';
import { formatBytes } from '../../src/cli/bytes.js';
import { displayWidth, truncate } from '../../src/cli/display-width.js';
import { formatFields } from '../../src/cli/fields.js';
import { printableLine, printableValue } from '../../src/cli/printable.js';
import { formatRows } from '../../src/cli/table.js';

describe('printable', () => {
  it.each([
    ['plain', 'plain'],
    ['a\nb\tc', 'a b c'],
    ['\u001b[2Jgone', '\ufffd[2Jgone'],
    ['\u009b31m', '\ufffd31m'],
    ['\u202etxt.exe', '\ufffdtxt.exe'],
  ])('makes %j safe', (text, expected) => {
    expect(printableLine(text)).toBe(expected);
  });

  it.each([
    [null, '-'],
    [undefined, '-'],
    ['', '-'],
    [0, '0'],
  ])('shows %j as %s', (value, expected) => {
    expect(printableValue(value)).toBe(expected);
  });
});

describe('widths', () => {
  it.each([
    ['robot', 5],
    ['請求書', 6],
    ['e\u0301', 1],
    ['🤖', 2],
  ])('%s takes %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it.each([
    ['robot', 5, 'robot'],
    ['robots', 5, 'robo…'],
    ['請求書', 5, '請求…'],
    ['請求書', 4, '請…'],
  ])('cuts %s to %i columns', (text, columns, expected) => {
    expect(truncate(text, columns)).toBe(expected);
    expect(displayWidth(truncate(text, columns))).toBeLessThanOrEqual(columns);
  });
});

describe('tables', () => {
  const rows = [
    { id: '01JZ0000000000000000000000', name: 'a-process-with-quite-a-long-name-indeed', n: 7 },
    { id: '01JZ0000000000000000000001', name: 'short', n: 1200 },
  ];
  const columns = [
    { title: 'job', value: (row: (typeof rows)[0]) => row.id },
    { title: 'process', value: (row: (typeof rows)[0]) => row.name, shrink: true },
    { title: 'count', value: (row: (typeof rows)[0]) => row.n, align: 'right' as const },
  ];

  it('keeps everything where there is no edge', () => {
    expect(formatRows(rows, columns)).toBe(
      [
        'JOB                         PROCESS                                  COUNT',
        '01JZ0000000000000000000000  a-process-with-quite-a-long-name-indeed      7',
        '01JZ0000000000000000000001  short                                     1200',
        '',
      ].join('\n'),
    );
  });

  it('shrinks what may shrink, and only that, to the width of the terminal', () => {
    const lines = formatRows(rows, columns, 50).split('\n');
    expect(lines[1]).toBe('01JZ0000000000000000000000  a-process-with…      7');
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(50);
  });

  it('rather runs over the edge than cut what must stay whole', () => {
    expect(formatRows(rows, columns, 20)).toContain('01JZ0000000000000000000000  a-proce…');
  });
});

describe('fields', () => {
  it('lines up values, leaves out undefined and shows null as a hyphen', () => {
    const fields = [
      ['job', 'x'],
      ['runner', null],
      ['gone', undefined],
    ] as const;
    expect(formatFields(fields)).toBe('job     x\nrunner  -\n');
  });
});

describe('ago', () => {
  const now = Date.parse('2026-03-01T12:00:00.000Z');
  it.each([
    ['2026-03-01T12:00:00.500Z', 'now'],
    ['2026-03-01T11:59:51.500Z', '8s ago'],
    ['2026-03-01T11:57:00.000Z', '3m ago'],
    ['2026-03-01T09:30:00.000Z', '2h ago'],
    ['2026-02-20T12:00:00.000Z', '9d ago'],
    ['2026-03-01T14:00:00.000Z', 'in 2h'],
    ['not a time', 'not a time'],
    [null, null],
  ])('%s is %s', (at, expected) => {
    expect(ago(at, now)).toBe(expected);
  });
});

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [812, '812 B'],
    [3482, '3.4 KiB'],
    [120 * 1024 * 1024, '120 MiB'],
    [5 * 1024 ** 4, '5.0 TiB'],
    [5000 * 1024 ** 4, '5000 TiB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
