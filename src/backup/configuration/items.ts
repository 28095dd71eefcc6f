/** Configuration as named values, in a form that can be compared; and what differs between two of them. Pure. */
import { canonicalJson, canonicalSha256 } from '../../kernel/canonical-json.js';

export interface ConfigItem {
  /** `ssm:/roc/api/url`, `iam-role:roc-api`: unique in an export. */
  readonly name: string;
  readonly value: unknown;
}

export interface ConfigDifference {
  readonly name: string;
  readonly what: 'added' | 'removed' | 'changed';
}

/** Sorted by name: the same configuration is always the same bytes. */
export function canonicalItems(items: readonly ConfigItem[]): string {
  return canonicalJson([...items].sort((a, b) => (a.name < b.name ? -1 : 1)));
}

/** From the export to what is live; names only, for values are secrets. */
export function diffItems(exported: readonly ConfigItem[], live: readonly ConfigItem[]): ConfigDifference[] {
  const hashes = (items: readonly ConfigItem[]) =>
    new Map(items.map(({ name, value }) => [name, canonicalSha256([value])]));
  const [before, now] = [hashes(exported), hashes(live)];
  const names = [...new Set([...before.keys(), ...now.keys()])].sort();
  return names.flatMap((name): ConfigDifference[] => {
    if (!before.has(name)) return [{ name, what: 'added' }];
    if (!now.has(name)) return [{ name, what: 'removed' }];
    return before.get(name) === now.get(name) ? [] : [{ name, what: 'changed' }];
  });
}
