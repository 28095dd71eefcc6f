/** Which evidence counts as a proved restore: that of a database, of this account and region, and not of the future. */
import { describe, expect, it } from 'vitest';
import { lastVerifiedAt } from '../../src/cli/verified-at.js';
import { RocError } from '../../src/kernel/errors.js';
import { DAY, isoTime } from '../../src/kernel/time.js';
import type { Client } from '../../src/protocol/client.js';

const NOW = Date.UTC(2026, 10, 22);
const place = { account: '123456789012', region: 'eu-west-1', now: NOW };

const serverWith = (...items: { scope: string; at: number }[]) =>
  ({
    call: async () => ({
      items: items.map(({ scope, at }) => ({ scope, generatedAt: isoTime(at) })),
      nextCursor: null,
    }),
  }) as unknown as Client;
const last = (...items: { scope: string; at: number }[]) =>
  lastVerifiedAt(async () => serverWith(...items), place);
const OURS = 'roc-database (rds-mysql) 123456789012 eu-west-1';

describe('a proved restore', () => {
  it('is the newest of the databases here', async () => {
    expect(await last({ scope: OURS, at: NOW - 9 * DAY }, { scope: OURS, at: NOW - DAY })).toBe(NOW - DAY);
  });

  it.each([
    ['of a bucket', 'robots (s3) 123456789012 eu-west-1', NOW - DAY],
    ['of configuration', 'config (config) 123456789012 eu-west-1', NOW - DAY],
    ['of another account', 'roc-database (rds-mysql) 999999999999 eu-west-1', NOW - DAY],
    ['of another region', 'roc-database (rds-mysql) 123456789012 us-east-1', NOW - DAY],
    ['that is yet to come', OURS, NOW + 365 * DAY],
  ])('is none %s', async (_name, scope, at) => {
    expect(await last({ scope, at })).toBeNull();
    expect(await last({ scope, at }, { scope: OURS, at: NOW - 30 * DAY })).toBe(NOW - 30 * DAY);
  });

  it('is not known without a server', async () => {
    const nobody = () => Promise.reject(new RocError('ROC_UNREACHABLE', 'no server'));
    expect(await lastVerifiedAt(nobody, place)).toBeNull();
  });
});
