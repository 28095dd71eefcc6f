import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import EvidenceGet from '../../commands/evidence/get.js';
import EvidenceList from '../../commands/evidence/list.js';
import { publishEvidence } from '../../src/cli/publish-evidence.js';
import { makeKeyPair } from '../../src/cli/publisher-keys.js';
import { canonicalJson, canonicalSha256 } from '../../src/kernel/canonical-json.js';
import { type Client, createClient } from '../../src/protocol/client.js';
import type { EvidenceSignature } from '../../src/protocol/contracts/evidence.js';
import { publisherKeyId } from '../../src/protocol/package/signature.js';
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
  shell = await signedIn({
    'evidence.list': () => page([stored]),
    'evidence.publish': () => ({ ...stored, created: true }),
    'me.show': () => ({
      ...{ kind: 'key', id: sampleId(3), email: 'key:ops-host', tenant: 'acme', tenantId: sampleId(4) },
      ...{ roles: ['key'], permissions: ['evidence:publish'] },
    }),
  });
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
    const now = () => Date.parse('2026-03-01T12:00:05.000Z');
    await publishEvidence({ ...api, evidenceKey: file }, { ...finding, body }, now);
    const sent = shell.api.requests.at(-1)?.body as { signature: EvidenceSignature };
    expect(sent.signature.value).toHaveLength(86);
    expect(sent.signature).toMatchObject({ audience: sampleId(4), issuedAt: '2026-03-01T12:00:05.000Z' });
    const answer = (envelope: object) =>
      shell.api.answer({ 'evidence.content': () => Buffer.from(JSON.stringify(envelope)) as never });
    const get = async (key: string) =>
      (await shell.run(EvidenceGet, stored.id, '--public-key', `${key}.pub`, '--json')).exitCode;
    answer(sent);
    expect([await get(file), await get(other)]).toEqual([0, 3]);
    const { audience: _audience, issuedAt: _issuedAt, ...former } = sent.signature;
    // Every fact that the signature is over, whom it is for and when it was made, and the signature itself.
    for (const change of [
      ...[{ verdict: 'fail' }, { scope: 'x' }, { summary: {} }, { signature: null }],
      { signature: { ...sent.signature, audience: sampleId(5) } },
      { signature: { ...sent.signature, issuedAt: '2026-03-01T12:00:06.000Z' } },
      { signature: former },
    ]) {
      answer({ ...sent, ...change });
      expect(await get(file), JSON.stringify(change)).toBe(3);
    }
    const missing = { ...api, evidenceKey: join(shell.dir, 'none.pem') };
    await expect(publishEvidence(missing, { ...finding, body })).rejects.toMatchObject({ code: 'ROC_USAGE' });
  });

  it('is signed for no other tenant than the one that is set, and for none that the server does not name', async () => {
    const file = join(shell.dir, 'evidence.pem');
    await makeKeyPair(file);
    const api = createClient({ url: shell.api.url, token: async () => 'token-of-ada', userAgent: 'test' });
    const { sha256: _, signature: __, ...finding } = facts;
    const publish = (evidenceTenant?: string, by: Client = api) =>
      publishEvidence({ ...by, evidenceKey: file, evidenceTenant }, { ...finding, body });
    await publish(sampleId(4));
    const sent = () => shell.api.requests.filter(({ route }) => route === 'evidence.publish').length;
    expect(sent()).toBe(1);
    await expect(publish(sampleId(5))).rejects.toMatchObject({
      ...{ code: 'ROC_REFUSED', message: expect.stringContaining(sampleId(4)) },
      hint: expect.stringContaining('client.evidenceTenant'),
    });
    for (const tenantId of [undefined, '', 'acme']) {
      // As an older server answers, or one that breaks its word: the fake keeps to the contract.
      const call = async (...asked: Parameters<Client['call']>) =>
        asked[0] === 'me.show' ? { tenantId } : api.call(...asked);
      await expect(publish(undefined, { ...api, call: call as Client['call'] })).rejects.toMatchObject({
        ...{ code: 'ROC_REFUSED', hint: expect.stringContaining('Upgrade the server') },
      });
    }
    expect(sent()).toBe(1);
  });

  it('is verified as it was signed before signatures said for whom', async () => {
    const file = join(shell.dir, 'former.pem');
    await makeKeyPair(file);
    const { signature: _, ...signedFacts } = facts;
    const key = createPrivateKey(readFileSync(file));
    const bytes = Buffer.from(canonicalJson({ roc: 'evidence-signature-v1', ...signedFacts }));
    const signature = {
      keyId: publisherKeyId(createPublicKey(key)),
      value: sign(null, bytes, key).toString('base64url'),
    };
    const get = async (envelope: object) => {
      shell.api.answer({ 'evidence.content': () => Buffer.from(JSON.stringify(envelope)) as never });
      return (await shell.run(EvidenceGet, stored.id, '--public-key', `${file}.pub`, '--json')).exitCode;
    };
    expect(await get({ ...facts, signature, body })).toBe(0);
    expect(await get({ ...facts, verdict: 'fail', signature, body })).toBe(3);
  });

  it('is published with the digest of what JSON keeps of it', async () => {
    const api = createClient({ url: shell.api.url, token: async () => 'token-of-ada', userAgent: 'test' });
    const { sha256: _, signature: __, ...finding } = facts;
    await publishEvidence(api, { ...finding, body: { ...body, left: undefined } });
    expect(shell.api.requests.at(-1)?.body).toMatchObject({ body, sha256: facts.sha256, signature: null });
  });
});
