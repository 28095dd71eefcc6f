/** RFC 8785 (JCS) canonical JSON: the one byte form that is hashed or signed. */
import { createHash } from 'node:crypto';
import { RocError } from './errors.js';

/**
 * Serialises a JSON value with sorted keys and no white space. Undefined members are left out.
 * @throws RocError ROC_UNEXPECTED for what JSON cannot hold: NaN, half a surrogate pair, a Date, a Map
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return canonicalString(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw withoutForm(String(value));
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (isPlainObject(value)) {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    // RFC 8785 §3.2.3 sorts by UTF-16 code units, which is what `<` does on strings.
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([k, v]) => `${canonicalString(k)}:${canonicalJson(v)}`).join(',')}}`;
  }
  throw withoutForm(typeof value === 'object' ? `a ${value.constructor.name}` : `a ${typeof value}`);
}

/** SHA-256 of the canonical form, lower-case hex. */
export function canonicalSha256(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

// RFC 8785 §3.2.2.2: a lone surrogate ends the serialisation with an error.
function canonicalString(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw withoutForm('half a surrogate pair');
  return JSON.stringify(text);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function withoutForm(what: string): RocError {
  return new RocError('ROC_UNEXPECTED', `${what} has no canonical JSON form`);
}
