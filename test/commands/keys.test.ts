import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import KeysCreate from '../../commands/keys/create.js';
import KeysList from '../../commands/keys/list.js';
import KeysRevoke from '../../commands/keys/revoke.js';
import KeysUsage from '../../commands/keys/usage.js';
import { page, sampleId } from '../helpers/api-samples.js';
import { type SignedIn, signedIn } from '../helpers/signed-in.js';

const key = {
  ...{
    id: sampleId(1),
    consumer: 'billing',
    prefix: 'k3v7w2qa',
    state: 'active' as const,
    scopes: ['jobs:read'],
  },
  ...{ rps: 50, daily: 1000, createdBy: 'ada@example.com', createdAt: '2026-03-01T12:00:00.000Z' },
  ...{ expiresAt: '2027-03-01T12:00:00.000Z', lastUsedAt: null },
};
const secret = `roc_k3v7w2qa_${'A'.repeat(43)}`;
const usage = { day: '2026-03-01', routeClass: 'api', requests: 41, denied: 2 };

let shell: SignedIn;
beforeEach(async () => {
  shell = await signedIn({
    'keys.create': () => ({ ...key, key: secret }),
    'keys.list': () => page([key]),
    'keys.usage': () => ({ items: [usage] }),
    'keys.revoke': () => undefined,
  });
});
afterEach(() => shell.close());

describe('roc keys', () => {
  it('prints the key alone on standard output, and what it is on the other', async () => {
    const argv = [
      '--consumer',
      'billing',
      '--scope',
      'jobs:read',
      '--scope',
      'jobs:start',
      '--rps',
      '50',
      '--daily',
      '1000',
    ];
    const end = await shell.run(KeysCreate, ...argv);
    expect(end.stdout).toBe(`${secret}\n`);
    expect(end.stderr).toContain('not shown again');
    expect(shell.api.requests[0]?.body).toEqual({
      ...{ consumer: 'billing', scopes: ['jobs:read', 'jobs:start'], rps: 50, daily: 1000, lifeDays: 365 },
    });
  });

  it('says which scope is none', async () => {
    const end = await shell.run(KeysCreate, '--consumer', 'billing', '--scope', 'everything');
    expect([end.exitCode, end.stdout]).toEqual([2, '']);
    expect(end.stderr).toContain('--scope=everything');
  });

  it('lists, revokes and shows what was used', async () => {
    expect((await shell.run(KeysList)).stdout).toMatch(/k3v7w2qa +billing +active +50 +1000/);
    expect((await shell.run(KeysList, '--prefix', 'k3v7w2qa', '--json')).json()).toEqual({ items: [key] });
    expect((await shell.run(KeysUsage, key.id, '--days', '7')).stdout).toMatch(/2026-03-01 +api +41 +2/);
    expect(shell.api.requests.at(-1)?.query).toEqual({ days: 7 });
    expect((await shell.run(KeysRevoke, key.id)).stdout).toBe(`revoked key ${key.id}\n`);
  });
});
