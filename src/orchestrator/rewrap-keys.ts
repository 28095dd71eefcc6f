/** `roc kms rewrap`: the data keys of a database move to the master key that is configured now. */
import type { Log } from '../kernel/log.js';
import { placesOf, type ServerConfig } from './config.js';
import { holdInstallation } from './data-dir.js';
import { openMasterKey } from './kms/master-key.js';
import { type Rewrapped, rewrap } from './kms/rewrap.js';
import { migrate } from './store/migrate.js';
import { openStore } from './store/open.js';

/** @throws RocError ROC_DATA_DIR_UNUSABLE where a server runs on an embedded database, and what rewrap throws */
export async function rewrapKeys(
  config: ServerConfig,
  env: Readonly<Record<string, string | undefined>>,
  log: Log,
): Promise<Rewrapped> {
  const places = placesOf(config);
  // An embedded database belongs to one process; on MySQL servers go on meanwhile, if they know the former key.
  const dataDir = places.database.startsWith('sqlite:')
    ? await holdInstallation(config.dataDir, places.database)
    : null;
  try {
    const store = await openStore({ url: places.database, env, log });
    try {
      await migrate(store);
      return await rewrap(store, await openMasterKey(store, places, env));
    } catch (error) {
      throw store.translateError(error);
    } finally {
      await store.close();
    }
  } finally {
    await dataDir?.release();
  }
}
