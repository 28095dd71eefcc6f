/** The feeds in memory: sorted number arrays in shared buffers, so that threads read one copy. */
import type { FeedLookup, SsvcFact } from '../decide/facts.js';
import type { KevFact } from '../model.js';
import { cveNumber, findSorted } from './cve-number.js';

/** Plain and shared data: safe to hand to another thread. */
export interface FeedData {
  readonly kev: ReadonlyMap<string, KevFact> | null;
  readonly epss: {
    readonly cves: Float64Array;
    readonly scores: Uint32Array;
    readonly percentiles: Uint32Array;
  } | null;
  readonly ssvc: { readonly cves: Float64Array; readonly points: Uint8Array } | null;
}

export const NO_FEEDS: FeedData = { kev: null, epss: null, ssvc: null };

/** EPSS is published with at most nine decimals, kept as whole numbers so that nothing is rounded away. */
export const EPSS_SCALE = 1e9;

const EXPLOITATION = ['none', 'public poc', 'active'] as const;

/** SSVC points in one byte: exploitation in bits 0-1, automatable in bit 2, total impact in bit 3. */
export function packSsvc({ exploitation, automatable, impact }: SsvcFact): number {
  return EXPLOITATION.indexOf(exploitation) | (automatable === 'yes' ? 4 : 0) | (impact === 'total' ? 8 : 0);
}

export function feedLookup({ kev, epss, ssvc }: FeedData): FeedLookup {
  return {
    hasKev: kev !== null,
    kev: (cve) => kev?.get(cve) ?? null,
    epss: (cve) => {
      const at = epss === null ? -1 : placeOf(epss.cves, cve);
      if (epss === null || at === -1) return null;
      return {
        epss: (epss.scores[at] ?? 0) / EPSS_SCALE,
        percentile: (epss.percentiles[at] ?? 0) / EPSS_SCALE,
      };
    },
    ssvc: (cve) => {
      const at = ssvc === null ? -1 : placeOf(ssvc.cves, cve);
      if (ssvc === null || at === -1) return null;
      const point = ssvc.points[at] ?? 0;
      return {
        exploitation: EXPLOITATION[(point & 3) as 0 | 1 | 2] ?? 'none',
        automatable: point & 4 ? 'yes' : 'no',
        impact: point & 8 ? 'total' : 'partial',
      };
    },
  };
}

function placeOf(sorted: Float64Array, cve: string): number {
  const wanted = cveNumber(cve);
  return wanted === null ? -1 : findSorted(sorted, wanted);
}
