import { describe, expect, it } from 'vitest';
import { formatRows } from '../../src/cli/table.js';

interface Row {
  name: string;
  size: number | null;
}

describe('a table for people', () => {
  const columns = [
    { title: 'name', value: (row: Row) => row.name },
    { title: 'size', value: (row: Row) => row.size, align: 'right' as const },
  ];

  it('has plain columns that awk reads too, and no trailing spaces', () => {
    const rows = [
      { name: 'invoices', size: 12 },
      { name: 'x', size: null },
    ];
    expect(formatRows(rows, columns)).toBe(
      ['NAME      SIZE', 'invoices    12', 'x            -', ''].join('\n'),
    );
  });

  it('keeps wide characters in line', () => {
    const [head, first] = formatRows([{ name: '日本', size: 12 }], columns).split('\n');
    expect({ head, first }).toEqual({ head: 'NAME  SIZE', first: '日本    12' });
  });

  it('shows control characters of foreign names instead of obeying them', () => {
    expect(formatRows([{ name: 'a\u001b[2J\nb', size: 1 }], columns)).toContain('a\ufffd[2J b');
  });
});
