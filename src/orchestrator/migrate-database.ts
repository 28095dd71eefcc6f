/** `roc migrate`: the schema and nothing else. */
import { silentLog } from '../kernel/log.js';
import { placesOf, type ServerConfig } from './config.js';
import { holdDataDir } from './data-dir.js';
import { type AppliedMigration, migrate } from './store/migrate.js';
import { openStore } from './store/open.js';

/** What was applied, oldest first. @throws RocError ROC_DATA_DIR_UNUSABLE, ROC_UNAVAILABLE, ROC_PRECONDITION_FAILED */
export async function migrateDatabase(config: ServerConfig): Promise<AppliedMigration[]> {
  const { database } = placesOf(config);
  // An embedded database belongs to one process; a server beside it would migrate it anyway.
  const dataDir = database.startsWith('sqlite:') ? await holdDataDir(config.dataDir) : null;
  try {
    const store = await openStore({ url: database, log: silentLog });
    try {
      return await migrate(store);
    } catch (error) {
      throw store.translateError(error);
    } finally {
      await store.close();
    }
  } finally {
    await dataDir?.release();
  }
}
