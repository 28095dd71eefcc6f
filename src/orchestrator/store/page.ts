/** Cursor pages: the cursor is the sort key of the last item, opaque to callers. */
import { RocError } from '../../kernel/errors.js';

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

/** The sort key that a cursor stands for, or null for the first page. @throws RocError ROC_INVALID_INPUT */
export function keyOfCursor(query: PageQuery): string | null {
  if (query.cursor === undefined) return null;
  const key = Buffer.from(query.cursor, 'base64url').toString();
  if (key === '' || cursorOf(key) !== query.cursor) {
    throw new RocError('ROC_INVALID_INPUT', 'the cursor is not one that a list gave', {
      hint: 'Pass nextCursor of the page before, unchanged, or leave it out.',
    });
  }
  return key;
}

/** Makes a page of rows of which one more than the limit was asked for. */
export function pageOf<R, T>(
  rows: readonly R[],
  query: PageQuery,
  keyOf: (row: R) => string,
  toItem: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const hasMore = rows.length > query.limit && last !== undefined;
  return { items: shown.map(toItem), nextCursor: hasMore ? cursorOf(keyOf(last)) : null };
}

/** The cursor after the item with this sort key. */
export function cursorOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}
