/** What checks are given, and who finds what they compare with. */
import type { Log } from '../kernel/log.js';
import type { Clock } from '../kernel/time.js';
import type { DatabaseFacts, RestorePoint } from './facts.js';
import type { RdsAsset } from './model.js';
import type { Connector } from './ports.js';
import type { CheckResult, ManifestHead, PlannedCheck } from './results.js';

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
