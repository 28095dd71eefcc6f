/** What a caller names for a report to decide by: files, feeds, scope, gates. */
import type { GateRule } from './decide/gates.js';

export interface GatherRequest {
  readonly packageRoot: string;
  readonly policy?: string | undefined;
  readonly assets?: string | undefined;
  readonly suppressions?: readonly string[] | undefined;
  readonly vex?: readonly string[] | undefined;
  readonly feeds?: string | undefined;
  readonly requireFeeds?: boolean | undefined;
  readonly scope?: readonly string[] | undefined;
  readonly gates?: readonly GateRule[] | undefined;
  readonly store?: string | undefined;
  /** An earlier report to compare with where there is no store. */
  readonly baseline?: string | undefined;
  readonly now: number;
}
