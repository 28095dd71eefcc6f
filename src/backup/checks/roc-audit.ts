/** The audit chain of roc's own database, walked event by event inside the restored copy. */

import { MINUTE } from '../../kernel/time.js';
import { type AuditKeys, type Checkpoint, checkpointSchema } from '../../protocol/audit/checkpoint.js';
import type { StoredEvent } from '../../protocol/audit/verify-chain.js';
import { verifyChain } from '../../protocol/audit/verify-chain.js';
import { text } from '../mysql/catalog.js';
import { quoteName } from '../mysql/identifier.js';
import type { SqlConnection, SqlRow } from '../ports.js';
import type { CheckContext, Outcome } from './context.js';
import { count } from './judge-table.js';

const BATCH = 2000;
const MOST_NAMED = 5;

/** @param keys public keys of the server's checkpoints; null where the policy names none */
export async function checkAuditChain(
  context: CheckContext,
  database: string,
  keys: AuditKeys | null,
): Promise<Outcome> {
  const { sessions, input } = context;
  const expected = 'the audit chain of every tenant, whole and signed';
  if (!context.tables.some((table) => table.database === database && table.name === 'audit_event'))
    return { verdict: 'inconclusive', expected, actual: `no table audit_event in ${database}` };
  if (keys === null)
    return {
      verdict: 'inconclusive',
      expected,
      actual: 'no public key to verify its checkpoints with (checks.roc.auditKeys)',
    };
  const tenants = await sessions.use((sql) => tenantsOf(sql, database));
  if (tenants.length === 0) return { verdict: 'inconclusive', expected, actual: 'no tenant has a chain' };
  let events = 0;
  const faults: string[] = [];
  const chains: Record<string, unknown>[] = [];
  for (const tenant of tenants) {
    input.signal.throwIfAborted();
    const verdict = await verifyChain({
      tenant,
      events: readEvents(context, database, tenant),
      checkpoints: await sessions.use((sql) => checkpointsOf(sql, database, tenant)),
      keys,
      // The copy is as old as its point; what is stale by then was stale in the source, too.
      now: () => input.point.at + MINUTE,
    });
    events += verdict.events;
    const { lastSeq, lastHash, checkpoints, firstBad, notes } = verdict;
    chains.push({ tenant, events: verdict.events, lastSeq, lastHash, checkpoints, notes });
    if (firstBad !== null) faults.push(`${tenant}: event ${firstBad.seq ?? '?'}, ${firstBad.reason}`);
  }
  return {
    verdict: faults.length === 0 ? 'pass' : 'fail',
    expected,
    actual:
      faults.length === 0
        ? `${count(events)} events of ${count(tenants.length)} tenants`
        : faults.slice(0, MOST_NAMED).join('; '),
    details: { chains },
  };
}

// Every tenant that anything is left of: a chain that was removed whole, but for its head, must be missed.
async function tenantsOf(sql: SqlConnection, database: string): Promise<string[]> {
  const db = quoteName(database);
  const rows = await sql.query(
    `SELECT tenant_id AS tenant FROM ${db}.audit_head UNION SELECT DISTINCT tenant_id FROM ${db}.audit_event
      UNION SELECT DISTINCT tenant_id FROM ${db}.audit_checkpoint ORDER BY 1`,
  );
  return rows.map((row) => text(row, 'tenant'));
}

// A row that cannot be read is left out: the checkpoints after it then do not follow, and the chain does not verify.
async function checkpointsOf(sql: SqlConnection, database: string, tenant: string): Promise<Checkpoint[]> {
  const rows = await sql.query(
    `SELECT body FROM ${quoteName(database)}.audit_checkpoint WHERE tenant_id = ? ORDER BY number`,
    [tenant],
  );
  return rows.flatMap((row) => {
    try {
      return checkpointSchema.safeParse(JSON.parse(text(row, 'body'))).data ?? [];
    } catch {
      return [];
    }
  });
}

async function* readEvents(
  { sessions }: CheckContext,
  database: string,
  tenant: string,
): AsyncGenerator<StoredEvent, void, undefined> {
  for (let after = 0; ; ) {
    const from = after;
    const rows = await sessions.use((sql) =>
      sql.query(
        `SELECT seq, created_at AS at, action, actor_id AS actor, body, hash FROM ${quoteName(database)}.audit_event
          WHERE tenant_id = ? AND seq > ? ORDER BY seq LIMIT ${BATCH}`,
        [tenant, from],
      ),
    );
    yield* rows.map(storedEvent);
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = Number(last['seq']);
  }
}

function storedEvent(row: SqlRow): StoredEvent {
  const actor = row['actor'];
  return {
    seq: Number(row['seq']),
    body: text(row, 'body'),
    hash: text(row, 'hash'),
    columns: {
      action: text(row, 'action'),
      actor: actor === null || actor === undefined ? null : String(actor),
      at: Number(row['at']),
    },
  };
}
