/** What a VEX document says of one vulnerability in one product, whichever format it came in. */
import type { JUSTIFICATIONS } from '../policy.js';

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
}
