/** What every check of a restored database is given. */

import type { CheckInput } from '../check-input.js';
import type { Manifest } from '../manifest/model.js';
import type { Table } from '../mysql/catalog.js';
import type { Sessions } from '../mysql/sessions.js';
import type { CheckResult, Verdict } from '../results.js';

export interface CheckContext {
  readonly input: CheckInput;
  readonly sessions: Sessions;
  /** Null where the point has none. */
  readonly manifest: Manifest | null;
  /** Base tables of the checked schemas. */
  readonly tables: readonly Table[];
  /** Schemas to check: the policy's, or all that are not the server's own. */
  readonly databases: readonly string[];
}

/** A check's outcome before it is timed. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly expected: string;
  readonly actual: string;
  readonly details?: NonNullable<CheckResult['details']>;
  readonly covered?: NonNullable<CheckResult['covered']>;
}

export interface Check {
  readonly id: string;
  readonly critical: boolean;
  run(): Promise<Outcome>;
}
