/** The audit chain: what an append costs beside a bare insert, and how long a million events take to verify. */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { silentLog } from '../../src/kernel/log.js';
import { createAudit } from '../../src/orchestrator/audit/audit.js';
import { auditSecretsOf } from '../../src/orchestrator/audit/audit-keys.js';
import { createCheckpoints } from '../../src/orchestrator/audit/checkpoints.js';
import { exportChain } from '../../src/orchestrator/audit/export-chain.js';
import { rememberCheckpoints } from '../../src/orchestrator/audit/own-checkpoints.js';
import { createDiskBlobs } from '../../src/orchestrator/blobs/disk.js';
import { listCheckpoints } from '../../src/orchestrator/store/audit-checkpoints.js';
import { readChain } from '../../src/orchestrator/store/audit-events.js';
import { migrate } from '../../src/orchestrator/store/migrate.js';
import { openStore } from '../../src/orchestrator/store/open.js';
import type { Store } from '../../src/orchestrator/store/store.js';
import { type AuditEvent, chainEvent, GENESIS } from '../../src/protocol/audit/chain.js';
import { verifyChain } from '../../src/protocol/audit/verify-chain.js';
import { verifyExport } from '../../src/protocol/audit/verify-export.js';
import { startMariadb } from '../helpers/mariadb.js';
import { findProgram } from '../helpers/programs.js';
import { withTempDir } from '../helpers/temp-dir.js';
import { type BenchRow, told, valueAtMost } from './bench-row.js';

const TENANT = '01JA9V3R8WZQK4T6E5M2N7X0CB';
const EVENTS = 1_000_000;
const APPENDS = 1500;
const AT_ONCE = 8;
const secrets = auditSecretsOf(Buffer.alloc(32, 7));
const audit = createAudit(secrets.macKey);

export async function bench(): Promise<BenchRow[]> {
  // First, while this process is still small: its peak is one of the figures.
  const verified = await withTempDir((dir) => verifyMillion(dir), 'bench');
  const rows = [
    ...verified,
    ...(await withTempDir((dir) => appends('SQLite', `sqlite:${dir}/roc.db`), 'bench')),
  ];
  if (!process.env['ROC_TEST_MYSQL_URL'] && findProgram('mariadbd') === null) return rows;
  const server = await startMariadb();
  try {
    return [...rows, ...(await appends('MariaDB', await server.createDatabase()))];
  } finally {
    await server.stop();
  }
}

async function open(url: string): Promise<Store> {
  const store = await openStore({ url, env: {}, log: silentLog });
  await migrate(store);
  return store;
}

async function appends(engine: string, url: string): Promise<BenchRow[]> {
  const store = await open(url);
  const insert = await perSecond((at) =>
    store.transaction(async (tx) => {
      await tx.db
        .insertInto('installation_fact')
        .values({ name: `bare ${at}`, fact_value: 'x'.repeat(300), updated_at: await tx.now() })
        .execute();
    }),
  );
  const actor = { kind: 'user', id: TENANT, name: 'ada@example.com' } as const;
  const append = await perSecond((at) =>
    store.transaction((tx) =>
      audit.append(tx, {
        tenantId: TENANT,
        actor,
        action: 'project.create',
        target: { kind: 'project', id: TENANT, name: `p${at}` },
      }),
    ),
  );
  await store.close();
  const against = { unit: '/s', against: 'bare durable insert, 8 at once', againstValue: insert };
  return [
    told({ case: `${engine}: audit events appended to one tenant's chain`, value: append, ...against }),
  ];
}

async function perSecond(work: (at: number) => Promise<void>): Promise<number> {
  let next = 0;
  const worker = async () => {
    while (next < APPENDS) await work(next++);
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return APPENDS / ((performance.now() - from) / 1000);
}

async function verifyMillion(dir: string): Promise<BenchRow[]> {
  const store = await open(`sqlite:${dir}/roc.db?synchronous=normal`);
  const blobs = createDiskBlobs({ root: dir });
  const written = await seconds(() => writeChain(store));
  const checkpoints = createCheckpoints({
    store,
    blobs,
    audit,
    secrets,
    intervalMs: 900_000,
    own: rememberCheckpoints(),
    log: silentLog,
  });
  await checkpoints.make(TENANT);
  const kept = await listCheckpoints(store, TENANT);
  const read = await seconds(async () => {
    for await (const _ of readChain(store, TENANT));
  });
  const verify = await seconds(async () => {
    const { verdict, events } = await verifyChain({
      ...{ tenant: TENANT, events: readChain(store, TENANT), checkpoints: kept },
      ...{ keys: secrets.publicKeys, now: Date.now },
    });
    if (verdict !== 'pass' || events !== EVENTS) throw new TypeError(`verified ${events}: ${verdict}`);
  });
  const whole = await seconds(async () => {
    const input = Readable.from(
      exportChain({ store, blobs, secrets, own: null }, { id: TENANT, name: 'bench' }),
      {
        objectMode: false,
      },
    );
    const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    const { verdict, events } = await verifyExport({ lines, publicKeys: null, held: kept });
    if (verdict !== 'pass' || events !== EVENTS) throw new TypeError(`verified ${events}: ${verdict}`);
  });
  await store.close();
  const against = { unit: 's', against: 'reading the rows alone', againstValue: read };
  const peak = process.resourceUsage().maxRSS / 1024;
  return [
    valueAtMost({ case: `verify ${EVENTS} events in the database`, value: verify, ...against }, 20),
    valueAtMost({ case: `export and verify ${EVENTS} events`, value: whole, ...against }, 40),
    valueAtMost(
      {
        case: 'peak memory of writing, exporting and verifying them',
        value: peak,
        unit: 'MB',
        against: 'none',
        againstValue: null,
      },
      300,
    ),
    told({
      case: `write ${EVENTS} chained events in bulk`,
      value: written,
      unit: 's',
      against: 'none',
      againstValue: null,
    }),
  ];
}

async function writeChain(store: Store): Promise<void> {
  const at = Date.now();
  let previous = GENESIS;
  for (let from = 1; from <= EVENTS; from += 500) {
    const rows = Array.from({ length: 500 }, (_, n) => {
      const event = eventOf(from + n, at);
      const { seq, body, hash } = chainEvent(previous, event);
      previous = hash;
      const named = { action: event.action, actor_id: event.actor.id, target_id: event.target?.id ?? null };
      return { tenant_id: TENANT, seq, created_at: at, ...named, body, hash, mac: audit.macOf(hash) };
    });
    await store.transaction(
      async ({ db }) => void (await db.insertInto('audit_event').values(rows).execute()),
    );
  }
  await store.db
    .insertInto('audit_head')
    .values({ tenant_id: TENANT, seq: EVENTS, hash: previous })
    .execute();
}

function eventOf(seq: number, at: number): AuditEvent {
  return {
    ...{ v: 1, tenant: TENANT, seq, at: new Date(at).toISOString(), action: 'job.start', outcome: 'done' },
    actor: { kind: 'user', id: TENANT, name: 'ada@example.com' },
    ...{
      address: '192.0.2.1',
      requestId: TENANT,
      target: { kind: 'job', id: TENANT, name: null },
      before: null,
    },
    after: {
      process: 'default/invoice-totals',
      version: '1.4.0',
      environment: 'prod',
      inputSha256: 'a'.repeat(64),
    },
  };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}
