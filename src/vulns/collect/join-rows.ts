/** The rows of one partition, joined by key: from what several sources said to one finding each, one track at a time. */
import type { Merged, Observation, Tool } from '../model.js';
import { mergeObservations } from './merge.js';
import type { RowIndex } from './row-index.js';
import { unpack } from './unpack.js';

/**
 * Track by track in the order of keys, each with its findings. Only one track's objects live at a time, so that they
 * die young and cost the collector nothing.
 * @param prefer tools whose severity counts before others'
 */
export function* joinTracks(
  rows: RowIndex,
  prefer: readonly Tool[],
): Generator<readonly [string, readonly Merged[]]> {
  let key = rows.count === 0 ? '' : rows.key(0);
  for (let at = 0; at < rows.count; ) {
    const trackKey = trackOf(key);
    const findings: Merged[] = [];
    // All track keys are of one length, so that none begins another.
    while (at < rows.count && key.startsWith(trackKey)) {
      const told: Observation[] = [];
      const same = key;
      do {
        // The same record twice, as exports that overlap have it: merging would make nothing else of it.
        if (told.length === 0 || !rows.isSame(at - 1, at)) told.push(rows.read(at, unpack));
        at++;
        key = at < rows.count ? rows.key(at) : '';
      } while (key === same);
      findings.push(mergeObservations(same, trackKey, told, prefer));
    }
    yield [trackKey, findings];
  }
}

function trackOf(key: string): string {
  const dash = key.indexOf('-');
  return dash === -1 ? key : key.slice(0, dash);
}
