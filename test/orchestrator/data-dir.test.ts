import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../src/kernel/log.js';
import { serverConfigSchema } from '../../src/orchestrator/config.js';
import { moveData } from '../../src/orchestrator/data/move.js';
import { rewrapKeys } from '../../src/orchestrator/rewrap-keys.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

let dir: string;
beforeEach(() => {
  dir = makeTempDir();
});
afterEach(() => removeDir(dir));

describe('holdInstallation', () => {
  it('takes no mistyped folder for an empty installation, and makes nothing there', async () => {
    const mistyped = join(dir, 'rok');
    const config = serverConfigSchema.parse({ dataDir: mistyped });
    const refused = { code: 'ROC_DATA_DIR_UNUSABLE', message: expect.stringContaining('does not exist') };
    await expect(rewrapKeys(config, {}, silentLog)).rejects.toMatchObject(refused);
    const to = `sqlite:${join(dir, 'target.db')}`;
    const parts = { blobsTo: null, env: {}, log: silentLog, onStep: () => undefined };
    await expect(moveData({ config, to, ...parts })).rejects.toMatchObject(refused);
    expect([existsSync(mistyped), existsSync(join(dir, 'target.db'))]).toEqual([false, false]);
  });
});
