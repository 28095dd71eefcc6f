/**
 * The template's hosts at their first start: the real user data, units, scripts and the built roc in the layout of the
 * Dockerfile, on an overlay of this system. Fakes: docker, dnf, systemctl, the metadata service, and moto for AWS.
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { synthesise } from '../../src/stack/synthesise.js';
import type { Template } from '../../src/stack/template.js';
import { type Host, type RunningUnit, startHost } from '../helpers/first-start/host.js';
import { makeStackWorld, type StackWorld } from '../helpers/first-start/stack-world.js';
import { type Mariadb, startMariadb } from '../helpers/mariadb.js';
import { type Moto, startMoto } from '../helpers/moto.js';
import { describeWith } from '../helpers/parts.js';
import { projectPath } from '../helpers/project.js';
import { runRoc } from '../helpers/roc.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { until } from '../helpers/until.js';
import { configOf, factsOf, VERSION } from './samples.js';

const DATABASE = 'roc-prod.abcdef.us-east-1.rds.amazonaws.com';

describeWith(['overlay', 'aws', 'aws-cli', 'mariadbd', 'openssl'], 'a server at its first start', () => {
  // Of this run alone, so that nobody else's server is in the way of a port that the template fixes.
  const address = `127.${[0, 0, 0].map(() => 1 + Math.floor(Math.random() * 254)).join('.')}`;
  const home = makeTempDir('first-start');
  let moto: Moto;
  let database: Mariadb;
  let template: Template;
  let world: StackWorld;
  let ops: Host;
  let server: Host;
  let image: string;

  beforeAll(async () => {
    [moto, database] = await Promise.all([
      startMoto('us-east-1'),
      startMariadb({ tls: true, own: true, names: [DATABASE] }),
    ]);
    await moto.reset();
    const { port } = new URL(database.url('mysql'));
    await database.execute("CREATE USER admin@'%' IDENTIFIED BY 'Mast3rOfAll'");
    await database.execute("GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION");
    // As on RDS: the application's user is made by the host, and not there before.
    await database.execute("RENAME USER roc@'%' TO helper@'%'");
    const config = configOf('prod', { db: { port: Number(port) } });
    ({
      blueprint: { template },
    } = await synthesise({ config, facts: factsOf('us-east-1'), version: VERSION }));
    world = await makeStackWorld({
      ...{ template, aws: moto.env, balancerAddress: address },
      database: { id: 'roc-prod', host: DATABASE, user: 'admin', password: 'Mast3rOfAll' },
    });
    image = `${world.values['Repository.RepositoryUri']}:${VERSION}`;
    const ca = readFileSync(database.caFile ?? '', 'utf8');
    const host = (id: string, instanceId: string) =>
      startHost({
        userData: world.userData(id).replaceAll('0.0.0.0:8443', `${address}:8443`),
        ...{ aws: moto.env, instanceId, ca },
      });
    [ops, server] = await Promise.all([
      host('OpsLaunchTemplate', 'i-0aaaaaaaaaaaaaaa1'),
      host('AppLaunchTemplate', 'i-0bbbbbbbbbbbbbbb2'),
    ]);
    for (const one of [ops, server]) one.setHosts({ [DATABASE]: '127.0.0.1' });
  });

  afterAll(async () => {
    await Promise.all([ops?.close(), server?.close()]);
    await Promise.all([database?.stop(), moto?.stop()]);
    removeDir(home);
  });

  const healthz = () =>
    new Promise<number>((resolve) => {
      request(
        { host: address, port: 8443, path: '/healthz', rejectUnauthorized: false, agent: false },
        (reply) => {
          reply.resume();
          resolve(reply.statusCode ?? 0);
        },
      )
        .on('error', () => resolve(0))
        .end();
    });

  test('user data runs to its end and starts what it should', async () => {
    for (const host of [ops, server]) expect(await host.firstStart()).toMatchObject({ exitCode: 0 });
    expect(ops.asked()).toContain('enable --now roc-app-user.timer');
    expect(ops.asked()).toContain('enable --now roc-backup-verify.timer');
    expect(server.asked()).toContain('enable --now roc.service');
    expect(server.read('/etc/roc/env')).toContain('ROC_SERVER__INSTANCE_ID=i-0bbbbbbbbbbbbbbb2\n');
  });

  test('before the image is pushed a unit says so, and the next try is all it takes', async () => {
    const early = await ops.start('roc-app-user.service').ended;
    expect(early.exitCode).toBe(69);
    expect(early.stdout).toContain('cannot be pulled: is it pushed?');
    for (const host of [ops, server]) host.push(image);
    const made = await ops.start('roc-app-user.service').ended;
    expect(made.exitCode, made.stdout + made.stderr).toBe(0);
    expect(ops.log()).toContain('created: roc, with SELECT');
  });

  test('the server serves with exactly what the template tells it', async () => {
    const unit = server.start('roc.service');
    await until('the server is healthy', async () => (await healthz()) === 200, { timeoutMs: 60_000 });
    try {
      await signIn();
      expect((await robot()).exitCode).toBe(0);
      const { items } = await json<{ items: { instanceId: string; state: string }[] }>('nodes', 'list');
      expect(items).toMatchObject([{ instanceId: 'i-0bbbbbbbbbbbbbbb2', state: 'online' }]);
    } finally {
      await ended(unit);
    }
  });

  /** Through the bucket and the data key. */
  const robot = () => roc(['robots', 'publish', projectPath('examples/bank-reconciliation'), '--json']);

  async function signIn() {
    const password = 'F1rstOwn3rOf40characters0000000000000000';
    const result = await roc(
      ['login', '--url', `https://${address}:8443`, '--email', 'admin@localhost', '--password-stdin'],
      password,
    );
    expect(result.exitCode, result.stderr).toBe(0);
  }

  async function json<T>(...args: string[]): Promise<T> {
    const result = await roc([...args, '--json']);
    expect(result.exitCode, result.stderr + result.stdout).toBe(0);
    return result.json<T>();
  }

  // The certificate between balancer and server is of the server's own making.
  const roc = (args: string[], input?: string) =>
    runRoc(args, {
      ...{ home, cwd: home, env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } },
      ...(input === undefined ? {} : { input }),
    });

  test('no secret is in what containers print, nor in what the host says', async () => {
    const said = ops.log() + server.log() + JSON.stringify([...ops.containers(), ...server.containers()]);
    for (const secret of ['Mast3rOfAll', 'Ap9pUs3rS3cr3t', 'F1rstOwn3r']) expect(said).not.toContain(secret);
  });

  async function ended(unit: RunningUnit) {
    await server.run('/usr/bin/docker', 'stop', '--time', '60', 'roc');
    expect(await unit.ended).toMatchObject({ exitCode: 0 });
  }
});
