/** `roc backup restore`: a copy that is kept, with production's placement; and the cut-over to it, by two renames. */

import { RocError } from '../kernel/errors.js';
import { DAY, HOUR } from '../kernel/time.js';
import type { RestoreResult } from './answers.js';
import type { RestoreRequest } from './cloud.js';
import { choosePoint } from './decide/points.js';
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

const KEPT_MARK = 'restore';
const PATIENCE = DAY;

/** Run again with the same `to`, it goes on where it was: the copy is known by its tags. */
export async function restore(room: Room, options: RestoreOptions): Promise<RestoreResult> {
  const asset = chooseAsset(room.policy, options.asset, ['rds-mysql']);
  const source = sourceOf(asset, room);
  requireFreeName(options.to, source);
  const facts = await gatherPoints(room.cloud, source);
  const former = await findFormer(room, source, options.to, facts.database);
  const model = former ?? facts.database;
  if (model === null)
    throw new RocError('ROC_NOT_FOUND', `${source} is gone: its placement is not known`, {
      hint: 'Restore it in the RDS console, where you say subnet group, security groups and parameters yourself.',
    });
  const point = choosePoint({ ...facts, source }, options.point, realWorld.random);
  const began = await requestKept(room, model, point, options, source);
  const copy = await untilReady(room, [options.to, source], options, (instance) =>
    isOurs(instance, options.to),
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

/** @returns when it was asked for: now, or when the copy that is there already was made */
async function requestKept(
  room: Room,
  model: DatabaseFacts,
  point: RestorePoint,
  options: RestoreOptions,
  source: string,
): Promise<number> {
  const { cloud } = room;
  for (const id of [options.to, source]) {
    const there = await cloud.instance(id);
    if (there !== null && isOurs(there, options.to)) return there.createdAt ?? room.now();
    if (there !== null && id === options.to)
      throw new RocError('ROC_CONFLICT', `${id} is there already and is no restore of ${source}`, {
        hint: 'Choose another name with --to.',
      });
  }
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

/** Source out of the way, copy into its name; each rename is done only where it is still to be done. */
async function cutOver(room: Room, source: string, options: RestoreOptions): Promise<number> {
  const { cloud } = room;
  const there = await cloud.instance(source);
  if (there !== null && !isOurs(there, options.to)) {
    options.onProgress(`renaming ${source} out of the way`);
    await cloud.modify(source, { newId: formerName(source, options.to) });
    await untilRenamed(room, source, options);
  }
  if ((await cloud.instance(options.to)) !== null) {
    options.onProgress(`renaming ${options.to} to ${source}`);
    await cloud.modify(options.to, { newId: source });
  }
  await untilReady(room, [source], options, (instance) => isOurs(instance, options.to));
  return room.now();
}

/** However ill the source is, its name must be free; what becomes of it does not matter here. */
async function untilRenamed(room: Room, source: string, { to, signal }: RestoreOptions): Promise<void> {
  const pause = createPauses({ ...realWorld, poll: room.settings.poll });
  const until = room.now() + HOUR;
  for (;;) {
    const [old, fresh] = await Promise.all(
      [source, formerName(source, to)].map((id) => room.cloud.instance(id)),
    );
    if (old === null && fresh !== null && fresh?.status !== 'renaming') return;
    if (signal.aborted || room.now() > until) throw unfinished();
    await pause(signal);
  }
}

/** Between the two renames the source has another name. */
async function findFormer(
  room: Room,
  source: string,
  to: string,
  present: DatabaseFacts | null,
): Promise<DatabaseFacts | null> {
  if (present !== null && !isOurs(present, to)) return present;
  return room.cloud.instance(formerName(source, to));
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

function isOurs(instance: DatabaseFacts, to: string): boolean {
  return instance.tags['roc:managed'] === KEPT_MARK && instance.tags['roc:restored-as'] === to;
}

function formerName(source: string, to: string): string {
  return `${source}-before-${to}`.slice(0, 63).replace(/-+$/, '');
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
