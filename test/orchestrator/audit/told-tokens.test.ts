import { describe, expect, it } from 'vitest';
import { toldTokens } from '../../../src/orchestrator/audit/told-tokens.js';
import type { AuditEvent, AuditState } from '../../../src/protocol/audit/chain.js';

const event = (id: string, after: AuditState | null, at = '2026-03-01T12:00:00.000Z'): AuditEvent => ({
  ...{
    v: 1,
    tenant: 't',
    seq: 1,
    at,
    address: null,
    requestId: null,
    action: 'a',
    outcome: 'done',
    before: null,
  },
  actor: { kind: 'system', id: null, name: 'roc' },
  target: { kind: 'x', id, name: null },
  after,
});
const expiresAt = '2026-03-01T13:00:00.000Z';

describe('a registration token that the chain tells of', () => {
  it.each<[string, AuditState | null, AuditState, string | undefined, string | null]>([
    ['lets one runner in', { pool: 'default', expiresAt }, { pool: 'default', token: 't1' }, undefined, null],
    [
      'lets none into another pool',
      { pool: 'default', expiresAt },
      { pool: 'vip', token: 't1' },
      undefined,
      'made for default',
    ],
    [
      'may wait for its turn in the chain',
      { pool: 'p', expiresAt },
      { pool: 'p', token: 't1' },
      '2026-03-01T13:04:00.000Z',
      null,
    ],
    [
      'lets none in later',
      { pool: 'p', expiresAt },
      { pool: 'p', token: 't1' },
      '2026-03-01T13:06:00.000Z',
      'expired',
    ],
    [
      'of which neither pool nor end was told is held to none',
      null,
      { pool: 'vip', token: 't1' },
      '2027-03-01T13:00:00.000Z',
      null,
    ],
    ['is not asked for where the runner told of none', null, { pool: 'vip' }, undefined, null],
    ['is another one', { pool: 'p', expiresAt }, { pool: 'p', token: 't2' }, undefined, 'nobody'],
    ['is no null', { pool: 'p', expiresAt }, { pool: 'p', token: null }, undefined, 'nobody'],
  ])('%s', (_, made, used, at, fault) => {
    const tokens = toldTokens();
    tokens.made(event('t1', made));
    expect(tokens.used(event('r1', used, at))).toEqual(
      fault === null ? null : expect.stringContaining(fault),
    );
  });

  it('lets no second runner in', () => {
    const tokens = toldTokens();
    tokens.made(event('t1', { pool: 'p', expiresAt }));
    const used = { pool: 'p', token: 't1' };
    expect(tokens.used(event('r1', used))).toBeNull();
    expect(tokens.used(event('r2', used))).toContain('another runner had used');
  });
});
