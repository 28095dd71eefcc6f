/** What roc is in production, on loopback: two servers behind a load balancer, one database, S3, runners; each its own process. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type LoadBalancer, startLoadBalancer } from '../helpers/haproxy.js';
import { type Mariadb, startMariadb } from '../helpers/mariadb.js';
import { type Moto, startMoto } from '../helpers/moto.js';
import type { Program } from '../helpers/program.js';
import { runRoc, startRoc } from '../helpers/roc.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { type AppUser, createAppUser } from './app-user.js';
import { type Member, type Node, startMember, startNode } from './members.js';
import type { Seeded } from './seeded.js';
import { startTcpCutter, type TcpCutter } from './tcp-cutter.js';

export const EMAIL = 'admin@localhost';
export const PASSWORD = 'correct horse battery staple';
const BUCKET = 'roc-faults';

export interface Cluster {
  /** The load balancer, as a client sees it. */
  readonly url: string;
  readonly ledger: string;
  readonly balancer: LoadBalancer;
  readonly nodes: readonly Node[];
  readonly runners: readonly Member[];
  readonly mariadb: Mariadb;
  /** Whom the nodes sign in to the database as. */
  readonly appUser: AppUser;
  /** The home folder of somebody who is signed in, for `runRoc`. */
  readonly home: string;
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
  const appUser = await createAppUser(mariadb, moto, database);
  undo.push(async () => appUser.close());
  const places = {
    ...{ dir, moto },
    database: withPort(appUser.url, databaseLink.port),
    blobUrl: `http://127.0.0.1:${blobLink.port}`,
  };
  const nodes: Node[] = [];
  for (const name of ['node1', 'node2']) {
    const node = await startNode(
      name,
      (port) =>
        (root = size.root) =>
          serveAt(places, name, port, root),
    );
    undo.push(() => node.end());
    nodes.push(node);
  }
  // An ALB does not try a request again: clients meet what it meets.
  const balancer = await startLoadBalancer({
    servers: nodes.map(({ url }) => new URL(url).host),
    retries: 0,
  });
  undo.push(() => balancer.stop());
  const runnerLinks: TcpCutter[] = [];
  for (let n = 0; n < size.runners; n++) runnerLinks.push(await link(balancer.url));
  const home = await signedInHome(dir, balancer.url);
  const runners = await startRunners(size, { dir, home }, runnerLinks);
  undo.push(() => Promise.all(runners.map(({ program }) => program.stop('SIGKILL'))));
  return {
    ...{ url: balancer.url, ledger: join(dir, 'ledger.jsonl'), balancer, nodes, runners, mariadb, appUser },
    ...{ home, database, databaseLink, blobLink, runnerLinks, stop },
  };
}

interface Places {
  readonly dir: string;
  readonly database: string;
  readonly moto: Moto;
  readonly blobUrl: string;
}

function serveAt(
  { dir, database, moto, blobUrl }: Places,
  name: string,
  port: number,
  root?: string,
): Program {
  const keys = join(dir, 'keys');
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  const masterKey = `local:${join(keys, 'master.key')}`;
  const signingKeys = `file:${join(keys, 'signing.json')}`;
  return startRoc(
    [
      ...['serve', '--listen', `127.0.0.1:${port}`, '--data-dir', join(dir, name), '--json'],
      ...['--database', database, '--blobs', `s3://${BUCKET}/robots`],
      ...['--kms', masterKey, '--signing-keys', signingKeys],
    ],
    {
      ...{ root, cwd: dir },
      env: {
        ...moto.env,
        ...{ AWS_ENDPOINT_URL: blobUrl, ROC_ADMIN_EMAIL: EMAIL, ROC_ADMIN_PASSWORD: PASSWORD },
        ROC_SERVER__INSTANCE_ID: name,
      },
    },
  );
}

async function signedInHome(dir: string, url: string): Promise<string> {
  const home = join(dir, 'home');
  mkdirSync(home);
  const login = ['login', '--url', url, '--email', EMAIL, '--password-stdin'];
  const signedIn = await runRoc(login, { home, input: PASSWORD });
  if (signedIn.exitCode !== 0) throw new TypeError(`roc login: ${signedIn.stderr}`);
  return home;
}

async function startRunners(
  { runners: count, slots, root: build }: ClusterSize,
  { dir, home }: { readonly dir: string; readonly home: string },
  links: readonly TcpCutter[],
): Promise<Member[]> {
  const runners: Member[] = [];
  for (let n = 1; n <= count; n++) {
    const name = `r${n}`;
    const { token } = (await runRoc(['runners', 'token', '--json'], { home })).json<{ token: string }>();
    const args = ['--url', `http://127.0.0.1:${links[n - 1]?.port}`, '--name', name, '--slots', `${slots}`];
    const state = ['--state-dir', join(dir, `runner-${name}`)];
    const start = (root = build) =>
      startRoc(['runner', 'start', '--json', ...args, ...state], {
        ...{ root, cwd: dir },
        env: { ROC_RUNNER_TOKEN: token },
      });
    runners.push(await startMember(name, start, null));
  }
  return runners;
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
