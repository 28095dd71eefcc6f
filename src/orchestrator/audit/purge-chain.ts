/** Retention of the chain: its beginning goes up to a signed checkpoint, and an event says so before it does. */

import { checkpointBefore, deleteCheckpointsBefore } from '../store/audit-checkpoints.js';
import { deleteAuditEvents, firstAuditSeq } from '../store/audit-events.js';
import type { Store } from '../store/store.js';
import { type Audit, SYSTEM } from './audit.js';

/**
 * Removes what a checkpoint from before `before` covers; that checkpoint stays, as the chain's new beginning.
 * @returns how many events went
 */
export async function purgeChain(
  store: Store,
  audit: Audit,
  tenantId: string,
  before: number,
): Promise<number> {
  const anchor = await checkpointBefore(store, tenantId, before);
  const first = await firstAuditSeq(store, tenantId);
  if (anchor === null || first === null || first > anchor.seq) return 0;
  const after = { through: anchor.seq, checkpoint: anchor.number };
  await store.transaction((tx) =>
    audit.append(tx, { tenantId, actor: SYSTEM, action: 'audit.purge', after }),
  );
  const removed = await deleteAuditEvents(store, tenantId, anchor.seq);
  await deleteCheckpointsBefore(store, tenantId, anchor.number);
  return removed;
}
