import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { backupDataDir, restoreDataDir } from '../../../src/orchestrator/data/backup.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import { tempDirs } from '../../helpers/temp-dirs.js';
import { startTestServer } from '../../helpers/test-server.js';

const newDir = tempDirs('data-backup');
const NOW = new Date('2026-01-02T03:04:05Z');

async function scene() {
  const server = await startTestServer();
  onTestFinished(() => server.close());
  const token = await server.tokenOf('owner');
  const publish = async (version: string) => {
    const { bytes } = await packedRobot({ 'robot.yaml': robotYaml(version) });
    await server.ok('versions.publish', { token, params: { robot: 'totals', version }, body: bytes });
  };
  await publish('1.0.0');
  return { server, token, publish, target: join(newDir(), 'copy') };
}

describe('roc data backup', () => {
  it('copies a running server at one instant; restored, it has what it had then', async () => {
    const { server, target, publish } = await scene();
    const { files } = await backupDataDir(server.dataDir, target, NOW);
    await publish('2.0.0');
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(['keys/master.key', 'roc.db']));
    expect(files.some(({ path }) => path.startsWith('blobs/'))).toBe(true);
    expect(statSync(target).mode & 0o077).toBe(0);
    const dataDir = join(newDir(), 'again');
    expect((await restoreDataDir(target, dataDir)).createdAt).toBe(NOW.toISOString());
    for (const { path } of files)
      expect(readFileSync(join(dataDir, path)).equals(readFileSync(join(target, path)))).toBe(true);
    const restored = await startTestServer({ beside: { ...server, dataDir } as never });
    onTestFinished(() => restored.close());
    const token = await restored.tokenOf('owner');
    const { items } = await restored.ok('versions.list', { token, params: { robot: 'totals' }, query: {} });
    expect(items.map(({ version }) => version)).toEqual(['1.0.0']);
  });

  it('leaves nothing behind when it fails, and never writes over anything', async () => {
    const empty = newDir();
    const target = join(newDir(), 'copy');
    await expect(backupDataDir(empty, target, NOW)).rejects.toMatchObject({ code: 'ROC_DATA_DIR_UNUSABLE' });
    expect(readdirSync(join(target, '..'))).toEqual([]);
    const { server } = await scene();
    await expect(backupDataDir(server.dataDir, empty, NOW)).rejects.toMatchObject({ code: 'ROC_CONFLICT' });
  });

  it('refuses to restore a damaged copy, one without its list, and onto something', async () => {
    const { server, target } = await scene();
    const { files } = await backupDataDir(server.dataDir, target, NOW);
    await expect(restoreDataDir(target, server.dataDir)).rejects.toMatchObject({ code: 'ROC_CONFLICT' });
    await expect(restoreDataDir(server.dataDir, join(newDir(), 'x'))).rejects.toMatchObject({
      code: 'ROC_INVALID_INPUT',
    });
    const [blob] = files.filter(({ path }) => path.startsWith('blobs/'));
    const path = join(target, blob?.path ?? '');
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
    const dataDir = join(newDir(), 'x');
    await expect(restoreDataDir(target, dataDir)).rejects.toMatchObject({ code: 'ROC_CHECK_FAILED' });
    expect(existsSync(dataDir)).toBe(false);
  });
});
