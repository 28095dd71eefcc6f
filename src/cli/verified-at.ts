/** When a restore was last proved, as the server keeps it as evidence. */
import { isRocError } from '../kernel/errors.js';
import type { Client } from '../protocol/client.js';

/** Epoch milliseconds of the newest `backup-verify` that passed; null without a server, a key or such evidence. */
export async function lastVerifiedAt(open: () => Promise<Client>): Promise<number | null> {
  try {
    const api = await open();
    const { items } = await api.call('evidence.list', {
      query: { kind: 'backup-verify', verdict: 'pass', limit: 50 },
    });
    const times = items.map(({ generatedAt }) => Date.parse(generatedAt));
    return times.length === 0 ? null : Math.max(...times);
  } catch (error) {
    if (isRocError(error)) return null;
    throw error;
  }
}
