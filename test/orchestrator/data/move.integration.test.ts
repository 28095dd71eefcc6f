import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLog } from '../../../src/kernel/log.js';
import { serverConfigSchema } from '../../../src/orchestrator/config.js';
import { moveData } from '../../../src/orchestrator/data/move.js';
import { openStore } from '../../../src/orchestrator/store/open.js';
import { type Mariadb, startMariadb } from '../../helpers/mariadb.js';
import { type Moto, startMoto } from '../../helpers/moto.js';
import { describeWith } from '../../helpers/parts.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import { startTestRunner, startTestServer, type TestServer } from '../../helpers/test-server.js';

describeWith(['mysql', 'aws'], 'roc data move', () => {
  let mariadb: Mariadb;
  let moto: Moto;
  let server: TestServer;
  beforeAll(async () => {
    [mariadb, moto] = await Promise.all([startMariadb(), startMoto()]);
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' });
    const client = new S3Client({ region: 'us-east-1', endpoint: moto.url, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'moved' }));
    client.destroy();
    server = await startTestServer();
    const token = await server.tokenOf('owner');
    for (const version of ['1.0.0', '1.1.0']) {
      const { bytes } = await packedRobot({ 'robot.yaml': robotYaml(version) });
      await server.ok('versions.publish', { token, params: { robot: 'totals', version }, body: bytes });
    }
    await server.ok('deployments.create', { token, body: { robot: 'totals', version: '1.1.0' } });
    await startTestRunner(server);
    for (let n = 0; n < 1200; n++) {
      const body = { process: 'totals', input: { text: `ñ "quoted" \\ ${n} 🤖` } };
      await server.ok('jobs.start', { token, body });
    }
  });
  afterAll(async () => {
    await server?.close();
    await Promise.all([mariadb?.stop(), moto?.stop()]);
  });

  const move = (to: string | null, blobsTo: string | null) =>
    moveData({
      ...{ to, blobsTo, env: moto.env, log: silentLog, onStep: () => {} },
      config: serverConfigSchema.parse({ dataDir: server.dataDir }),
    });

  it('moves every row and robot, the same on both sides; run again, it changes nothing', async () => {
    const to = await mariadb.createDatabase();
    const moved = await move(to, 's3://moved/robots');
    const rows = Object.fromEntries(moved.tables.map(({ table, rows }) => [table, rows]));
    expect(rows).toMatchObject({
      job: 1200,
      job_ready: 1200,
      job_event: 1200,
      robot_version: 2,
      deployment: 1,
    });
    expect(moved.blobs?.blobs).toBe(2);
    expect(await move(to, 's3://moved/robots')).toEqual(moved);
  });

  it('goes on where it was cut off, and tells of a row that differs', async () => {
    const to = await mariadb.createDatabase();
    await move(to, null);
    const store = await openStore({ url: to, log: silentLog });
    try {
      await sql`delete from job where mod(conv(right(id, 1), 36, 10), 2) = 0`.execute(store.db);
      expect((await move(to, null)).tables.find(({ table }) => table === 'job')?.rows).toBe(1200);
      await sql`update job set priority = priority + 1 limit 1`.execute(store.db);
      await expect(move(to, null)).rejects.toMatchObject({
        code: 'ROC_CHECK_FAILED',
        message: expect.stringContaining('table job '),
      });
    } finally {
      await store.close();
    }
  });

  it('refuses a database of another installation, and itself', async () => {
    const to = await mariadb.createDatabase();
    const other = await startTestServer({ database: to });
    await other.close();
    await expect(move(to, null)).rejects.toMatchObject({ code: 'ROC_CONFLICT' });
    await expect(move(`sqlite:${join(server.dataDir, 'roc.db')}`, null)).rejects.toMatchObject({
      code: 'ROC_USAGE',
    });
    await expect(move(null, null)).rejects.toMatchObject({ code: 'ROC_USAGE' });
  });
});
