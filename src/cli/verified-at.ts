/** When a restore was last proved, as the server keeps it as evidence. */
import { isRocError } from '../kernel/errors.js';
import { HOUR } from '../kernel/time.js';
import type { Client } from '../protocol/client.js';

export interface VerifiedPlace {
  readonly account: string;
  readonly region: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Epoch milliseconds of the newest `backup-verify` of a database of that account and region that passed; null without a
 * server, a key or such evidence. That of a bucket or of configuration says nothing of databases, and one that is dated
 * in the future would never grow old.
 */
export async function lastVerifiedAt(
  open: () => Promise<Client>,
  { account, region, now }: VerifiedPlace,
): Promise<number | null> {
  try {
    const api = await open();
    const { items } = await api.call('evidence.list', {
      query: { kind: 'backup-verify', verdict: 'pass', limit: 50 },
    });
    const times = items
      .filter(({ scope }) => scope.endsWith(` (rds-mysql) ${account} ${region}`))
      .map(({ generatedAt }) => Date.parse(generatedAt))
      .filter((at) => at <= now + HOUR);
    return times.length === 0 ? null : Math.max(...times);
  } catch (error) {
    if (isRocError(error)) return null;
    throw error;
  }
}
