/** A package's digest: over what it holds, not over the zip's bytes, so that no compressor's version changes it. */
import { createHash } from 'node:crypto';

export interface PackageEntry {
  /** Relative, `/` between names. */
  readonly path: string;
  readonly mode: 0o644 | 0o755;
  /** Bytes. */
  readonly size: number;
  /** Of the content, lower-case hex. */
  readonly sha256: string;
}

const DIGEST_DOMAIN = 'roc-package-v1\n';

/**
 * `sha256:` and the hash of one line an entry, `MODE SIZE SHA256 PATH\n` (mode octal), sorted by path in
 * code point order, after the line `roc-package-v1`. Paths hold no line ends (entry-names.ts).
 */
export function packageDigest(entries: readonly PackageEntry[]): string {
  const hash = createHash('sha256').update(DIGEST_DOMAIN);
  for (const { path, mode, size, sha256 } of sortByPath(entries))
    hash.update(`${mode.toString(8)} ${size} ${sha256} ${path}\n`);
  return `sha256:${hash.digest('hex')}`;
}

/** Code point order, which is the byte order of UTF-8 and not that of `<` on strings. */
export function sortByPath<T extends { readonly path: string }>(entries: readonly T[]): T[] {
  return entries
    .map((entry) => ({ entry, bytes: Buffer.from(entry.path) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ entry }) => entry);
}
