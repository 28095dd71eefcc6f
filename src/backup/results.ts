/** What checks are given and what they say. */
import type { Log } from '../kernel/log.js';
import type { Clock } from '../kernel/time.js';
import type { DatabaseFacts, RestorePoint } from './facts.js';
import type { RdsAsset } from './model.js';
import type { Connector } from './ports.js';

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

export interface CheckInput {
  readonly asset: RdsAsset;
  readonly point: RestorePoint;
  readonly connector: Connector;
  /** Null where the point has none. */
  readonly manifest: ManifestHead | null;
  /** The live database, null where it is gone; and the restored copy. */
  readonly source: DatabaseFacts | null;
  readonly restored: DatabaseFacts;
  /** Drawn after the restore, so that whoever wrote the manifest could not know it; hex. */
  readonly seed: string;
  /** Ids that an earlier part of the same run has finished already. */
  readonly done: ReadonlySet<string>;
  readonly now: Clock;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** The checks of a restored database; results come as they are known, critical checks first. */
export interface DataChecks {
  planned(asset: RdsAsset, manifest: ManifestHead | null): readonly PlannedCheck[];
  run(input: CheckInput): AsyncIterable<CheckResult>;
}

/** Finds the manifest that belongs to a point: by the point's tags `roc:manifest` and `roc:manifest-sha256`. */
export type FindManifest = (point: RestorePoint) => Promise<ManifestHead | null>;
