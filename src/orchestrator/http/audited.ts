/** Puts the audit event of a route into the transaction that does its work. */
import type { AuditActor } from '../../protocol/audit/chain.js';
import type { RouteId } from '../../protocol/routes.js';
import type { Audit } from '../audit/audit.js';
import type { Caller } from '../auth/caller.js';
import { AUDIT_RULES, type AuditFacts, type AuditRule } from './audit-rules.js';
import type { Transact } from './idempotency.js';

/** What an event says of the request it came with. */
export interface AuditedCall {
  readonly caller: Caller | null;
  readonly address: string;
  readonly requestId: string;
}

/** The rule as the registrar sees it: which call goes to which is the table's business. */
type AnyTell = (answer: unknown, call: AuditedCall) => AuditFacts | null;

/**
 * Wraps a route's transaction: what its rule tells of the answer, and what the handler adds, is appended as the last
 * statement of it. A repeated request that is answered from memory does no work, and so leaves no event.
 */
export function auditedTransact(
  audit: Audit,
  id: RouteId,
  call: AuditedCall,
  added: () => AuditFacts,
  transact: Transact,
): Transact {
  const rule = (AUDIT_RULES as Readonly<Record<string, AuditRule<never>>>)[id];
  if (rule === undefined || !('tell' in rule)) return transact;
  const tell = rule.tell as unknown as AnyTell;
  return (work) =>
    transact(async (tx) => {
      const answer = await work(tx);
      const facts = tell(answer, call);
      if (facts !== null && call.caller !== null) {
        const { caller, address, requestId } = call;
        const event = { ...facts, ...added(), address, requestId, action: rule.action };
        await audit.append(tx, { ...event, tenantId: caller.tenantId, actor: actorOf(caller) });
      }
      return answer;
    });
}

export function actorOf(caller: Caller): AuditActor {
  if (caller.kind === 'user') return { kind: 'user', id: caller.userId, name: caller.email };
  if (caller.kind === 'key') return { kind: 'key', id: caller.keyId, name: caller.email };
  const { id, name } = caller.kind === 'job' ? caller.runner : caller;
  return { kind: 'runner', id, name };
}
