/** `roc backup run` and `verify`, as programs of their own, against the strict fake of RDS (moto behind a proxy) and real databases. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { VerifyResult } from '../../src/backup/result.js';
import { type BackupWorld, SOURCE, startBackupWorld } from '../helpers/backup/backup-world.js';
import { describeWith } from '../helpers/parts.js';

describeWith(['mariadbd', 'openssl', 'aws', 'botocore'], 'backup verify (fake RDS, real databases)', () => {
  let world: BackupWorld;
  beforeAll(async () => {
    world = await startBackupWorld();
  });
  afterAll(async () => {
    expect([...world.proxy.problems, ...world.proxy.vault.problems]).toEqual([]);
    await world.close();
  });

  it('a backup with its manifest restores, is checked, and leaves nothing: pass', async () => {
    const made = await world.roc(['run', '--json']);
    expect(made).toMatchObject({ exitCode: 0 });
    const result = await world.roc(['verify', '--json']);
    expect(result.exitCode).toBe(0);
    expect(result.json<VerifyResult>()).toMatchObject({
      verdict: 'pass',
      cleanup: { verdict: 'done', leftovers: [] },
    });
    expect(await world.leftovers()).toEqual([]);
    expect(SOURCE).toBe('shop-prod');
  });
});
