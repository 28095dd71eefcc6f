/**
 * The duties on the ops host of the template: real units, scripts and built roc, with the mounts and the user that the
 * container has. Fakes: docker, systemctl, the metadata service; AWS is moto behind the strict proxy, databases are real.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateDBInstanceCommand, DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDutyFiles } from '../../src/stack/duty-files.js';
import { type Synthesis, synthesise } from '../../src/stack/synthesise.js';
import { type BackupWorld, SOURCE, startBackupWorld } from '../helpers/backup/backup-world.js';
import { makeCertificates } from '../helpers/certificates.js';
import { type Host, type RunEnd, startHost } from '../helpers/first-start/host.js';
import { makeStackWorld, type StackWorld } from '../helpers/first-start/stack-world.js';
import { describeWith } from '../helpers/parts.js';
import type { Program } from '../helpers/program.js';
import { projectPath } from '../helpers/project.js';
import { runRoc, startRoc } from '../helpers/roc.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { until } from '../helpers/until.js';
import { configOf, factsOf, VERSION } from './samples.js';

const PASSWORD = 'correct horse battery staple';

describeWith(
  ['overlay', 'aws', 'aws-cli', 'botocore', 'mariadbd', 'openssl'],
  'the duties (fake RDS)',
  () => {
    const address = `127.${[0, 0, 0].map(() => 1 + Math.floor(Math.random() * 254)).join('.')}`;
    const dir = makeTempDir('duties');
    let account: BackupWorld;
    let stack: StackWorld;
    let server: Program;
    let host: Host;
    let aws: Record<string, string>;

    beforeAll(async () => {
      account = await startBackupWorld();
      // The proxy's Session Manager is a gateway of sessions; this host keeps settings in Parameter Store.
      aws = {
        ...account.moto.env,
        AWS_ENDPOINT_URL: account.proxy.url,
        AWS_ENDPOINT_URL_SSM: account.moto.url,
      };
      const { blueprint } = await synthesis();
      stack = await makeStackWorld({
        ...{ template: blueprint.template, aws, balancerAddress: address },
        database: { id: SOURCE, host: 'unused', user: 'admin', password: 'unused' },
        values: await makeServers(),
      });
      server = await startServer();
      host = await newHost();
    });

    afterAll(async () => {
      await host?.close();
      await server?.stop();
      await account?.close();
      removeDir(dir);
    });

    /** The policy is the one that the tests of backups stand on; it asks for a tunnel, which this host does not need. */
    function synthesis(): Promise<Synthesis> {
      const config = configOf('prod', { ops: { backup: { policy: 'backup.yaml' } } });
      const files = readDutyFiles(config, {
        config: { file: join(account.dir, 'roc.yaml') },
        packageRoot: projectPath('.'),
      });
      return synthesise({ config, facts: { ...factsOf('us-east-1'), files }, version: VERSION });
    }

    /** The group that capacity is watched of, without an instance; and where the balancer sends what people ask. */
    async function makeServers(): Promise<Record<string, string>> {
      const scaling = new AutoScalingClient(clientOptions());
      await scaling.send(
        new CreateLaunchConfigurationCommand({
          LaunchConfigurationName: 'servers',
          ImageId: 'ami-12c6146b',
          InstanceType: 't3.small',
        }),
      );
      await scaling.send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName: 'roc-prod-app',
          LaunchConfigurationName: 'servers',
          ...{ MinSize: 0, MaxSize: 6, DesiredCapacity: 0, AvailabilityZones: ['us-east-1a', 'us-east-1b'] },
        }),
      );
      const ec2 = new EC2Client(clientOptions());
      const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({}));
      const balancing = new ElasticLoadBalancingV2Client(clientOptions());
      const { TargetGroups = [] } = await balancing.send(
        new CreateTargetGroupCommand({ Name: 'api', Protocol: 'HTTPS', Port: 8443, VpcId: Vpcs[0]?.VpcId }),
      );
      for (const client of [scaling, ec2, balancing]) client.destroy();
      return { Servers: 'roc-prod-app', ApiTargets: TargetGroups[0]?.TargetGroupArn ?? '' };
    }

    async function startServer(): Promise<Program> {
      const names = ['roc.example.com'];
      const { certFile, keyFile } = makeCertificates(dir, names, { caFile: account.proxy.caFile });
      const args = ['serve', '--listen', `${address}:443`, '--data-dir', join(dir, 'data')];
      const program = startRoc([...args, '--tls-cert', certFile, '--tls-key', keyFile], {
        home: dir,
        env: { ROC_ADMIN_PASSWORD: PASSWORD },
      });
      await program.waitFor(/roc listens on/, 60_000);
      const login = [
        'login',
        '--url',
        `https://${address}`,
        '--email',
        'admin@localhost',
        '--password-stdin',
      ];
      const signedIn = await roc(login, PASSWORD);
      expect(signedIn.exitCode, signedIn.stderr).toBe(0);
      return program;
    }

    // People come by the balancer's name, which this host does not know: the certificate is of no matter here.
    const roc = (args: readonly string[], input?: string) =>
      runRoc(args, {
        ...{ home: dir, cwd: dir, env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } },
        ...(input === undefined ? {} : { input }),
      });

    async function newHost(): Promise<Host> {
      const made = await startHost({
        ...{ userData: stack.userData('OpsLaunchTemplate'), aws, instanceId: 'i-0aaaaaaaaaaaaaaa1' },
        ca: readFileSync(account.proxy.caFile, 'utf8'),
      });
      made.push(`${stack.values['Repository.RepositoryUri']}:${VERSION}`);
      made.setHosts(account.hosts);
      const started = await made.firstStart();
      expect(started.exitCode, started.stderr).toBe(0);
      // A copy is looked at each 15 seconds; the fake RDS is faster than that.
      writeFileSync(made.path('/etc/roc/env'), `${made.read('/etc/roc/env')}ROC_BACKUP__POLL=200ms\n`);
      return made;
    }

    async function duty(name: string): Promise<RunEnd> {
      return host.start(`roc-${name}.service`).ended;
    }

    async function makeKey(...scopes: string[]): Promise<string> {
      const args = scopes.flatMap((scope) => ['--scope', scope]);
      const made = await roc(['keys', 'create', '--consumer', 'duties', ...args]);
      expect(made.exitCode, made.stderr).toBe(0);
      return made.stdout;
    }

    async function evidence(): Promise<{ kind: string; verdict: string; scope: string }[]> {
      const listed = await roc(['evidence', 'list', '--json']);
      expect(listed.exitCode, listed.stderr).toBe(0);
      return listed.json<{ items: { kind: string; verdict: string; scope: string }[] }>().items;
    }

    async function measures(): Promise<(string | undefined)[]> {
      const client = new CloudWatchClient(clientOptions());
      const { Metrics = [] } = await client.send(new ListMetricsCommand({ Namespace: 'roc' }));
      client.destroy();
      return Metrics.map(({ MetricName }) => MetricName);
    }

    async function objects(prefix: string): Promise<string[]> {
      const client = new S3Client({ ...clientOptions(), forcePathStyle: true });
      const { Contents = [] } = await client.send(
        new ListObjectsV2Command({ Bucket: stack.bucket, Prefix: prefix }),
      );
      client.destroy();
      return Contents.map(({ Key }) => Key ?? '');
    }

    const clientOptions = () => ({
      region: 'us-east-1',
      endpoint: aws['AWS_ENDPOINT_URL'] ?? '',
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    });

    test('without a key a duty is done, and says that nobody was told', async () => {
      const end = await duty('vulns-report');
      expect(end.exitCode, end.stdout + end.stderr).toBe(0);
      expect(end.stdout).toContain(
        'roc vulns-report: has no key of the orchestrator, so it tells it nothing: its secret is empty',
      );
      expect(host.containers().at(-1)?.words).not.toContain('--publish');
      expect(await evidence()).toEqual([]);
      expect(await measures()).toEqual(expect.arrayContaining(['DutiesUnpublished', 'DutyFailed']));
    });

    describe('with a key of that one scope', () => {
      beforeAll(async () => {
        await stack.putSecret('OpsKeySecret', await makeKey('evidence:publish'));
      });

      test('the triage is published, and remembered', async () => {
        const end = await duty('vulns-report');
        expect(end.exitCode, end.stdout + end.stderr).toBe(0);
        expect((await evidence()).map(({ kind }) => kind)).toEqual(['vulns-report']);
        expect(await objects('duties/state/vulns/')).not.toEqual([]);
      });

      test('a drill makes a backup, restores it beside, proves it, takes both away, signs and publishes', async () => {
        account.proxy.changes.length = 0;
        const end = await duty('backup-verify');
        expect(end.exitCode, end.stdout + end.stderr + host.log().slice(-4000)).toBe(0);
        expect(account.proxy.changes.map((line) => line.split(' ')[0])).toEqual(
          expect.arrayContaining([
            'CreateDBSnapshot',
            'RestoreDBInstanceFromDBSnapshot',
            'DeleteDBInstance',
            'DeleteDBSnapshot',
          ]),
        );
        expect(await account.leftovers()).toEqual([]);
        expect(await evidence()).toEqual(
          expect.arrayContaining([expect.objectContaining({ kind: 'backup-verify', verdict: 'pass' })]),
        );
        expect(await objects('roc-backup/')).toEqual(
          expect.arrayContaining([
            expect.stringContaining('manifests/'),
            expect.stringContaining('evidence'),
          ]),
        );
      });

      test('the watch of capacity takes its lease, says what it sees, and gives the lease back when it is stopped', async () => {
        const watching = host.start('roc-scale-watch.service');
        const looked = until('the first look', () => /"event":"tick"/.test(host.log()), {
          timeoutMs: 60_000,
          everyMs: 200,
        });
        const early = watching.ended.then(({ stderr }) => {
          throw new TypeError(`the watch ended: ${stderr}${host.log().slice(-2000)}`);
        });
        await Promise.race([looked, early]);
        early.catch(() => {});
        expect(await objects('roc-scale/')).not.toEqual([]);
        await host.run('/usr/bin/docker', 'stop', '--time', '60', 'roc-scale-watch');
        await watching.ended;
        expect(host.log()).toContain('the lease is free');
      });

      test('a new host remembers what the one before it knew', async () => {
        const next = await newHost();
        const remembered = (await next.run('ls', '-A', '/var/lib/roc/vulns')).stdout;
        await next.close();
        expect(remembered).toBe((await host.run('ls', '-A', '/var/lib/roc/vulns')).stdout);
        expect(remembered).not.toBe('');
      });

      test('settings that change in the stack are those of the next run', async () => {
        account.setPolicy({ rpo: '1h' });
        await stack.putParameters((await synthesis()).blueprint.template);
        expect(host.read('/etc/roc/work/backup.yaml')).not.toContain('rpo: 1h');
        expect((await duty('backup-sweep')).exitCode).toBe(0);
        expect(host.read('/etc/roc/work/backup.yaml')).toContain('rpo: 1h');
        // Another duty brought them: the one that never ends has to start anew for them.
        expect(host.asked()).toContain('--no-block try-restart roc-scale-watch.service');
        expect((await host.run('stat', '-c', '%U %a', '/etc/roc/work/backup.yaml')).stdout).toBe(
          'root 644\n',
        );
      });

      test('what a key may not do is a failed duty, whose result is not lost', async () => {
        await stack.putSecret('OpsKeySecret', await makeKey('jobs:read'));
        const end = await duty('vulns-report');
        expect(end.exitCode).not.toBe(0);
        expect(host.log()).toContain('evidence:publish');
        expect(await objects('duties/state/vulns-report.json')).not.toEqual([]);
      });

      test('what a killed drill left is taken away', async () => {
        await account.rdsThroughProxy.send(new CreateDBInstanceCommand(orphan()));
        const end = await duty('backup-sweep');
        expect(end.exitCode, end.stdout + end.stderr).toBe(0);
        const { DBInstances = [] } = await account.rds.send(new DescribeDBInstancesCommand({}));
        expect(DBInstances.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier)).toEqual([SOURCE]);
      });
    });
  },
);

function orphan() {
  const run = '20260101-000000-bcdfgh';
  const tags = {
    'roc:managed': 'restore-test',
    'roc:run': run,
    'roc:source': SOURCE,
    'roc:expires': '2026-01-01T01:00:00.000Z',
    'roc:owner': 'duties',
  };
  return {
    DBInstanceIdentifier: `roc-v-${run}`,
    ...{ DBInstanceClass: 'db.t4g.medium', Engine: 'mysql', EngineVersion: '8.0.39', AllocatedStorage: 20 },
    ...{ MasterUsername: 'admin', MasterUserPassword: 'Pr0d-secret-9' },
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  };
}
