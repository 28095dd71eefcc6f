/** The checks of roc's own database: its history is whole, and its robots can still be read with it. */
import type { Readable } from 'node:stream';
import type { AuditKeys } from '../../protocol/audit/checkpoint.js';
import type { Check, CheckContext } from './context.js';
import { checkAuditChain } from './roc-audit.js';
import { checkRobots } from './roc-robots.js';

/** Where roc keeps what its database only refers to. */
export interface RocData {
  /** Null where nothing says where robots lie. */
  readonly packages: RocPackages | null;
  /** Public keys of the audit checkpoints, by id; null where none is named. */
  readonly auditKeys: AuditKeys | null;
}

export interface RocPackages {
  /** An encrypted package by its key in the blob store. @throws RocError ROC_BLOB_CORRUPT where it is missing */
  readBlob(key: string): Promise<Readable>;
  /** A data key, by KMS or by the local master key, with exactly its encryption context. */
  unwrap(wrapped: string, context: Readonly<Record<string, string>>): Promise<Buffer>;
}

/** None where the policy does not say that the database is roc's. */
export function rocChecks(context: CheckContext, data: RocData | null): Check[] {
  const wanted = context.input.asset.checks.roc;
  if (wanted === undefined) return [];
  const { database, auditChain, robots } = wanted;
  const packages = data?.packages ?? null;
  const chain = () => checkAuditChain(context, database, data?.auditKeys ?? null);
  return [
    ...(auditChain ? [{ id: 'roc:audit-chain', critical: false, run: chain }] : []),
    ...(robots > 0
      ? [{ id: 'roc:robots', critical: false, run: () => checkRobots(context, wanted, packages) }]
      : []),
  ];
}
