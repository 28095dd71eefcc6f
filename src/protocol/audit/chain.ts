/** What an audit event is, and how each is tied to the one before it. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../kernel/canonical-json.js';

export interface AuditActor {
  readonly kind: 'user' | 'key' | 'runner' | 'system' | 'anonymous';
  readonly id: string | null;
  /** An e-mail address, the consumer of a key, the name of a runner. */
  readonly name: string;
}

export interface AuditTarget {
  readonly kind: string;
  readonly id: string | null;
  readonly name: string | null;
}

/** Chosen facts of a thing before or after a change; never a secret. */
export type AuditState = Readonly<Record<string, unknown>>;

export interface AuditEvent {
  readonly v: 1;
  readonly tenant: string;
  /** From 1, without gaps in a tenant. */
  readonly seq: number;
  /** ISO 8601 UTC, by the database's clock. */
  readonly at: string;
  readonly actor: AuditActor;
  readonly address: string | null;
  readonly requestId: string | null;
  /** `version.publish`, `access.refuse`: a thing and a verb. */
  readonly action: string;
  readonly target: AuditTarget | null;
  readonly outcome: 'done' | 'refused';
  readonly before: AuditState | null;
  readonly after: AuditState | null;
}

/** An event as it is stored and exported: its exact bytes, and the hash that ties it to all before it. */
export interface ChainedEvent {
  readonly seq: number;
  /** RFC 8785 JSON of an {@link AuditEvent}. */
  readonly body: string;
  /** Lower-case hex. */
  readonly hash: string;
}

/** What the first event of a tenant follows. */
export const GENESIS = '0'.repeat(64);

/** SHA-256 over the hash of the event before and this event's bytes, lower-case hex. */
export function chainHash(previous: string, body: string): string {
  return createHash('sha256').update(previous).update('\n').update(body).digest('hex');
}

export function chainEvent(previous: string, event: AuditEvent): ChainedEvent {
  const body = canonicalJson(event);
  return { seq: event.seq, body, hash: chainHash(previous, body) };
}
