import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import AssetsDelete from '../../commands/assets/delete.js';
import AssetsGet from '../../commands/assets/get.js';
import AssetsGrant from '../../commands/assets/grant.js';
import AssetsList from '../../commands/assets/list.js';
import AssetsRevoke from '../../commands/assets/revoke.js';
import AssetsSet from '../../commands/assets/set.js';
import { page, sampleId } from '../helpers/api-samples.js';
import { type SignedIn, signedIn } from '../helpers/signed-in.js';

const secret = {
  ...{ id: sampleId(1), project: 'default', name: 'password', kind: 'secret' as const, value: null },
  ...{ environment: null, grants: [] },
  ...{ updatedBy: 'ada@example.com', updatedAt: '2026-03-01T12:00:00.000Z' },
};
const text = { ...secret, name: 'mailbox', kind: 'text' as const, value: 'a@example.com' };

let shell: SignedIn;
beforeEach(async () => {
  shell = await signedIn({
    'assets.list': () => page([text, secret]),
    'assets.show': () => secret,
    'assets.set': () => text,
    'assets.reveal': () => ({ id: secret.id, name: 'password', value: 'hunter2' }),
    'assets.delete': () => undefined,
    'assets.grant': () => ({ ...secret, grants: ['invoices'] }),
    'assets.revoke': () => secret,
  });
});
afterEach(() => shell.close());

describe('roc assets', () => {
  it('gives a secret to a process or to all, and takes it back', async () => {
    const given = await shell.run(AssetsGrant, 'password', '--process', 'invoices', '--in', 'prod');
    expect(given.stdout).toBe('default/password is given to: invoices\n');
    expect(shell.api.requests.at(-1)).toMatchObject({ body: { process: 'invoices' } });
    expect((await shell.run(AssetsRevoke, 'password', '--all')).stdout).toBe(
      'default/password is given to: nobody\n',
    );
    expect(shell.api.requests.at(-1)?.body).toEqual({});
    expect((await shell.run(AssetsGrant, 'password')).exitCode).toBe(2);
    expect((await shell.run(AssetsGrant, 'password', '--all', '--process', 'x')).exitCode).toBe(2);
    expect(shell.api.requests).toHaveLength(2);
  });

  it('sets a value, and takes no secret as an argument', async () => {
    expect((await shell.run(AssetsSet, 'mailbox', 'a@example.com')).stdout).toBe('set default/mailbox\n');
    expect(shell.api.requests.at(-1)?.body).toEqual({ kind: 'text', value: 'a@example.com' });
    expect((await shell.run(AssetsSet, 'password', 'hunter2', '--secret')).exitCode).toBe(2);
    expect((await shell.run(AssetsSet, 'mailbox')).exitCode).toBe(2);
    expect(shell.api.requests).toHaveLength(1);
  });

  it('lists, shows and deletes; a secret only where it is asked for', async () => {
    expect((await shell.run(AssetsList)).stdout).toMatch(
      /mailbox +\* +text +a@example.com[\s\S]*password +\* +secret +\(secret\)/,
    );
    expect((await shell.run(AssetsGet, 'password')).stdout).toContain('--reveal');
    expect((await shell.run(AssetsGet, 'password', '--reveal')).stdout).toBe('hunter2\n');
    expect((await shell.run(AssetsDelete, 'password')).stdout).toBe('deleted default/password\n');
  });
});
