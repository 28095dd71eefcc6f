/** Which mode a table is checked in: the policy's lists, by exact name before pattern. Pure. */
import type { RdsAsset } from '../model.js';
import type { TableMode } from './model.js';

export type TablePolicy = RdsAsset['checks']['tables'];

export type TableChoice =
  | { readonly mode: TableMode; readonly isCritical: boolean }
  | { readonly excluded: string };

/** Names in a policy are `table` or `database.table`, with `*` and `?`. */
export function chooseMode(policy: TablePolicy, database: string, table: string): TableChoice {
  const fits = (pattern: string) => matches(pattern, database, table);
  const excluded = policy.exclude.find((entry) => fits(entry.name));
  if (excluded !== undefined) return { excluded: excluded.reason };
  const isCritical = policy.critical.some(fits);
  const lists: readonly (readonly [TableMode, readonly string[]])[] = [
    ['exact', policy.exact],
    ['append-only', policy.appendOnly],
    ['mutable', policy.mutable],
    ['sampled', policy.sampled],
  ];
  const isNamed = (name: string) => name === table || name === `${database}.${table}`;
  const found = lists.find(([, names]) => names.some(isNamed)) ?? lists.find(([, names]) => names.some(fits));
  return { mode: found?.[0] ?? policy.default, isCritical };
}

function matches(pattern: string, database: string, table: string): boolean {
  const subject = pattern.includes('.') ? `${database}.${table}` : table;
  const source = pattern.replace(/[$.*?]/g, (c) => (c === '*' ? '.*' : c === '?' ? '.' : `\\${c}`));
  return new RegExp(`^${source}$`, 'u').test(subject);
}
