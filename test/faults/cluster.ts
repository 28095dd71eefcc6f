/** What roc is in production, on loopback: two servers behind a load balancer, one database, S3, runners; each its own process. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort } from '../helpers/free-port.js';
import { type LoadBalancer, startLoadBalancer } from '../helpers/haproxy.js';
import { type Mariadb, startMariadb } from '../helpers/mariadb.js';
import { type Moto, startMoto } from '../helpers/moto.js';
import type { Program } from '../helpers/program.js';
import { runRoc, startRoc } from '../helpers/roc.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { until } from '../helpers/until.js';
import type { Seeded } from './seeded.js';
import { startTcpCutter, type TcpCutter } from './tcp-cutter.js';

export const EMAIL = 'admin@localhost';
export const PASSWORD = 'correct horse battery staple';
const BUCKET = 'roc-faults';

export interface Member {
  readonly program: Program;
  /** SIGKILL, as the machine would die. */
  kill(): Promise<void>;
  /** After a kill: the same node or runner again. */
  restart(): Promise<void>;
}

export interface Cluster {
  /** The load balancer, as a client sees it. */
  readonly url: string;
  readonly ledger: string;
  readonly nodes: readonly Member[];
  readonly runners: readonly Member[];
  readonly mariadb: Mariadb;
  /** Its URL past the cutter. */
  readonly database: string;
  readonly databaseLink: TcpCutter;
  readonly blobLink: TcpCutter;
  /** Between each runner and the load balancer. */
  readonly runnerLinks: readonly TcpCutter[];
  stop(): Promise<void>;
}

export interface ClusterSize {
  readonly runners: number;
  readonly slots: number;
  /** Another build of roc: the folder of its package.json. */
  readonly root?: string;
}

export async function startCluster(size: ClusterSize, seed: Seeded): Promise<Cluster> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return await build(size, seed, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(
  size: ClusterSize,
  seed: Seeded,
  undo: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Cluster> {
  const dir = makeTempDir('faults');
  undo.push(async () => removeDir(dir));
  const mariadb = await startMariadb({ own: true });
  undo.push(() => mariadb.stop());
  const moto = await startMoto();
  undo.push(() => moto.stop());
  await makeBucket(moto);
  const database = await mariadb.createDatabase();
  const link = async (url: string) => {
    const { hostname, port } = new URL(url);
    const cutter = await startTcpCutter({ host: hostname, port: Number(port) }, seed.next);
    undo.push(() => cutter.close());
    return cutter;
  };
  const [databaseLink, blobLink] = [await link(database), await link(moto.url)];
  const root = size.root;
  const places = {
    ...{ dir, root },
    database: withPort(database, databaseLink.port),
    moto,
    blobUrl: `http://127.0.0.1:${blobLink.port}`,
  };
  const nodes: Member[] = [];
  const ports = [await freePort(), await freePort()];
  for (const [i, port] of ports.entries()) {
    const node = await startMember(() => startNode(places, i, port), `http://127.0.0.1:${port}/readyz`);
    undo.push(() => node.program.stop('SIGTERM', 60_000));
    nodes.push(node);
  }
  const balancer: LoadBalancer = await startLoadBalancer({
    servers: ports.map((port) => `127.0.0.1:${port}`),
  });
  undo.push(() => balancer.stop());
  const runnerLinks: TcpCutter[] = [];
  for (let n = 0; n < size.runners; n++) runnerLinks.push(await link(balancer.url));
  const runners = await startRunners(size, dir, balancer.url, runnerLinks);
  undo.push(() => Promise.all(runners.map(({ program }) => program.stop('SIGKILL'))));
  const ledger = join(dir, 'ledger.jsonl');
  return {
    url: balancer.url,
    ledger,
    nodes,
    runners,
    mariadb,
    database,
    databaseLink,
    blobLink,
    runnerLinks,
    stop,
  };
}

interface Places {
  readonly root: string | undefined;
  readonly dir: string;
  readonly database: string;
  readonly moto: Moto;
  readonly blobUrl: string;
}

function startNode({ root, dir, database, moto, blobUrl }: Places, index: number, port: number): Program {
  const keys = join(dir, 'keys');
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  return startRoc(
    [
      ...['serve', '--listen', `127.0.0.1:${port}`, '--data-dir', join(dir, `node${index}`), '--json'],
      ...['--database', database, '--blobs', `s3://${BUCKET}/robots`],
      ...[
        '--kms',
        `local:${join(keys, 'master.key')}`,
        '--signing-keys',
        `file:${join(keys, 'signing.json')}`,
      ],
    ],
    {
      ...{ root, cwd: dir },
      env: { ...moto.env, AWS_ENDPOINT_URL: blobUrl, ROC_ADMIN_EMAIL: EMAIL, ROC_ADMIN_PASSWORD: PASSWORD },
    },
  );
}

async function startRunners(
  { runners: count, slots, root }: ClusterSize,
  dir: string,
  url: string,
  links: readonly TcpCutter[],
): Promise<Member[]> {
  const home = join(dir, 'home');
  mkdirSync(home);
  const login = ['login', '--url', url, '--email', EMAIL, '--password-stdin'];
  const signedIn = await runRoc(login, { home, input: PASSWORD });
  if (signedIn.exitCode !== 0) throw new TypeError(`roc login: ${signedIn.stderr}`);
  const runners: Member[] = [];
  for (let n = 1; n <= count; n++) {
    const through = `http://127.0.0.1:${links[n - 1]?.port}`;
    const { token } = (await runRoc(['runners', 'token', '--json'], { home })).json<{ token: string }>();
    const args = [
      '--url',
      through,
      '--name',
      `r${n}`,
      '--slots',
      `${slots}`,
      '--state-dir',
      join(dir, `runner${n}`),
    ];
    const start = () =>
      startRoc(['runner', 'start', '--json', ...args], { root, cwd: dir, env: { ROC_RUNNER_TOKEN: token } });
    runners.push(await startMember(start, null));
  }
  return runners;
}

async function startMember(start: () => Program, readyUrl: string | null): Promise<Member> {
  const ready = async (program: Program) => {
    if (readyUrl === null) return;
    await Promise.race([
      until('the node is ready', async () => (await fetch(readyUrl)).ok, { timeoutMs: 60_000 }),
      program.ended.then(() => {
        throw new TypeError(`a node did not start: ${program.stdout()}${program.stderr()}`);
      }),
    ]);
  };
  let program = start();
  await ready(program);
  return {
    get program() {
      return program;
    },
    kill: async () => {
      await program.stop('SIGKILL');
    },
    restart: async () => {
      program = start();
      await ready(program);
    },
  };
}

async function makeBucket(moto: Moto): Promise<void> {
  const client = new S3Client({
    ...{ region: 'us-east-1', endpoint: moto.url, forcePathStyle: true },
    credentials: { accessKeyId: 'testing', secretAccessKey: randomBytes(8).toString('hex') },
  });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
}

function withPort(url: string, port: number): string {
  return Object.assign(new URL(url), { port: String(port) }).href;
}
