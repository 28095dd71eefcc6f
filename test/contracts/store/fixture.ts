/** A store with a tenant, a deployed robot and runners, for suites that run on each engine. */
import { silentLog } from '../../../src/kernel/log.js';
import { deploy } from '../../../src/orchestrator/deployments/deploy.js';
import { type EnqueueArgs, enqueue } from '../../../src/orchestrator/jobs/enqueue.js';
import { openSession, registerRunner } from '../../../src/orchestrator/jobs/sessions.js';
import { bootstrap } from '../../../src/orchestrator/store/bootstrap.js';
import type { Job } from '../../../src/orchestrator/store/jobs.js';
import { migrate } from '../../../src/orchestrator/store/migrate.js';
import { type OpenStoreOptions, openStore } from '../../../src/orchestrator/store/open.js';
import { requirePlace } from '../../../src/orchestrator/store/places.js';
import { type ProcessSettings, setProcess } from '../../../src/orchestrator/store/processes.js';
import { insertRunnerToken } from '../../../src/orchestrator/store/runner-tokens.js';
import type { Schema } from '../../../src/orchestrator/store/schema.js';
import type { Store } from '../../../src/orchestrator/store/store.js';
import { type NewVersion, publishVersion } from '../../../src/orchestrator/store/versions.js';
import type { RobotManifest } from '../../../src/protocol/package/manifest.js';

export const HOST = { os: 'linux', arch: 'x64', version: '0.1.0', labels: {}, slots: 4 };
const KEY = 'A'.repeat(43);

/** A clock that stands still until it is moved. */
export interface TestClock {
  (): number;
  advance(ms: number): void;
}

function testClock(start = Date.UTC(2025, 0, 1)): TestClock {
  let now = start;
  const advance = (ms: number) => {
    now += ms;
  };
  return Object.assign(() => now, { advance });
}

export interface Fixture {
  readonly store: Store;
  readonly clock: TestClock;
  readonly tenantId: string;
  readonly woken: string[];
  /** Enqueues a job of the process `invoices`. */
  enqueue(args?: Partial<EnqueueArgs>): Promise<Job>;
  configure(settings: ProcessSettings): Promise<void>;
  /** Publishes and deploys a version. */
  release(version: string, manifest?: Partial<RobotManifest>): Promise<void>;
  /** Registers a runner and opens its first session. */
  runner(name: string, host?: Partial<typeof HOST>): Promise<TestRunner>;
}

export interface TestRunner {
  readonly runnerId: string;
  readonly sessionEpoch: number;
}

/** Opens, migrates, empties and fills a store. */
export async function openFixture(url: string): Promise<Fixture> {
  const clock = testClock();
  const woken: string[] = [];
  const store = await openStore({
    url,
    log: silentLog,
    clock,
    random: () => 0,
    onReady: (ids) => woken.push(...ids),
  });
  await migrate(store);
  await wipe(store);
  const { tenantId } = await bootstrap(store, { adminEmail: 'admin@localhost', passwordHash: 'x' });
  const fixture: Fixture = {
    store,
    clock,
    tenantId,
    woken,
    enqueue: (args) => store.transaction((tx) => enqueue(tx, { ...newJob(tenantId), ...args })),
    configure: async (settings) => {
      const ref = { tenantId, project: 'default', process: 'invoices' };
      await store.transaction((tx) => setProcess(tx, ref, settings));
    },
    release: (version, manifest = {}) => release(store, tenantId, version, manifest),
    runner: (name, host = {}) => addRunner(store, tenantId, name, { ...HOST, ...host }),
  };
  await fixture.release('1.0.0');
  return fixture;
}

/** A second store on the same database: another node. The clock is its own affair. */
export function openNode(url: string, options: Partial<OpenStoreOptions> = {}): Promise<Store> {
  return openStore({ url, log: silentLog, ...options });
}

async function wipe({ db }: Store): Promise<void> {
  const tables = await db.introspection.getTables();
  for (const { name } of tables) {
    if (name !== 'schema_migration') await db.deleteFrom(name as keyof Schema).execute();
  }
}

/** A job of the process `invoices`, ready to be enqueued. */
export function newJob(tenantId: string): EnqueueArgs {
  return {
    tenantId,
    project: 'default',
    process: 'invoices',
    environment: 'dev',
    input: { month: 5 },
    createdBy: 'admin@localhost',
    checkInput: () => {},
  };
}

/** A version of the robot `invoices`, ready to be published. */
export function newVersion(
  tenantId: string,
  version: string,
  manifest: Partial<RobotManifest> = {},
): NewVersion {
  return {
    tenantId,
    project: 'default',
    robot: 'invoices',
    version,
    manifest: {
      name: 'invoices',
      version,
      entrypoint: ['node', 'main.js'],
      platforms: ['linux', 'macos', 'windows'],
      inputs: null,
      idempotent: true,
      assets: [],
      timeoutMs: 60_000,
      ...manifest,
    },
    digest: `sha256:${version}`,
    sha256: 'a'.repeat(64),
    sizeBytes: 1234,
    blobKey: `blob-${version}`,
    wrappedKey: 'wrapped',
    createdBy: 'admin@localhost',
  };
}

async function release(
  store: Store,
  tenantId: string,
  version: string,
  manifest: Partial<RobotManifest>,
): Promise<void> {
  await store.transaction(async (tx) => {
    const published = newVersion(tenantId, version, manifest);
    await publishVersion(tx, published);
    await deploy(tx, { ...published, environment: 'dev' });
  });
}

async function addRunner(
  store: Store,
  tenantId: string,
  name: string,
  host: typeof HOST,
): Promise<TestRunner> {
  const poolId = await requirePlace(store, 'pool', tenantId, 'default');
  const tokenHash = `hash-of-${name}`;
  const token = { tenantId, poolId, tokenHash, createdBy: 'admin', lifeMs: 3_600_000 };
  await store.transaction((tx) => insertRunnerToken(tx, token));
  const { runnerId } = await store.transaction((tx) =>
    registerRunner(tx, { ...host, tokenHash, name, signKey: KEY, boxKey: KEY }),
  );
  const { sessionEpoch } = await openSession(store, { runnerId, bootId: 'boot-1', host, running: [] });
  return { runnerId, sessionEpoch };
}
