/** Finishes the partitions on this thread; threads/pool.ts offers the same on several. */
import type { Evidence } from '../decide/facts.js';
import { buildTable } from '../decide/table.js';
import { type FeedData, feedLookup } from '../feeds/lookup.js';
import type { ScratchFiles } from '../scratch-files.js';
import type { TrackStore } from '../store/track.js';
import { createFinisher, type FinishedPart, type Finisher } from './finish-partition.js';
import { createJudge } from './judge.js';
import { rememberCves } from './known-cves.js';
import type { Settings } from './settings.js';
import { PARTITIONS, type SpoolPart } from './spool.js';

export interface FinishRequest {
  readonly settings: Settings;
  readonly feeds: FeedData;
  readonly evidence: Evidence;
  readonly links: ReadonlyMap<string, string>;
  readonly parts: readonly SpoolPart[];
  /** Sorted runs go to scratch files; else they stay in memory. */
  readonly onDisk: boolean;
}

export function createRequestFinisher(
  request: Omit<FinishRequest, 'parts'>,
  store: TrackStore | null,
  scratch: ScratchFiles,
): Finisher {
  const judge = createJudge(request.settings, {
    feeds: rememberCves(feedLookup(request.feeds)),
    evidence: request.evidence,
    table: buildTable(request.settings.table),
  });
  return createFinisher({
    settings: request.settings,
    judge,
    store,
    links: request.links,
    scratch: request.onDisk ? scratch : null,
  });
}

export function finishInline(
  request: FinishRequest,
  store: TrackStore | null,
  scratch: ScratchFiles,
): FinishedPart[] {
  const finisher = createRequestFinisher(request, store, scratch);
  const byPartition = partsByPartition(request.parts);
  for (let partition = 0; partition < PARTITIONS; partition++)
    finisher.finish(partition, byPartition.get(partition) ?? []);
  return [finisher.result()];
}

export function partsByPartition(parts: readonly SpoolPart[]): Map<number, SpoolPart[]> {
  const grouped = new Map<number, SpoolPart[]>();
  for (const part of parts) grouped.set(part.partition, [...(grouped.get(part.partition) ?? []), part]);
  return grouped;
}
