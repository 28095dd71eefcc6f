/** Every restore point of a database, of all four kinds. */
import type { Cloud } from './cloud.js';
import type { PointFacts } from './decide/points.js';
import type { DatabaseFacts, RestorePoint } from './facts.js';

export interface SourceFacts extends PointFacts {
  /** Null where the database is gone and only its backups are left. */
  readonly database: DatabaseFacts | null;
}

export async function gatherPoints(cloud: Cloud, source: string): Promise<SourceFacts> {
  const database = await cloud.instance(source);
  const [snapshots, recoveryPoints, window] = await Promise.all([
    cloud.snapshots(source),
    database === null ? [] : cloud.recoveryPoints({ id: source, arn: database.arn }),
    cloud.restoreWindow(source),
  ]);
  return {
    points: newestFirst([...withoutTwins(snapshots, recoveryPoints), ...recoveryPoints]),
    window,
    source,
    database,
    encrypted: database?.encrypted ?? false,
    kmsKeyId: database?.kmsKeyId ?? null,
    sizeGb: database?.storageGb ?? null,
    engineVersion: database?.engineVersion ?? null,
  };
}

/** RDS, too, lists the snapshots that AWS Backup made; each point is told once. */
function withoutTwins(
  snapshots: readonly RestorePoint[],
  recoveryPoints: readonly RestorePoint[],
): RestorePoint[] {
  const known = new Set(recoveryPoints.map(({ arn }) => arn));
  return snapshots.filter((point) => point.arn === null || !known.has(point.arn));
}

function newestFirst(points: RestorePoint[]): RestorePoint[] {
  return points.sort((a, b) => b.at - a.at);
}
