/** `roc data move`: an installation that has outgrown its machine, from SQLite to MySQL and from files to S3. */
import { RocError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import { blobsPlace, openBlobs } from '../blobs/blobs-place.js';
import { placesOf, type ServerConfig } from '../config.js';
import { holdInstallation } from '../data-dir.js';
import { migrate } from '../store/migrate.js';
import { openStore } from '../store/open.js';
import { type MovedBlobs, moveBlobs } from './move-blobs.js';
import { type MovedTable, moveRows } from './move-rows.js';

export interface MoveOptions {
  /** Where the installation is now. */
  readonly config: ServerConfig;
  /** A database URL; null moves no rows. */
  readonly to: string | null;
  /** A blobs URL; null moves no blobs. */
  readonly blobsTo: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly onStep: (text: string) => void;
}

export interface Moved {
  readonly tables: readonly MovedTable[];
  readonly blobs: MovedBlobs | null;
}

/**
 * The server must be stopped: its data folder is held meanwhile. Nothing of the source is changed.
 * @throws RocError ROC_USAGE, ROC_DATA_DIR_UNUSABLE, ROC_CONFLICT, ROC_CHECK_FAILED, ROC_UNAVAILABLE
 */
export async function moveData(options: MoveOptions): Promise<Moved> {
  const { config, to, blobsTo, env, onStep } = options;
  const places = placesOf(config);
  if (to === null && blobsTo === null)
    throw new RocError('ROC_USAGE', 'nothing to move', { hint: 'Pass --to URL, --blobs-to URL, or both.' });
  if (to === places.database)
    throw new RocError('ROC_USAGE', 'source and target are one and the same database', {
      hint: 'Pass the URL of the new one with --to.',
    });
  const held = await holdInstallation(config.dataDir, places.database);
  try {
    const tables = to === null ? [] : await moveDatabase(places.database, to, options);
    if (blobsTo === null) return { tables, blobs: null };
    const target = await openBlobs(blobsPlace(blobsTo, config.dataDir), env);
    const source = await openBlobs(places.blobs, env);
    return { tables, blobs: await moveBlobs(source, target, (key) => onStep(`blob ${key}`)) };
  } finally {
    await held.release();
  }
}

async function moveDatabase(
  from: string,
  to: string,
  { env, log, onStep }: MoveOptions,
): Promise<MovedTable[]> {
  const source = await openStore({ url: from, log, env });
  try {
    const target = await openStore({ url: to, log, env });
    try {
      // Both at the schema of this roc: the columns are then the same.
      for (const store of [source, target]) await migrate(store);
      return await moveRows(source, target, (table) => onStep(`table ${table}`));
    } catch (error) {
      throw target.translateError(error);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
