/** What a run decides by, as plain data that can cross threads. */
import type { Baseline } from '../baseline.js';
import type { GateRule } from '../decide/gates.js';
import type { MatchRule } from '../decide/match.js';
import type { TableSource } from '../decide/table.js';
import type { Assets, VulnsPolicy } from '../policy.js';
import type { VexStatement } from '../vex/statement.js';
import type { Listing } from './listing.js';

export interface Settings {
  readonly policy: VulnsPolicy;
  readonly table: TableSource;
  readonly assets: Assets['assets'];
  readonly gates: readonly GateRule[];
  readonly vex: readonly VexStatement[];
  readonly scope: Scope;
  readonly hasStore: boolean;
  /** What an earlier report knew. */
  readonly baseline: Baseline | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What this run looked at: only there does silence mean "fixed". */
export interface Scope {
  /** Declared by the user; null: nothing was. */
  readonly declared: readonly MatchRule[] | 'all' | null;
  /** `tool\nidentity` of targets that were scanned whole. */
  readonly targets: readonly string[];
  /** The same without the tool, of targets that could not be looked at: nothing there counts as fixed. */
  readonly gaps: readonly string[];
  /** Services that were asked and did not tell everything. */
  readonly blind: readonly { readonly tool: string; readonly region: string }[];
  /** Records were lost on the way in: what is absent may have been among them. */
  readonly isPartial: boolean;
  /** Live listings that were complete. */
  readonly listings: readonly Listing[];
}
