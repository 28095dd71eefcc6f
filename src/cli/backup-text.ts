/** How backup reports stand in tables. */
import type { TableColumn } from './table.js';

interface AssetRow {
  readonly asset: string;
  readonly runs: number;
  readonly pass: number;
  readonly lastVerdict: string | null;
  readonly open: readonly string[];
}

export const rollupColumns: readonly TableColumn<AssetRow>[] = [
  { title: 'asset', value: (row) => row.asset },
  { title: 'runs', value: (row) => String(row.runs) },
  { title: 'passed', value: (row) => String(row.pass) },
  { title: 'last', value: (row) => row.lastVerdict ?? 'never' },
  { title: 'open', value: (row) => row.open.join('; ') },
];
