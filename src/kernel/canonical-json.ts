/** RFC 8785 (JCS) canonical JSON: the one byte form that is hashed or signed. */
import { createHash } from 'node:crypto';
import { RocError } from './errors.js';

/** Serialises a JSON value with sorted keys and no white space. Undefined members are left out. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RocError('ROC_UNEXPECTED', `${value} has no JSON form`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    // RFC 8785 §3.2.3 sorts by UTF-16 code units, which is what `<` does on strings.
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join(',')}}`;
  }
  throw new RocError('ROC_UNEXPECTED', `a ${typeof value} has no JSON form`);
}

/** SHA-256 of the canonical form, lower-case hex. */
export function canonicalSha256(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
