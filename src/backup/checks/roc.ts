/** The checks of roc's own database: its history is whole, and its robots can still be read with it. */
import type { Readable } from 'node:stream';
import type { AuditKeys } from '../../protocol/audit/checkpoint.js';
import type { RdsAsset } from '../model.js';
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
export function rocChecks(
  context: CheckContext,
  read: ((asset: RdsAsset) => Promise<RocData>) | null,
): Check[] {
  const { asset } = context.input;
  const wanted = asset.checks.roc;
  if (wanted === undefined) return [];
  const { database, auditChain, robots } = wanted;
  const data = async (): Promise<RocData> => (await read?.(asset)) ?? { packages: null, auditKeys: null };
  const chain = async () => checkAuditChain(context, database, (await data()).auditKeys);
  const some = async () => checkRobots(context, wanted, (await data()).packages);
  return [
    ...(auditChain ? [{ id: 'roc:audit-chain', critical: false, run: chain }] : []),
    ...(robots > 0 ? [{ id: 'roc:robots', critical: false, run: some }] : []),
  ];
}
