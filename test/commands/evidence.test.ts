import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import EvidenceGet from '../../commands/evidence/get.js';
import EvidenceList from '../../commands/evidence/list.js';
import { publishEvidence } from '../../src/cli/publish-evidence.js';
import { makeKeyPair } from '../../src/cli/publisher-keys.js';
import { canonicalSha256 } from '../../src/kernel/canonical-json.js';
import { createClient } from '../../src/protocol/client.js';
import { page, sampleId } from '../helpers/api-samples.js';
import { type SignedIn, signedIn } from '../helpers/signed-in.js';

const body = { checks: [{ id: 'rows', verdict: 'pass' }] };
const at = '2026-03-01T12:00:00.000Z';
const facts = {
  ...{ kind: 'backup-verify', generatedAt: at, scope: 'orders', policyHash: null, verdict: 'pass' as const },
  ...{ summary: { checks: 1 }, sha256: canonicalSha256(body), signature: null },
};
const signedBy = { name: 'ops-host', keyId: 'a'.repeat(16), state: 'trusted' as const };
const stored = {
  id: sampleId(1),
  ...facts,
  signedBy,
  sizeBytes: 321,
  createdBy: 'ada@example.com',
  createdAt: at,
};

let shell: SignedIn;
beforeEach(async () => {
  shell = await signedIn({ 'evidence.list': () => page([stored]), 'evidence.publish': () => stored });
});
afterEach(() => shell.close());

describe('roc evidence', () => {
  it('lists it', async () => {
    expect((await shell.run(EvidenceList)).stdout).toMatch(/backup-verify +orders +pass +ops-host/);
    shell.api.answer({ 'evidence.list': () => page([{ ...stored, signedBy: null }]) });
    expect((await shell.run(EvidenceList)).stdout).toMatch(/pass +unsigned/);
    shell.api.answer({ 'evidence.list': () => page([stored]) });
    const end = await shell.run(EvidenceList, '--kind', 'backup-verify', '--verdict', 'pass', '--json');
    expect(end.json()).toEqual({ items: [stored] });
    expect(shell.api.requests.at(-1)?.query).toMatchObject({ kind: 'backup-verify', verdict: 'pass' });
  });

  it('fetches it to a file, and never over one', async () => {
    shell.api.answer({ 'evidence.content': () => Buffer.from(JSON.stringify({ ...facts, body })) as never });
    const target = join(shell.dir, 'evidence.json');
    expect((await shell.run(EvidenceGet, stored.id, '-o', target)).exitCode).toBe(0);
    expect(JSON.parse(readFileSync(target, 'utf8')).body).toEqual(body);
    expect((await shell.run(EvidenceGet, stored.id, '-o', target)).exitCode).toBe(2);
    expect((await shell.run(EvidenceGet, stored.id, '--json')).json()).toMatchObject({ body });
  });

  it('refuses what is not what its digest says', async () => {
    const changed = Buffer.from(JSON.stringify({ ...facts, body: { checks: [] } }));
    shell.api.answer({ 'evidence.content': () => changed as never });
    const target = join(shell.dir, 'evidence.json');
    expect((await shell.run(EvidenceGet, stored.id, '-o', target)).exitCode).toBe(3);
    expect(existsSync(target)).toBe(false);
  });

  it('is signed with the key of roc.yaml, and held to a key that the reader names', async () => {
    const [file, other] = [join(shell.dir, 'evidence.pem'), join(shell.dir, 'other.pem')];
    for (const path of [file, other]) await makeKeyPair(path);
    const api = createClient({ url: shell.api.url, token: async () => 'token-of-ada', userAgent: 'test' });
    const { sha256: _, signature: __, ...finding } = facts;
    await publishEvidence({ ...api, evidenceKey: file }, { ...finding, body });
    const sent = shell.api.requests.at(-1)?.body as { signature: { value: string } | null };
    expect(sent.signature?.value).toHaveLength(86);
    const answer = (envelope: object) =>
      shell.api.answer({ 'evidence.content': () => Buffer.from(JSON.stringify(envelope)) as never });
    const get = async (key: string) =>
      (await shell.run(EvidenceGet, stored.id, '--public-key', `${key}.pub`, '--json')).exitCode;
    answer(sent);
    expect([await get(file), await get(other)]).toEqual([0, 3]);
    // Every fact that the signature is over, and the signature itself.
    for (const change of [{ verdict: 'fail' }, { scope: 'x' }, { summary: {} }, { signature: null }]) {
      answer({ ...sent, ...change });
      expect(await get(file), JSON.stringify(change)).toBe(3);
    }
    const missing = { ...api, evidenceKey: join(shell.dir, 'none.pem') };
    await expect(publishEvidence(missing, { ...finding, body })).rejects.toMatchObject({ code: 'ROC_USAGE' });
  });

  it('is published with the digest of what JSON keeps of it', async () => {
    const api = createClient({ url: shell.api.url, token: async () => 'token-of-ada', userAgent: 'test' });
    const { sha256: _, signature: __, ...finding } = facts;
    await publishEvidence(api, { ...finding, body: { ...body, left: undefined } });
    expect(shell.api.requests.at(-1)?.body).toMatchObject({ body, sha256: facts.sha256, signature: null });
  });
});
