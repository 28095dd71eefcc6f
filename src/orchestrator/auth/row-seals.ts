/** Seals for rows that give rights: who can only write to the database can neither make such a row nor change one. */
import { createHmac, hkdfSync } from 'node:crypto';
import { canonicalJson } from '../../kernel/canonical-json.js';

/** HMAC over the kind of a row and all its terms, lower-case hex. */
export type RowSeal = (kind: string, terms: Readonly<Record<string, string | number | null>>) => string;

/** @param secret shared by the nodes, outside the database */
export function createRowSeal(secret: Buffer): RowSeal {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'roc row seal v1', 32));
  return (kind, terms) => createHmac('sha256', key).update(canonicalJson({ kind, terms })).digest('hex');
}
