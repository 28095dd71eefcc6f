/** `roc backup run`: a manifest of the live database, and at once a snapshot that carries its name and hash. */
import { RocError } from '../kernel/errors.js';
import { HOUR } from '../kernel/time.js';
import type { RestorePoint } from './facts.js';
import { chooseAsset } from './load-policy.js';
import { takeManifest } from './manifest/take.js';
import { DISTURBED_TAG, type StoredManifest, storeManifest } from './manifest-store.js';
import type { RdsAsset } from './model.js';
import { rowsWritten } from './mysql/write-counter.js';
import { type Room, realWorld, sourceOf } from './room.js';
import { createPauses } from './run/context.js';
import { awsName, isPassing } from './run/faults.js';
import { newRunId } from './run/names.js';
import { connectToSource } from './source-connection.js';

export interface BackUpOptions {
  readonly asset: string | undefined;
  /** False for a snapshot alone, whose data nothing can be compared with. */
  readonly manifest: boolean;
  /** Leaves once RDS has begun. */
  readonly wait: boolean;
  readonly signal: AbortSignal;
  onProgress(text: string): void;
}

export interface BackUpResult {
  readonly asset: string;
  readonly snapshot: string;
  readonly status: string;
  readonly at: string | null;
  /** `written`: rows that somebody wrote while the manifest was taken; 0 makes it exact. */
  readonly manifest: {
    id: string;
    file: string;
    sha256: string;
    tables: number;
    rows: number;
    written: number | null;
    /** Rows written between it and the snapshot, as far as it is known: any make it describe another instant. */
    writtenAfter: number | null;
  } | null;
  readonly seconds: { readonly manifest: number; readonly snapshot: number };
}

/** A snapshot takes hours at most; what takes longer is looked after by `roc backup list`. */
const PATIENCE = 6 * HOUR;

export async function backUp(room: Room, options: BackUpOptions): Promise<BackUpResult> {
  const { cloud, policy, now } = room;
  const asset = chooseAsset(policy, options.asset, ['rds-mysql']);
  const source = sourceOf(asset, room);
  const id = newRunId(now(), realWorld.random);
  const began = now();
  const taken = options.manifest ? await takeDatabaseManifest(room, asset, source, id, options) : null;
  const manifestTime = now() - began;
  options.onProgress('asking RDS for the snapshot');
  const tags = {
    'roc:managed': 'backup',
    'roc:asset': asset.id,
    'roc:source': source,
    ...taken?.stored.tags,
  };
  const asked = now();
  const first = await snapshotOnce(cloud, source, `roc-${asset.id}-${id}`, tags);
  const point = options.wait ? await untilAvailable(room, first, options) : first;
  const writtenAfter = taken === null ? null : await rowsWrittenAfter(room, asset, source, taken, options);
  if (writtenAfter !== null && writtenAfter > 0 && point.arn !== null)
    await cloud.addTags(point.arn, { [DISTURBED_TAG]: String(writtenAfter) });
  return {
    asset: asset.id,
    snapshot: point.id,
    status: point.status,
    at: point.at === 0 ? null : new Date(point.at).toISOString(),
    manifest: taken === null ? null : { ...taken.summary, writtenAfter },
    seconds: { manifest: manifestTime / 1000, snapshot: (now() - asked) / 1000 },
  };
}

/** The name holds the run's own letters: where it is taken already, the answer to an earlier try was lost. */
async function snapshotOnce(
  cloud: Room['cloud'],
  source: string,
  name: string,
  tags: Readonly<Record<string, string>>,
): Promise<RestorePoint> {
  try {
    return await cloud.createSnapshot(source, name, tags);
  } catch (error) {
    const made = /^DBSnapshotAlreadyExists/.test(awsName(error)) ? await cloud.snapshot(name) : null;
    if (made === null) throw error;
    return made;
  }
}

/** Takes and stores the manifest of the live database. */
export async function takeDatabaseManifest(
  room: Room,
  asset: RdsAsset,
  source: string,
  id: string,
  { signal, onProgress }: Pick<BackUpOptions, 'signal' | 'onProgress'>,
): Promise<{
  stored: StoredManifest;
  summary: Omit<NonNullable<BackUpResult['manifest']>, 'writtenAfter'>;
  counter: number | null;
}> {
  const database = await room.cloud.instance(source);
  if (database === null)
    throw new RocError('ROC_NOT_FOUND', `RDS has no instance ${source} in ${room.cloud.region}`, {
      hint: 'Check source.dbInstance in the policy and --region.',
    });
  const connector = await connectToSource(room, asset, database, signal);
  try {
    const manifest = await takeManifest({
      connector,
      id,
      asset: asset.id,
      source,
      databases: asset.checks.databases,
      tables: asset.checks.tables,
      now: room.now,
      onTable: (name, rows) => onProgress(`${name}: ${rows} rows`),
    });
    const stored = await storeManifest(room, manifest);
    const tables = manifest.databases.flatMap((entry) => entry.tables);
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    const { file, sha256 } = stored;
    const summary = { id, file, sha256, tables: tables.length, rows, written: manifest.written };
    return { stored, summary, counter: manifest.counter };
  } finally {
    await connector.close();
  }
}

/** Null where it cannot be known: the server was restarted, does not count, or cannot be reached any more. */
async function rowsWrittenAfter(
  room: Room,
  asset: RdsAsset,
  source: string,
  { counter }: { readonly counter: number | null },
  { signal }: Pick<BackUpOptions, 'signal'>,
): Promise<number | null> {
  const database = counter === null ? null : await room.cloud.instance(source);
  if (counter === null || database === null) return null;
  const connector = await connectToSource(room, asset, database, signal);
  try {
    const sql = await connector.connect();
    const now = await rowsWritten(sql).finally(() => sql.close());
    return now === null || now < counter ? null : now - counter;
  } catch (error) {
    room.log.warn({ error: String(error) }, 'whether anybody wrote before the snapshot is not known');
    return null;
  } finally {
    await connector.close();
  }
}

async function untilAvailable(
  room: Room,
  first: RestorePoint,
  { signal, onProgress }: BackUpOptions,
): Promise<RestorePoint> {
  const pause = createPauses({ ...realWorld, poll: room.settings.poll });
  const until = room.now() + PATIENCE;
  for (let point: RestorePoint | null = first; ; ) {
    if (point?.status === 'available') return point;
    if (point === null || /fail|delet/.test(point.status))
      throw new RocError('ROC_CHECK_FAILED', `the snapshot ${first.id} is ${point?.status ?? 'gone'}`, {
        hint: 'Look at the events of the database in RDS.',
      });
    if (signal.aborted || room.now() > until)
      throw new RocError('ROC_RESUMABLE', `the snapshot ${first.id} is not made yet; RDS goes on with it`, {
        hint: '`roc backup list` shows when it is available.',
      });
    onProgress(`the snapshot is ${point.status}`);
    await pause(signal);
    point = await room.cloud.snapshot(first.id).catch((error: unknown) => {
      if (isPassing(error)) return first;
      throw error;
    });
  }
}
