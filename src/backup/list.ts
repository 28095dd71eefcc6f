/** `roc backup list`: restore points of every kind, gaps against the RPO, retention drift, copies, and when each was last proved. */

import { RocError } from '../kernel/errors.js';
import { DAY } from '../kernel/time.js';
import type { AssetState, BackupList, ListedPoint } from './answers.js';
import { inRegion } from './aws/clients.js';
import { createCloud } from './aws/cloud.js';
import { type Gap, gapsOf } from './decide/points.js';
import type { RestorePoint } from './facts.js';
import { chooseAsset } from './load-policy.js';
import type { RdsAsset } from './model.js';
import { gatherPoints, type SourceFacts } from './points.js';
import { type Room, sourceOf } from './room.js';
import { readRuns } from './runs.js';

export async function listBackups(room: Room, asset: string | undefined): Promise<BackupList> {
  const assets =
    asset === undefined
      ? room.policy.policy.assets.filter((entry): entry is RdsAsset => entry.type === 'rds-mysql')
      : [chooseAsset(room.policy, asset, ['rds-mysql'])];
  if (assets.length === 0)
    throw new RocError('ROC_NOT_FOUND', `${room.policy.file} has no database to list`, {
      hint: 'Add an asset of type rds-mysql.',
    });
  const items: ListedPoint[] = [];
  const states: AssetState[] = [];
  for (const entry of assets) {
    const facts = await gatherPoints(room.cloud, sourceOf(entry, room));
    items.push(...facts.points.map((point) => listed(entry.id, point)));
    states.push(await stateOf(room, entry, facts));
  }
  return { items, assets: states };
}

async function stateOf(room: Room, asset: RdsAsset, facts: SourceFacts): Promise<AssetState> {
  const now = room.now();
  const span = Math.min(
    asset.retention.min,
    facts.database?.createdAt ? now - facts.database.createdAt : asset.retention.min,
  );
  const last = readRuns(room.dir)
    .filter((run) => run.asset === asset.id && run.verdict === 'pass')
    .at(-1);
  return {
    asset: asset.id,
    source: facts.source,
    exists: facts.database !== null,
    window: facts.window === null ? null : { from: iso(facts.window.from), to: iso(facts.window.to) },
    rpo: { targetMs: asset.rpo, gaps: gapsOf(facts, now, span, asset.rpo).map(gapText) },
    retention: retentionOf(asset, facts, now),
    copies: await Promise.all(
      asset.retention.copies.map((copy) =>
        copyState(room, facts.source, copy, { testEvery: asset.testEvery, now }),
      ),
    ),
    lastProved: last === undefined ? null : { run: last.run, at: last.startedAt },
    isDue: last === undefined || now - Date.parse(last.startedAt) > asset.testEvery,
  };
}

/** A database that is younger than the retention cannot have older points. */
export function retentionOf(
  asset: RdsAsset,
  facts: Omit<SourceFacts, 'source'>,
  now: number,
): AssetState['retention'] {
  const usable = facts.points.filter(isUsable);
  const times = [...usable.map(({ at }) => at), ...(facts.window === null ? [] : [facts.window.from])];
  const oldest = times.length === 0 ? null : Math.min(...times);
  const configuredDays = facts.database?.backupRetentionDays ?? null;
  const minMs = asset.retention.min;
  const base = { minMs, oldest: oldest === null ? null : iso(oldest), configuredDays };
  if (oldest === null) return { ...base, verdict: 'drift', why: 'there is no point that can be used' };
  if (now - oldest >= minMs) return { ...base, verdict: 'ok', why: 'a point of that age is there' };
  const born = facts.database?.createdAt ?? null;
  const days = Math.ceil(minMs / DAY);
  if (configuredDays !== null && configuredDays * DAY < minMs && !hasVault(facts.points))
    return { ...base, verdict: 'drift', why: `RDS keeps ${configuredDays} days, the policy wants ${days}` };
  if (born !== null && now - born < minMs)
    return { ...base, verdict: 'unknown', why: 'the database is younger than the retention' };
  return { ...base, verdict: 'drift', why: `no point is ${days} days old` };
}

function hasVault(points: readonly RestorePoint[]): boolean {
  return points.some(({ kind }) => kind === 'aws-backup');
}

async function copyState(
  room: Room,
  source: string,
  copy: { region: string; min: number },
  { testEvery, now }: { testEvery: number; now: number },
) {
  const points = await createCloud(inRegion(room.access, copy.region)).snapshots(source);
  return { region: copy.region, ...copiesOf(points, copy.min, testEvery, now) };
}

/** Pure: copies reach back far enough, and are still being made. */
export function copiesOf(points: readonly RestorePoint[], min: number, testEvery: number, now: number) {
  const times = points.filter(isUsable).map(({ at }) => at);
  if (times.length === 0) return { newest: null, oldest: null, verdict: 'drift' as const };
  const [oldest, newest] = [Math.min(...times), Math.max(...times)];
  const isKept = now - oldest >= min && now - newest <= testEvery;
  return { newest: iso(newest), oldest: iso(oldest), verdict: isKept ? ('ok' as const) : ('drift' as const) };
}

// One that is still being made has no time yet, and one that failed covers nothing.
function isUsable({ status, at }: RestorePoint): boolean {
  return status === 'available' && at > 0;
}

function listed(asset: string, { at, tags, ...point }: RestorePoint): ListedPoint {
  return { asset, ...point, at: iso(at), manifest: tags['roc:manifest'] ?? null };
}

function gapText({ from, to, ms }: Gap) {
  return { from: iso(from), to: iso(to), ms };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
