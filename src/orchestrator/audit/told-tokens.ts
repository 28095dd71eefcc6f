/** Registration tokens that the audit chain tells of, and what is wrong with the one that a runner came in with. Pure. */
import { MINUTE } from '../../kernel/time.js';
import type { AuditEvent } from '../../protocol/audit/chain.js';

export interface ToldTokens {
  /** `runner-token.create`. */
  made(event: AuditEvent): void;
  /**
   * `runner.register`: a token lets one runner in, so it is spent from here on.
   * @returns what is wrong, as the end of a sentence about the runner; null where nothing is, or where nothing was told
   */
  used(event: AuditEvent): string | null;
}

interface Token {
  /** Null where it was not told: then any will do. */
  readonly pool: string | null;
  readonly expiresAt: number | null;
}

/** Registering waits for its turn in the chain, which is where the time is taken. */
const CHAINED_WITHIN_MS = 5 * MINUTE;

export function toldTokens(): ToldTokens {
  const open = new Map<string, Token>();
  const spent = new Set<string>();
  return {
    made: ({ target, after }) => {
      const { pool, expiresAt } = after ?? {};
      const until = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number.NaN;
      open.set(target?.id ?? '', {
        pool: typeof pool === 'string' ? pool : null,
        expiresAt: Number.isNaN(until) ? null : until,
      });
    },
    used: ({ at, after }) => {
      const { token: id, pool } = after ?? {};
      // Older versions did not tell which one it was.
      if (id === undefined) return null;
      if (typeof id !== 'string') return 'came in with a token that nobody was told to make';
      if (spent.has(id)) return 'came in with a token that another runner had used';
      const token = open.get(id);
      open.delete(id);
      spent.add(id);
      if (token === undefined) return 'came in with a token that nobody was told to make';
      if (token.pool !== null && token.pool !== pool)
        return `came in for ${pool} with a token that was made for ${token.pool}`;
      const isLate = token.expiresAt !== null && Date.parse(at) > token.expiresAt + CHAINED_WITHIN_MS;
      return isLate ? 'came in with a token that had expired' : null;
    },
  };
}
