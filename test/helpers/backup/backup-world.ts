/** An account with a production database, as the backup commands meet it: moto behind the strict proxy, an instance to tunnel through, real MariaDBs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateSecurityGroupCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateDBInstanceCommand,
  CreateDBParameterGroupCommand,
  CreateDBSubnetGroupCommand,
  DeleteDBInstanceCommand,
  DeleteDBParameterGroupCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { stringify } from 'yaml';
import { type Moto, startMoto } from '../moto.js';
import type { Program } from '../program.js';
import { type RocOptions, type RocResult, runRoc, startRoc } from '../roc.js';
import { healthyAccount, TARGET } from '../ssm-gateway/account.js';
import { type Gateway, startGateway } from '../ssm-gateway/gateway.js';
import { makeTempDir, removeDir } from '../temp-dir.js';
import { until } from '../until.js';
import { type RdsProxy, startRdsProxy } from './rds-proxy.js';
import type { RealDatabase } from './real-database.js';

export const SOURCE = 'shop-prod';

export interface BackupWorld {
  readonly dir: string;
  readonly moto: Moto;
  readonly proxy: RdsProxy;
  readonly gateway: Gateway;
  readonly source: RealDatabase;
  /** Names of instances that run, for who resolves them without the gateway. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Straight to moto. */
  readonly rds: RDSClient;
  readonly rdsThroughProxy: RDSClient;
  readonly keyId: string;
  /** The ordinary target of the policy. */
  readonly target: Readonly<Record<string, unknown>>;
  /** Writes the policy anew, with these changes of the asset over the ordinary one. */
  setPolicy(change?: Readonly<Record<string, unknown>>): void;
  /** Writes roc.yaml anew, with these changes of the section over the ordinary one. */
  setConfig(change?: Readonly<Record<string, unknown>>): void;
  roc(args: readonly string[], options?: RocOptions): Promise<RocResult>;
  start(args: readonly string[], options?: RocOptions): Program;
  /** Ids of instances, parameter groups and snapshots that no run should leave. */
  leftovers(): Promise<string[]>;
  /** Takes an instance away as its owner would. */
  remove(id: string): Promise<void>;
  close(): Promise<void>;
}

export async function startBackupWorld(): Promise<BackupWorld> {
  const dir = makeTempDir('backup');
  const moto = await startMoto('us-east-1');
  await moto.reset();
  const hosts: Record<string, string> = {};
  const gateway = await startGateway({ hosts, aws: healthyAccount() });
  const proxy = await startRdsProxy({ moto, dir, gatewayUrl: gateway.url, hosts });
  const client = {
    region: 'us-east-1',
    endpoint: moto.url,
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
  };
  const rds = new RDSClient(client);
  const account = await makeAccount(client, rds);
  const source = await proxy.attach(SOURCE);
  await fillShop(source);
  const env = { ...moto.env, AWS_ENDPOINT_URL: proxy.url };
  const world: BackupWorld = {
    dir,
    moto,
    proxy,
    gateway,
    source,
    hosts,
    rds,
    rdsThroughProxy: new RDSClient({ ...client, endpoint: proxy.url }),
    keyId: account.keyId,
    target: targetOf(account),
    setPolicy: (change = {}) => writePolicy(dir, account, change),
    setConfig: (change = {}) => {
      const backup = { policy: 'backup.yaml', ca: proxy.caFile, poll: '200ms', ...change };
      writeFileSync(join(dir, 'roc.yaml'), stringify({ backup }));
    },
    roc: (args, options) => runRoc(['backup', ...args], { cwd: dir, env, timeoutMs: 120_000, ...options }),
    start: (args, options) => startRoc(['backup', ...args], { cwd: dir, env, ...options }),
    leftovers: () => leftoversOf(rds),
    async remove(id) {
      const DBInstanceIdentifier = id;
      await world.rdsThroughProxy.send(
        new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true }),
      );
      await until(`the end of ${id}`, async () => {
        const { DBInstances = [] } = await world.rdsThroughProxy.send(new DescribeDBInstancesCommand({}));
        return DBInstances.every((row) => row.DBInstanceIdentifier !== id);
      });
      await rds.send(new DeleteDBParameterGroupCommand({ DBParameterGroupName: id }));
    },
    async close() {
      await proxy.close();
      await gateway.close();
      rds.destroy();
      await moto.stop();
      removeDir(dir);
    },
  };
  world.setPolicy();
  world.setConfig();
  return world;
}

interface Account {
  readonly keyId: string;
  readonly securityGroup: string;
  readonly secret: string;
}

type ClientOptions = ConstructorParameters<typeof EC2Client>[0] & object;

async function makeAccount(options: ClientOptions, rds: RDSClient): Promise<Account> {
  const ec2 = new EC2Client(options);
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const VpcId = Subnets[0]?.VpcId;
  const group = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: 'verifier-only', Description: 'for copies', VpcId }),
  );
  const kms = new KMSClient(options);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const secrets = new SecretsManagerClient(options);
  const { ARN: secret = '' } = await secrets.send(
    new CreateSecretCommand({
      Name: 'shop',
      SecretString: '{"username":"admin","password":"Pr0d-secret-9"}',
    }),
  );
  const SubnetIds = Subnets.map((subnet) => subnet.SubnetId ?? '');
  for (const DBSubnetGroupName of ['isolated', 'production'])
    await rds.send(
      new CreateDBSubnetGroupCommand({ DBSubnetGroupName, DBSubnetGroupDescription: 'subnets', SubnetIds }),
    );
  await rds.send(
    new CreateDBParameterGroupCommand({
      DBParameterGroupName: 'shop-mysql8',
      DBParameterGroupFamily: 'mysql8.0',
      Description: 'parameters of the shop',
    }),
  );
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: SOURCE,
      DBInstanceClass: 'db.t4g.medium',
      Engine: 'mysql',
      EngineVersion: '8.0.39',
      AllocatedStorage: 20,
      MasterUsername: 'admin',
      MasterUserPassword: 'Pr0d-secret-9',
      StorageEncrypted: true,
      KmsKeyId: KeyMetadata?.Arn,
      DBSubnetGroupName: 'production',
      VpcSecurityGroupIds: [group.GroupId ?? ''],
      DBParameterGroupName: 'shop-mysql8',
      BackupRetentionPeriod: 7,
      MultiAZ: true,
      DeletionProtection: true,
      Tags: [{ Key: 'env', Value: 'prod' }],
    }),
  );
  for (const used of [ec2, kms, secrets]) used.destroy();
  return { keyId: KeyMetadata?.KeyId ?? '', securityGroup: group.GroupId ?? '', secret };
}

async function fillShop(database: RealDatabase): Promise<void> {
  await database.execute(
    'CREATE DATABASE shop CHARACTER SET utf8mb4',
    `CREATE TABLE shop.orders (id BIGINT PRIMARY KEY, customer INT NOT NULL, status VARCHAR(20) NOT NULL, total DECIMAL(10,2), note VARCHAR(100))`,
    `INSERT INTO shop.orders SELECT seq, seq % 97, IF(seq % 3 = 0, 'PENDING', 'PAID'), seq / 7, IF(seq % 5 = 0, NULL, CONCAT('note ', seq)) FROM shop.seq_1_to_5000`,
    'CREATE TABLE shop.roc_heartbeat (id INT PRIMARY KEY, at DATETIME(3) NOT NULL)',
    'INSERT INTO shop.roc_heartbeat VALUES (1, UTC_TIMESTAMP(3))',
  );
}

function targetOf({ securityGroup }: Account) {
  return { subnetGroup: 'isolated', securityGroups: [securityGroup], ttl: '5m', maxCostUsd: 5 };
}

function writePolicy(dir: string, account: Account, change: Readonly<Record<string, unknown>>): void {
  const asset = {
    id: 'shop',
    type: 'rds-mysql',
    source: { dbInstance: SOURCE },
    rpo: '15m',
    rto: '2m',
    retention: { min: '1h' },
    testEvery: '1h',
    target: targetOf(account),
    connect: { via: 'ssm-tunnel', instance: TARGET, source: { secret: account.secret } },
    checks: {
      databases: ['shop'],
      tables: { default: 'exact', chunkRows: 1000 },
      sql: [
        {
          id: 'no-negative-totals',
          query: 'SELECT COUNT(*) AS c FROM shop.orders WHERE total < 0',
          expect: { c: 0 },
        },
      ],
    },
    ...change,
  };
  writeFileSync(
    join(dir, 'backup.yaml'),
    stringify({ version: 1, policy: { id: 'BKP-T' }, assets: [asset] }),
  );
}

async function leftoversOf(rds: RDSClient): Promise<string[]> {
  const instances = await rds.send(new DescribeDBInstancesCommand({}));
  const groups = await rds.send(new DescribeDBParameterGroupsCommand({}));
  const snapshots = await rds.send(new DescribeDBSnapshotsCommand({}));
  return [
    ...(instances.DBInstances ?? []).map((row) => row.DBInstanceIdentifier ?? ''),
    ...(groups.DBParameterGroups ?? []).map((row) => row.DBParameterGroupName ?? ''),
    ...(snapshots.DBSnapshots ?? []).map((row) => row.DBSnapshotIdentifier ?? ''),
  ].filter((id) => id.includes('roc-v-'));
}
