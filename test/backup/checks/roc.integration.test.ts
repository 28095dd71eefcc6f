/** roc's own database as a restored copy: filled by a real server, damaged behind its back, and judged. */
import { createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDataChecks } from '../../../src/backup/checks/data-checks.js';
import type { RocData } from '../../../src/backup/checks/roc.js';
import { createConnector } from '../../../src/backup/mysql/connector.js';
import type { CheckResult } from '../../../src/backup/results.js';
import { loadConfig } from '../../../src/kernel/config.js';
import { silentLog } from '../../../src/kernel/log.js';
import { openPackageReader } from '../../../src/orchestrator/packages/package-reader.js';
import { auditKeyId } from '../../../src/protocol/audit/checkpoint.js';
import { type BuiltServer, startBuiltServer } from '../../helpers/built-server.js';
import { COPY_HOST, connectorOptions } from '../../helpers/database-way.js';
import { type Mariadb, startMariadb } from '../../helpers/mariadb.js';
import { describeWith } from '../../helpers/parts.js';
import { writeRobot } from '../../helpers/robot-folder.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';
import { shopAsset, shopInstance, shopPoint } from './shop.js';

describeWith(['mariadbd', 'openssl'], 'a restored copy of roc itself', () => {
  const dir = makeTempDir('roc-copy');
  let copy: Mariadb;
  let server: BuiltServer;
  let database: string;
  let data: RocData;

  beforeAll(async () => {
    copy = await startMariadb({ tls: true, names: [COPY_HOST] });
    const url = await copy.createDatabase();
    database = new URL(url).pathname.slice(1);
    server = await startBuiltServer('--database', `${url}?ca=${copy.caFile}`);
    for (const version of ['1.0.0', '1.1.0', '2.0.0']) {
      const manifest = `name: totals\nversion: ${version}\nentrypoint: [node, main.js]\n`;
      const folder = writeRobot(join(dir, version), {
        'robot.yaml': manifest,
        'main.js': `// ${version}\n`.repeat(5000),
      });
      await server.json('robots', 'publish', folder);
    }
    await server.json('audit', 'checkpoint');
    const { items } = await server.json<{ items: { publicKey: string }[] }>('audit', 'key');
    const keys = items.map(({ publicKey }) => createPublicKey(publicKey));
    writeFileSync(join(dir, 'roc.yaml'), `server: { dataDir: ${server.dataDir} }\n`);
    const config = loadConfig({ cwd: dir, env: {} });
    data = {
      packages: await openPackageReader({ config, env: {}, outputs: null }),
      auditKeys: new Map(keys.map((key) => [auditKeyId(key), key])),
    };
  }, 120_000);

  afterAll(async () => {
    await server?.stop();
    await copy?.stop();
    removeDir(dir);
  });

  const check = async (given: RocData = data): Promise<Map<string, CheckResult>> => {
    const asset = shopAsset({
      heartbeat: undefined,
      sql: [],
      databases: [database],
      roc: { database, robots: 3 },
    });
    const results = new Map<string, CheckResult>();
    const checks = createDataChecks({ roc: async () => given }).run({
      asset,
      point: shopPoint(Date.now()),
      connector: createConnector(connectorOptions(copy, COPY_HOST)),
      manifest: null,
      source: null,
      restored: shopInstance('copy', COPY_HOST),
      seed: '01',
      done: new Set(['tables', 'tables:critical', 'schema']),
      now: Date.now,
      signal: new AbortController().signal,
      log: silentLog,
    });
    for await (const result of checks) results.set(result.id, result);
    return results;
  };

  it('has a whole audit chain and robots that open with their keys', async () => {
    const results = await check();
    expect(results.get('roc:audit-chain')).toMatchObject({ verdict: 'pass' });
    expect(results.get('roc:robots')).toMatchObject({
      verdict: 'pass',
      actual: '3 of 3 opened, each with its digest',
    });
  });

  it('proves nothing without the keys of the checkpoints, or the place of the robots', async () => {
    const results = await check({ packages: null, auditKeys: null });
    expect(results.get('roc:audit-chain')?.verdict).toBe('inconclusive');
    expect(results.get('roc:robots')?.verdict).toBe('inconclusive');
  });

  it.each([
    ['an event that says something else', `UPDATE @@.audit_event SET body = REPLACE(body, '1.1.0', '9.9.9')`],
    ['an event less', `DELETE FROM @@.audit_event WHERE seq = 2`],
    ['the newest events cut off', `DELETE FROM @@.audit_event WHERE seq > 1`],
    ['a column beside the body', `UPDATE @@.audit_event SET action = 'nothing' WHERE seq = 2`],
    ['all of it gone', `DELETE FROM @@.audit_event`],
  ])('fails the audit chain with %s', async (_name, damage) => {
    await copy.execute(`CREATE TABLE ${database}.kept AS SELECT * FROM ${database}.audit_event`);
    await copy.execute(damage.replaceAll('@@', database));
    const result = (await check()).get('roc:audit-chain');
    await copy.execute(`REPLACE INTO ${database}.audit_event SELECT * FROM ${database}.kept`);
    await copy.execute(`DROP TABLE ${database}.kept`);
    expect(result?.verdict).toBe('fail');
    expect((await check()).get('roc:audit-chain')?.verdict).toBe('pass');
  });

  it.each([
    [
      'the key of another version',
      `UPDATE @@.robot_version a JOIN @@.robot_version b ON b.version = '2.0.0' SET a.wrapped_key = b.wrapped_key WHERE a.version = '1.0.0'`,
    ],
    [
      'the package of another version',
      `UPDATE @@.robot_version a JOIN @@.robot_version b ON b.version = '2.0.0' SET a.blob_key = b.blob_key WHERE a.version = '1.0.0'`,
    ],
    ['another digest', `UPDATE @@.robot_version SET sha256 = REPEAT('0', 64) WHERE version = '1.0.0'`],
  ])('fails the robots with %s', async (_name, damage) => {
    await copy.execute(`CREATE TABLE ${database}.kept AS SELECT * FROM ${database}.robot_version`);
    await copy.execute(damage.replaceAll('@@', database));
    const result = (await check()).get('roc:robots');
    await copy.execute(`REPLACE INTO ${database}.robot_version SELECT * FROM ${database}.kept`);
    await copy.execute(`DROP TABLE ${database}.kept`);
    expect(result).toMatchObject({
      verdict: 'fail',
      actual: expect.stringContaining('default/totals@1.0.0'),
    });
  });

  it('fails the robots with a stored byte that was changed, or a package that is gone', async () => {
    const blobs = join(server.dataDir, 'blobs');
    const file = readdirSync(blobs, { recursive: true, withFileTypes: true })
      .filter(
        (entry) =>
          entry.isFile() &&
          readFileSync(join(entry.parentPath, entry.name)).subarray(0, 4).toString() === 'ROC1',
      )
      .map((entry) => join(entry.parentPath, entry.name))[0] as string;
    const whole = readFileSync(file);
    const damaged = Buffer.from(whole);
    damaged[60] = (damaged[60] ?? 0) ^ 1;
    writeFileSync(file, damaged);
    const changed = (await check()).get('roc:robots');
    writeFileSync(file, whole);
    expect(changed?.verdict).toBe('fail');
    expect((await check()).get('roc:robots')?.verdict).toBe('pass');
  });
});
