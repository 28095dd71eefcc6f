/** `roc backup manifest`: what an asset holds now, written down so that its backup can be compared with it later. */
import { dirname, join } from 'node:path';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { isoTime } from '../../kernel/time.js';
import { openBucket } from '../aws/bucket.js';
import { takeDatabaseManifest } from '../back-up.js';
import { bucketManifestSchema, takeBucketManifest } from '../bucket/manifest.js';
import { exportName } from '../configuration/checks.js';
import { collectConfiguration } from '../configuration/collect.js';
import { sealExport } from '../configuration/sealed-export.js';
import { chooseAsset } from '../load-policy.js';
import type { ConfigAsset, S3Asset } from '../model.js';
import { type Room, realWorld, sourceOf } from '../room.js';
import { newRunId } from '../run/names.js';
import { bucketOf } from './bucket-of.js';
import { folderStore, openExportKeys, openTextStore } from './places.js';

export interface TakenManifest {
  readonly asset: string;
  readonly type: 'rds-mysql' | 's3' | 'config';
  readonly id: string;
  readonly file: string;
  /** Tables, objects or items, and the rows of the tables. */
  readonly holds: Readonly<Record<string, number>>;
  /** Rows that were written meanwhile; null where that is not known. */
  readonly written: number | null;
  /** Tags for a snapshot that is made by other means. */
  readonly tags: Readonly<Record<string, string>>;
  readonly seconds: number;
}

export interface TakeOptions {
  readonly asset: string | undefined;
  readonly signal: AbortSignal;
  onProgress(text: string): void;
}

export async function takeAssetManifest(room: Room, options: TakeOptions): Promise<TakenManifest> {
  const asset = chooseAsset(room.policy, options.asset, ['rds-mysql', 's3', 'config']);
  const id = newRunId(room.now(), realWorld.random);
  const began = room.now();
  const seconds = () => (room.now() - began) / 1000;
  const base = { asset: asset.id, type: asset.type, id, written: null, tags: {} };
  if (asset.type === 's3') return { ...base, ...(await ofBucket(room, asset, id)), seconds: seconds() };
  if (asset.type === 'config')
    return { ...base, ...(await ofConfiguration(room, asset, id)), seconds: seconds() };
  const { stored, summary } = await takeDatabaseManifest(room, asset, sourceOf(asset, room), id, options);
  return {
    ...base,
    file: stored.file,
    tags: stored.tags,
    written: summary.written,
    holds: { tables: summary.tables, rows: summary.rows },
    seconds: seconds(),
  };
}

type Taken = Pick<TakenManifest, 'file' | 'holds'>;

async function ofBucket(room: Room, asset: S3Asset, id: string): Promise<Taken> {
  const bucket = openBucket(room.access, bucketOf(room, asset), asset.region);
  try {
    const manifest = await takeBucketManifest(bucket, {
      id,
      asset: asset.id,
      prefix: asset.prefix,
      now: room.now,
    });
    const name = exportName(id, room.now());
    const file = await bucketManifests(room, asset).write(
      name,
      canonicalJson(bucketManifestSchema.parse(manifest)),
    );
    return { file, holds: { objects: manifest.objects.length } };
  } finally {
    bucket.close();
  }
}

export function bucketManifests(room: Pick<Room, 'dir'>, { id }: S3Asset) {
  return folderStore(join(room.dir, 'manifests', id));
}

async function ofConfiguration(room: Room, asset: ConfigAsset, id: string): Promise<Taken> {
  const items = await collectConfiguration(room.access, asset.include, dirname(room.policy.file));
  const head = { id, asset: asset.id, takenAt: isoTime(Math.round(room.now())) };
  const sealed = await sealExport(items, head, await openExportKeys(room, asset));
  const file = await openTextStore(room, asset.store, asset.id).write(exportName(id, room.now()), sealed);
  return { file, holds: { items: items.length } };
}
