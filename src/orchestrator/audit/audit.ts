/** Appends to the audit chain, inside the transaction of the change that is told. */
import { createHmac, createSecretKey } from 'node:crypto';
import { isoTime } from '../../kernel/time.js';
import {
  type AuditActor,
  type AuditEvent,
  type AuditState,
  type AuditTarget,
  chainEvent,
} from '../../protocol/audit/chain.js';
import { insertAuditEvent, lockAuditHead } from '../store/audit-events.js';
import type { Tx } from '../store/store.js';
import { presentable } from './presentable.js';

export interface NewAuditEvent {
  readonly tenantId: string;
  readonly actor: AuditActor;
  readonly action: string;
  readonly target?: AuditTarget | null;
  readonly outcome?: 'done' | 'refused';
  readonly before?: AuditState | null;
  readonly after?: AuditState | null;
  readonly address?: string | null;
  readonly requestId?: string | null;
}

export interface Audit {
  /** Best as the last statement of a transaction: until it ends, no other of the tenant can append. */
  append(tx: Tx, event: NewAuditEvent): Promise<void>;
  /** The seal of one event, which who can only write to the database cannot make. */
  macOf(hash: string): string;
}

/** What the server does by itself. */
export const SYSTEM: AuditActor = { kind: 'system', id: null, name: 'roc' };

export function createAudit(macKey: Buffer): Audit {
  // Made once: of raw bytes the key would be set up anew for each event.
  const key = createSecretKey(macKey);
  const macOf = (hash: string) => createHmac('sha256', key).update(hash).digest('hex');
  return {
    macOf,
    append: async (tx, { tenantId, ...event }) => {
      const head = await lockAuditHead(tx, tenantId);
      const full: AuditEvent = {
        v: 1,
        tenant: tenantId,
        seq: head.seq + 1,
        at: isoTime(await tx.now()),
        actor: presentable(event.actor),
        address: event.address ?? null,
        requestId: event.requestId ?? null,
        action: event.action,
        target: presentable(event.target ?? null),
        outcome: event.outcome ?? 'done',
        before: presentable(event.before ?? null),
        after: presentable(event.after ?? null),
      };
      const chained = chainEvent(head.hash, full);
      await insertAuditEvent(tx, full, chained, macOf(chained.hash));
    },
  };
}
