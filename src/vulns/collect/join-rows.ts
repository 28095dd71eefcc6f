/** The rows of one partition, joined by key: from what several sources said to one finding each. */
import type { Merged, Tool } from '../model.js';
import { compareText, mergeObservations } from './merge.js';
import { eachRow, readPart, type SpoolPart } from './spool.js';
import { unpack } from './unpack.js';

interface Row {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * Findings by track key, in the order of their keys.
 * @param links from keys whose rows were moved to the keys that stand for them
 * @param prefer tools whose severity counts before others'
 */
export function joinRows(
  parts: readonly SpoolPart[],
  links: ReadonlyMap<string, string>,
  prefer: readonly Tool[],
): Map<string, Merged[]> {
  const byKey = new Map<string, Row[]>();
  for (const part of parts) {
    const bytes = readPart(part);
    eachRow(bytes, (key, start, end) => {
      if (links.size > 0 && links.has(key)) return;
      const known = byKey.get(key);
      if (known === undefined) byKey.set(key, [{ bytes, start, end }]);
      else if (!isSame(known.at(-1), bytes, start, end)) known.push({ bytes, start, end });
    });
  }
  const tracks = new Map<string, Merged[]>();
  for (const key of [...byKey.keys()].sort(compareText)) {
    const dash = key.indexOf('-');
    const trackKey = dash === -1 ? key : key.slice(0, dash);
    const rows = byKey.get(key) ?? [];
    const merged = mergeObservations(
      key,
      trackKey,
      rows.map((row) => unpack(row.bytes, row.start, row.end)),
      prefer,
    );
    const known = tracks.get(trackKey);
    if (known === undefined) tracks.set(trackKey, [merged]);
    else known.push(merged);
  }
  return tracks;
}

// The same record twice, as exports that overlap have it: merging would make nothing else of it.
function isSame(row: Row | undefined, bytes: Buffer, start: number, end: number): boolean {
  return (
    row !== undefined &&
    row.end - row.start === end - start &&
    row.bytes.compare(bytes, start, end, row.start, row.end) === 0
  );
}
