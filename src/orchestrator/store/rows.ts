/** Rows in, contract values out: JSON text, flags, counts that MySQL gives as text. */
import { RocError } from '../../kernel/errors.js';

export function toJson(value: unknown): string {
  return JSON.stringify(value ?? null);
}

export function fromJson<T>(text: string): T;
export function fromJson<T>(text: string | null): T | null;
export function fromJson<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}

/** Free text as both engines give it back: libsql reads a text only up to its first NUL. */
export function toText(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}

/** @throws RocError ROC_NOT_FOUND naming what was looked for */
export function found<T>(row: T | undefined, what: string, hint: string): T {
  if (row !== undefined) return row;
  throw new RocError('ROC_NOT_FOUND', `${what} does not exist`, { hint });
}
