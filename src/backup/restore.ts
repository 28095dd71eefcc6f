/** `roc backup restore`: a copy that is kept, with production's placement; and the cut-over to it, by two renames. */

import { RocError } from '../kernel/errors.js';
import { DAY } from '../kernel/time.js';
import type { RestoreResult } from './answers.js';
import type { RestoreRequest } from './cloud.js';
import { formerName, isCopyOf, KEPT_MARK, takeNameOver } from './cut-over.js';
import { choosePoint } from './decide/points.js';
import { requireAskedFor } from './decide/resumed-restore.js';
import { meaningOf } from './decide/status.js';
import type { DatabaseFacts, RestorePoint } from './facts.js';
import { chooseAsset } from './load-policy.js';
import { gatherPoints } from './points.js';
import { type Room, realWorld, sourceOf } from './room.js';
import { createPauses } from './run/context.js';
import { awsName, isPassing } from './run/faults.js';
import { TEST_PREFIX, tagValue } from './run/names.js';

export interface RestoreOptions {
  readonly asset: string | undefined;
  readonly point: string;
  /** The new instance's id. */
  readonly to: string;
  readonly cutOver: boolean;
  readonly signal: AbortSignal;
  onProgress(text: string): void;
}

const PATIENCE = DAY;

/** Run again with the same `to`, it goes on where it was: the copy is known by its tags. */
export async function restore(room: Room, options: RestoreOptions): Promise<RestoreResult> {
  const asset = chooseAsset(room.policy, options.asset, ['rds-mysql']);
  const source = sourceOf(asset, room);
  requireFreeName(options.to, source);
  const facts = await gatherPoints(room.cloud, source);
  const standing = await findCopy(room, options.to, source);
  if (standing !== null) requireAskedFor(standing, { ...options, source, now: room.now() });
  const began =
    standing === null ? await requestCopy(room, facts, options) : (standing.createdAt ?? room.now());
  const copy = await untilReady(room, [options.to, source], options, (instance) =>
    isCopyOf(instance, source, options.to),
  );
  const available = room.now() - began;
  const cutOverAt = options.cutOver ? await cutOver(room, source, options) : null;
  const now = await room.cloud.instance(cutOverAt === null ? copy.id : source);
  return {
    asset: asset.id,
    instance: now?.id ?? options.to,
    endpoint: now?.host ?? null,
    point: pointOf(copy),
    rto: { target: asset.rto, available, cutOver: cutOverAt === null ? null : cutOverAt - began },
    former: cutOverAt === null ? null : formerName(source, options.to),
    next: nextSteps(source, options.to, cutOverAt !== null, room.cloud.region),
  };
}

/** The request of a copy that takes the source's place: the same network, groups, classes and protection. */
function keptRequest(
  model: DatabaseFacts,
  point: RestorePoint,
  names: { readonly to: string; readonly source: string; readonly owner: string },
): RestoreRequest {
  if (model.subnetGroup === null)
    throw new RocError('ROC_CHECK_FAILED', `${model.id} is in no subnet group`, {
      hint: 'Move it into a VPC first; a copy outside of one is not made.',
    });
  return {
    id: names.to,
    point,
    class: model.class,
    port: model.port,
    subnetGroup: model.subnetGroup,
    securityGroups: model.securityGroups,
    parameterGroup: model.parameterGroup,
    optionGroup: model.optionGroup,
    caId: model.caId,
    storageType: model.storageType,
    multiAz: model.multiAz,
    deletionProtection: model.deletionProtection,
    backupRetentionDays: model.backupRetentionDays,
    iamAuth: model.iamAuth,
    tags: {
      ...withoutRoc(model.tags),
      'roc:managed': KEPT_MARK,
      'roc:restored-as': names.to,
      'roc:source': names.source,
      'roc:point': tagValue(point.id),
      'roc:point-kind': point.kind,
      'roc:point-at': new Date(point.at).toISOString(),
      'roc:owner': names.owner,
    },
  };
}

/** The copy that an earlier run has made, under its own name or already under the source's. */
async function findCopy({ cloud }: Room, to: string, source: string): Promise<DatabaseFacts | null> {
  for (const id of [to, source]) {
    const there = await cloud.instance(id);
    if (there !== null && isCopyOf(there, source, to)) return there;
    if (there !== null && id === to)
      throw new RocError('ROC_CONFLICT', `${id} is there already and is no restore of ${source}`, {
        hint: 'Choose another name with --to.',
      });
  }
  return null;
}

/** @returns when it was asked for */
async function requestCopy(
  room: Room,
  facts: Awaited<ReturnType<typeof gatherPoints>>,
  options: RestoreOptions,
): Promise<number> {
  const { cloud } = room;
  const { source } = facts;
  // Between the two renames of a cut-over the source has another name.
  const model = facts.database ?? (await cloud.instance(formerName(source, options.to)));
  if (model === null)
    throw new RocError('ROC_NOT_FOUND', `${source} is gone: its placement is not known`, {
      hint: 'Restore it in the RDS console, where you say subnet group, security groups and parameters yourself.',
    });
  const point = choosePoint(facts, options.point, realWorld.random);
  const owner = tagValue(room.settings.owner ?? (await cloud.caller()).arn);
  const request = keptRequest(model, point, { to: options.to, source, owner });
  const began = room.now();
  if (point.kind === 'aws-backup')
    throw new RocError('ROC_USAGE', `${point.id} is a point of AWS Backup`, {
      hint: 'Restore it from AWS Backup, or choose a snapshot or pitr:TIME.',
    });
  options.onProgress(`asking RDS for ${options.to}`);
  await cloud.restore(request).catch((error: unknown) => {
    // A reply that was lost: the next look finds it by its tags.
    if (!isPassing(error) && !/^DBInstanceAlreadyExists/.test(awsName(error))) throw error;
  });
  return began;
}

async function untilReady(
  room: Room,
  ids: readonly string[],
  { signal, onProgress }: RestoreOptions,
  isIt: (instance: DatabaseFacts) => boolean,
): Promise<DatabaseFacts> {
  const pause = createPauses({ ...realWorld, poll: room.settings.poll });
  const until = room.now() + PATIENCE;
  for (;;) {
    for (const id of ids) {
      const instance = await room.cloud.instance(id).catch((error: unknown) => {
        if (isPassing(error)) return null;
        throw error;
      });
      if (instance === null || !isIt(instance)) continue;
      onProgress(`${id} is ${instance.status}`);
      const meaning = meaningOf(instance.status);
      if (meaning === 'ready' && instance.host !== null) return instance;
      if (meaning === 'dead' || meaning === 'backup-bad')
        throw new RocError('ROC_CHECK_FAILED', `${id} ended as ${instance.status}`, {
          hint: 'See its events in RDS; it is kept for you to look at.',
        });
    }
    if (signal.aborted || room.now() > until) throw unfinished();
    await pause(signal);
  }
}

/** By two renames; then the copy answers under the source's name. */
async function cutOver(room: Room, source: string, options: RestoreOptions): Promise<number> {
  await takeNameOver(room, source, options);
  await untilReady(room, [source], options, (instance) => isCopyOf(instance, source, options.to));
  return room.now();
}

function unfinished(): RocError {
  return new RocError('ROC_RESUMABLE', 'the restore is not finished; RDS goes on with it', {
    hint: 'Run the same command again: it goes on from there.',
  });
}

/** What it was really made of: run again, the command may find newer points. */
function pointOf({ tags }: DatabaseFacts): RestoreResult['point'] {
  return { kind: tags['roc:point-kind'] ?? '', id: tags['roc:point'] ?? '', at: tags['roc:point-at'] ?? '' };
}

function requireFreeName(to: string, source: string): void {
  const hint = 'Pass --to with letters, digits and single hyphens, such as shop-restored.';
  if (!/^[a-z](?:-?[a-z0-9])*$/i.test(to) || to.length > 63)
    throw new RocError('ROC_USAGE', `"${to}" is no name for an instance`, { hint });
  if (to.startsWith(TEST_PREFIX))
    throw new RocError(
      'ROC_USAGE',
      `names that begin with ${TEST_PREFIX} are for copies that are taken away`,
      { hint },
    );
  if (to === source) throw new RocError('ROC_USAGE', `${to} is the source itself`, { hint });
}

function withoutRoc(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !/^(roc|aws):/.test(key)));
}

function nextSteps(source: string, to: string, isDone: boolean, region: string): string[] {
  const former = formerName(source, to);
  if (isDone)
    return [
      `aws rds delete-db-instance --region ${region} --db-instance-identifier ${former}   # once nobody misses it`,
    ];
  const rename = (from: string, name: string) =>
    `aws rds modify-db-instance --region ${region} --db-instance-identifier ${from} --new-db-instance-identifier ${name} --apply-immediately`;
  return [rename(source, former), rename(to, source)];
}
