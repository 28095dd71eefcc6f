/** What checks say, and what they compare with. */

export type Verdict = 'pass' | 'fail' | 'inconclusive';

/** One check's outcome. `expected` and `actual` are short texts of counts, hashes and names: never row data. */
export interface CheckResult {
  readonly id: string;
  readonly verdict: Verdict;
  readonly expected: string;
  readonly actual: string;
  readonly seconds: number;
  readonly critical: boolean;
  /** More for the evidence: chunk ranges, SQL hash, MB/s; counts and hashes only. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** What of the data it looked at. */
  readonly covered?: Covered;
}

export interface Covered {
  readonly tables: number;
  readonly rows: number;
  readonly rowsChecked: number;
  readonly bytesChecked: number;
  /** Probability that damage of 1 % of the chunks is found; 1 where every chunk was read. */
  readonly detection: number;
}

/** What is to be checked; a check that is here and has no result is inconclusive. */
export interface PlannedCheck {
  readonly id: string;
  readonly critical: boolean;
}

/** A manifest that was written when the point was made. */
export interface ManifestHead {
  readonly id: string;
  readonly file: string;
  readonly sha256: string;
  readonly takenAt: number;
  readonly mode: 'exact' | 'append-only' | 'mutable';
}
