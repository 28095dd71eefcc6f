/** Finishes the partitions on this thread; threads/pool.ts offers the same on several. */
import type { Evidence } from '../decide/facts.js';
import { buildTable } from '../decide/table.js';
import { type FeedData, feedLookup } from '../feeds/lookup.js';
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
  /** Where sorted runs go; null keeps them in memory. */
  readonly dir: string | null;
}

export function createRequestFinisher(
  request: Omit<FinishRequest, 'parts'>,
  store: TrackStore | null,
  name: string,
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
    dir: request.dir,
    name,
  });
}

export function finishInline(request: FinishRequest, store: TrackStore | null): FinishedPart[] {
  const finisher = createRequestFinisher(request, store, 'main');
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
