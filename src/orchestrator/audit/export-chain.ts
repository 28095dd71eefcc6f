/** A tenant's chain as the lines of an export. */
import { isoTime } from '../../kernel/time.js';
import { type AuditEvent, GENESIS } from '../../protocol/audit/chain.js';
import type { Checkpoint } from '../../protocol/audit/checkpoint.js';
import { checkpointLine, eventLine, headLine, receiptLine } from '../../protocol/audit/export-format.js';
import { agrees, type StoredEvent } from '../../protocol/audit/verify-chain.js';
import type { Blobs } from '../blobs/blobs.js';
import { listCheckpoints } from '../store/audit-checkpoints.js';
import { readAuditHead, readChain } from '../store/audit-events.js';
import type { Store } from '../store/store.js';
import type { AuditSecrets } from './audit-keys.js';
import { recentCheckpoints } from './checkpoint-blobs.js';

export interface ExportParts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly secrets: AuditSecrets;
  /** What this node has seen signed, whatever the stores say. */
  readonly own: Checkpoint | null;
}

const LINES_AT_ONCE = 500;
const MAX_HIDDEN = 100;

/** What is appended while it is read is not in it. */
export async function* exportChain(
  { store, blobs, secrets, own }: ExportParts,
  tenant: { readonly id: string; readonly name: string },
): AsyncGenerator<Buffer, void, undefined> {
  const now = await store.now();
  const head = await readAuditHead(store, tenant.id);
  yield Buffer.from(
    headLine({ rocAudit: 1, tenant: tenant.id, tenantName: tenant.name, keys: publicKeysOf(secrets) }),
  );
  for (const checkpoint of await allCheckpoints({ store, blobs, own }, tenant.id, now))
    yield Buffer.from(checkpointLine(checkpoint));
  let lines: string[] = [];
  let last = { seq: 0, hash: GENESIS };
  const hidden: number[] = [];
  for await (const event of readChain(store, tenant.id, 0, head.seq)) {
    lines.push(eventLine(event));
    last = { seq: event.seq, hash: event.hash };
    if (hidden.length < MAX_HIDDEN && isHidden(event)) hidden.push(event.seq);
    if (lines.length < LINES_AT_ONCE) continue;
    yield Buffer.from(lines.join(''));
    lines = [];
  }
  // What the file holds, not what the head says: an end that was cut must not look as if it were whole.
  const unsigned = { exportedAt: isoTime(now), tenant: tenant.id, ...last, hidden, keyId: secrets.keyId };
  yield Buffer.from(lines.join('') + receiptLine(unsigned, secrets.signKey));
}

/** A row that was changed to escape a search; one that is no JSON fails by its hash. */
function isHidden(event: StoredEvent): boolean {
  try {
    return !agrees(event, JSON.parse(event.body) as AuditEvent);
  } catch {
    return false;
  }
}

export function publicKeysOf({ publicKeys }: AuditSecrets): { id: string; publicKey: string }[] {
  return [...publicKeys].map(([id, key]) => ({
    id,
    publicKey: String(key.export({ type: 'spki', format: 'pem' })),
  }));
}

/** The database's, and what the blob store and this node have beyond or beside them: all must tell the same story. */
async function allCheckpoints(
  { store, blobs, own }: Pick<ExportParts, 'store' | 'blobs' | 'own'>,
  tenantId: string,
  now: number,
): Promise<Checkpoint[]> {
  const rows = await listCheckpoints(store, tenantId);
  return [...rows, ...(await recentCheckpoints(blobs, tenantId, now)), ...(own === null ? [] : [own])];
}
