/** A bounded memory of what was found true for a while: the oldest entry goes first, each one at its own end. */
import type { Clock } from '../../kernel/time.js';

export interface TokenCache<T> {
  get(key: string): T | undefined;
  /** `until` in epoch milliseconds. */
  set(key: string, value: T, until: number): void;
  delete(key: string): void;
  clear(): void;
}

export function createTokenCache<T>(capacity: number, now: Clock): TokenCache<T> {
  const entries = new Map<string, { value: T; until: number }>();
  return {
    get: (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.until > now()) return entry.value;
      entries.delete(key);
      return undefined;
    },
    set: (key, value, until) => {
      entries.delete(key);
      entries.set(key, { value, until });
      if (entries.size <= capacity) return;
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    },
    delete: (key) => {
      entries.delete(key);
    },
    clear: () => entries.clear(),
  };
}
