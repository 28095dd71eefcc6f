/** What a VEX document says of one vulnerability in one product, whichever format it came in. */
import type { JUSTIFICATIONS } from '../policy.js';

/** Who signs what roc writes. */
export const ROC_AUTHOR = 'roc vulns report';

export const VEX_STATUSES = ['not_affected', 'affected', 'fixed', 'under_investigation'] as const;
export type VexStatus = (typeof VEX_STATUSES)[number];
export type Justification = (typeof JUSTIFICATIONS)[number];

export interface VexStatement {
  readonly id: string;
  readonly file: string;
  readonly vulnerability: readonly string[];
  /** Package URLs, image references or digests; a statement about no product is not taken. */
  readonly products: readonly string[];
  /** Package URLs of parts of the product that the statement speaks of. */
  readonly subcomponents: readonly string[];
  readonly status: VexStatus;
  readonly justification: Justification | null;
  readonly impact: string | null;
  readonly author: string;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  /** The end of the suppression that the statement was made of; VEX has no member for it. */
  readonly until: number | null;
}

/** How the end of a suppression stands at the end of an impact statement, where readers of VEX see it. */
export function withUntil(impact: string, expires: string): string {
  return `${impact} (until ${expires})`;
}

/** Epoch milliseconds, or null when no end is written there. */
export function untilOf(impact: string | null | undefined): number | null {
  const found = / \(until (\d{4}-\d{2}-\d{2}T[\d:.]{8,12}Z)\)$/.exec(impact ?? '')?.[1];
  const ms = found === undefined ? Number.NaN : Date.parse(found);
  return Number.isNaN(ms) ? null : ms;
}
