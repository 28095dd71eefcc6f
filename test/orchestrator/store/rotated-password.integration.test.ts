import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLog } from '../../../src/kernel/log.js';
import { openStore } from '../../../src/orchestrator/store/open.js';
import { type Mariadb, startMariadb } from '../../helpers/mariadb.js';
import { type Moto, startMoto } from '../../helpers/moto.js';
import { describeWith } from '../../helpers/parts.js';

describeWith(['mysql', 'aws'], 'a database whose secret is rotated', () => {
  let server: Mariadb;
  let moto: Moto;
  let secrets: SecretsManagerClient;
  beforeAll(async () => {
    [server, moto] = await Promise.all([startMariadb(), startMoto()]);
    const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
    secrets = new SecretsManagerClient({ region: 'us-east-1', endpoint: moto.url, credentials });
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' });
  });
  afterAll(async () => {
    secrets?.destroy();
    await Promise.all([server?.stop(), moto?.stop()]);
  });

  it('goes on with the new password, and needs no restart', async () => {
    const url = await server.createDatabase();
    const user = `app${Date.now()}`;
    const set = (password: string) =>
      server.execute(`CREATE OR REPLACE USER ${user}@'%' IDENTIFIED BY '${password}'`);
    const grant = () => server.execute(`GRANT ALL ON \`${new URL(url).pathname.slice(1)}\`.* TO ${user}@'%'`);
    const value = (password: string) => JSON.stringify({ username: user, password });
    await set('first');
    await grant();
    const made = new CreateSecretCommand({ Name: user, SecretString: value('first') });
    const { ARN = '' } = await secrets.send(made);
    const at = Object.assign(new URL(url), { username: user, password: '' });
    at.searchParams.set('auth', `secretsmanager:${ARN}`);
    at.searchParams.set('connections', '2');
    const store = await openStore({ url: at.href, log: silentLog, env: moto.env });
    try {
      const ask = () => sql`select 1`.execute(store.db);
      await ask();
      // Rotated: the secret first, then the user, whose open connections the server ends.
      await set('second');
      await grant();
      await server.execute(`KILL USER ${user}@'%'`);
      await expect(ask().catch(store.translateError)).resolves.toMatchObject({ code: 'ROC_UNAVAILABLE' });
      await secrets.send(new PutSecretValueCommand({ SecretId: ARN, SecretString: value('second') }));
      expect((await ask()).rows).toHaveLength(1);
      expect((await Promise.all([ask(), ask(), ask()])).length).toBe(3);
    } finally {
      await store.close();
      await server.execute(`DROP USER ${user}@'%'`);
    }
  });

  it('ends a statement that runs away', async () => {
    const url = `${await server.createDatabase()}?statement-seconds=1`;
    const store = await openStore({ url, log: silentLog });
    try {
      const slow = sql`select sleep(20), sum(a.x * b.x) from (select 1 as x) a, (select 2 as x) b`.execute(
        store.db,
      );
      const from = performance.now();
      await expect(slow.catch(store.translateError)).resolves.toMatchObject({ code: 'ROC_UNAVAILABLE' });
      expect(performance.now() - from).toBeLessThan(10_000);
    } finally {
      await store.close();
    }
  });
});
