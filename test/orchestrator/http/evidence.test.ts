import { generateKeyPairSync, type KeyPairKeyObjectResult, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalSha256 } from '../../../src/kernel/canonical-json.js';
import { SIGNED_WITHIN_MS } from '../../../src/orchestrator/evidence/check-evidence.js';
import { newUlid } from '../../../src/orchestrator/store/ids.js';
import { MAX_EVIDENCE_BYTES } from '../../../src/protocol/contracts/evidence.js';
import type { BodyOf } from '../../../src/protocol/contracts.js';
import { type EvidenceStamp, signEvidence } from '../../../src/protocol/evidence-signature.js';
import { publisherKeyId } from '../../../src/protocol/package/signature.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import { startTestServer, type TestServer } from '../../helpers/test-server.js';

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startTestServer();
  owner = await server.tokenOf('owner');
});
afterAll(() => server.close());

type Envelope = BodyOf<'evidence.publish'>;
type KeyPair = KeyPairKeyObjectResult;

function envelope(
  body: unknown = { secretWeakness: 'port 22 open' },
  change: Partial<Envelope> = {},
): Envelope {
  return {
    kind: 'posture-check',
    generatedAt: '2026-03-01T12:00:00.000Z',
    scope: 'account 1, eu-west-1',
    policyHash: 'a'.repeat(64),
    verdict: 'fail',
    summary: { fail: 1, note: 'x' },
    sha256: canonicalSha256(body),
    signature: null,
    body,
    ...change,
  };
}

const blobs = () => readdirSync(join(server.dataDir, 'blobs')).filter((name) => name.startsWith('evidence'));

describe('evidence', () => {
  it('lies encrypted, and comes back as it was', async () => {
    const sent = envelope();
    const { id } = await server.ok('evidence.publish', { token: owner, body: sent });
    const [blob = ''] = blobs();
    expect(readFileSync(join(server.dataDir, 'blobs', blob)).includes('port 22')).toBe(false);
    const content = await server.send('evidence.content', { token: owner, params: { id } });
    expect(content.json()).toEqual(sent);
  });

  it('is told in the audit chain with its digest', async () => {
    const sent = envelope({ n: 2 });
    const { id } = await server.ok('evidence.publish', { token: owner, body: sent });
    const { items } = await server.ok('audit.list', { token: owner, query: { target: id } });
    expect(items).toMatchObject([
      { action: 'evidence.publish', after: { sha256: sent.sha256, verdict: 'fail' } },
    ]);
  });

  it('is recorded once under one key, and leaves no second blob', async () => {
    const before = blobs().length;
    const headers = { 'idempotency-key': 'once' };
    const send = () => server.ok('evidence.publish', { token: owner, body: envelope({ n: 3 }), headers });
    expect((await send()).id).toBe((await send()).id);
    expect(blobs()).toHaveLength(before + 1);
  });

  it('takes a body of nearly 5 MB, and none beyond', async () => {
    const body = { text: 'x'.repeat(MAX_EVIDENCE_BYTES - 1000) };
    expect((await server.send('evidence.publish', { token: owner, body: envelope(body) })).statusCode).toBe(
      201,
    );
    const large = { text: 'x'.repeat(MAX_EVIDENCE_BYTES) };
    const refused = await server.send('evidence.publish', { token: owner, body: envelope(large) });
    expect([refused.statusCode, refused.json().code]).toEqual([413, 'ROC_TOO_LARGE']);
  });

  it.each<[string, Partial<Envelope> & Record<string, unknown>, string]>([
    ['a digest of something else', { sha256: 'b'.repeat(64) }, 'sha256'],
    ['a kind that is a path', { kind: '../etc' }, 'kind'],
    ['a time that is none', { generatedAt: 'yesterday' }, 'generatedAt'],
    ['a time that is to come', { generatedAt: '2999-01-01T00:00:00.000Z' }, 'generatedAt'],
    ['a verdict of its own', { verdict: 'fine' as never }, 'verdict'],
    ['a summary that is a tree', { summary: { a: { b: 1 } as never } }, 'summary'],
    ['a member that no envelope has', { tenantId: 'other' }, 'tenantId'],
  ])('refuses %s', async (_, change, named) => {
    const before = blobs().length;
    const response = await server.send('evidence.publish', { token: owner, body: envelope({}, change) });
    expect(response.statusCode).toBe(422);
    expect(response.body).toContain(named);
    expect(blobs()).toHaveLength(before);
  });

  it('is published by operators, read by auditors, and neither by viewers', async () => {
    const [operator, auditor, viewer] = await Promise.all(
      (['operator', 'auditor', 'viewer'] as const).map((role) => server.tokenOf(role)),
    );
    const publish = (token?: string) => server.send('evidence.publish', { token, body: envelope() } as never);
    const list = (token?: string) => server.send('evidence.list', { token } as never);
    expect([(await publish(operator)).statusCode, (await list(operator)).statusCode]).toEqual([201, 403]);
    expect([(await publish(auditor)).statusCode, (await list(auditor)).statusCode]).toEqual([403, 200]);
    expect([(await publish(viewer)).statusCode, (await list(viewer)).statusCode]).toEqual([403, 403]);
  });

  describe('that is signed', () => {
    const [ours, robots, strange] = [0, 1, 2].map(() => generateKeyPairSync('ed25519')) as [
      KeyPair,
      KeyPair,
      KeyPair,
    ];
    const trust = async (
      { publicKey }: KeyPair,
      name: string,
      purpose: 'robots' | 'evidence',
      token = owner,
    ) => {
      const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
      return server.ok('publishers.create', { token, body: { name, publicKey: pem, purpose } });
    };
    let stamp: EvidenceStamp;
    const signed = (
      { privateKey }: KeyPair,
      change: Partial<Envelope> = {},
      said: Partial<EvidenceStamp> = {},
    ): Envelope => {
      const { signature: _, body, ...facts } = envelope({ n: randomUUID() }, change);
      return { ...facts, signature: signEvidence(facts, { ...stamp, ...said }, privateKey), body };
    };
    const publish = (body: Envelope, token = owner) => server.send('evidence.publish', { token, body });
    const restamped = ({ signature, ...rest }: Envelope, change: Partial<EvidenceStamp>): Envelope => ({
      ...rest,
      signature: signature === null ? null : { ...signature, ...change },
    });
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const theirs = async () => server.tokenOf('owner', 'acme');

    beforeAll(async () => {
      await trust(ours, 'ops-host', 'evidence');
      await trust(robots, 'build-server', 'robots');
      await server.addTenant('acme');
      await trust(strange, 'theirs', 'evidence', await theirs());
      await trust(ours, 'their-word-for-it', 'evidence', await theirs());
      stamp = { audience: (await server.ok('me.show', { token: owner })).tenantId, issuedAt: at(0) };
    });

    it('is recorded once, however often and by whomever it is sent', async () => {
      const sent = signed(ours);
      const first = await publish(sent);
      expect([first.statusCode, first.json().created]).toEqual([201, true]);
      const before = blobs().length;
      const operator = await server.tokenOf('operator');
      for (const token of [owner, operator]) {
        const again = await publish(sent, token);
        expect([again.statusCode, again.json()]).toEqual([200, { ...first.json(), created: false }]);
      }
      expect(blobs()).toHaveLength(before);
      const told = await server.ok('audit.list', { token: owner, query: { target: first.json().id } });
      expect(told.items).toHaveLength(1);
    });

    it('is recorded once by many who bring it in the same moment, and leaves one blob', async () => {
      const [sent, before] = [signed(ours), blobs().length];
      const answers = await Promise.all(Array.from({ length: 5 }, () => publish(sent)));
      expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 200, 200, 201]);
      expect(new Set(answers.map((answer) => answer.json().id)).size).toBe(1);
      expect(blobs()).toHaveLength(before + 1);
    });

    it('is recorded once also when the same finding is signed anew', async () => {
      const finding = { generatedAt: '2026-04-01T12:00:00.000Z', sha256: canonicalSha256(1), body: 1 };
      const first = await publish(signed(ours, finding));
      const again = await publish(signed(ours, finding, { issuedAt: at(-1000) }));
      expect([first.statusCode, again.statusCode]).toEqual([201, 200]);
      expect(again.json().id).toBe(first.json().id);
    });

    it('counts for the tenant that it names alone, though another one trusts the key, too', async () => {
      const sent = signed(ours);
      const answer = await publish(sent, await theirs());
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'ROC_REFUSED']);
      expect(answer.body).toContain('another tenant');
      expect((await publish(sent)).statusCode).toBe(201);
    });

    it.each<[string, number, number]>([
      ['just now', 0, 201],
      ['a while ago', -SIGNED_WITHIN_MS + 60_000, 201],
      ['by a clock that is ahead', SIGNED_WITHIN_MS - 60_000, 201],
      ['too long ago', -SIGNED_WITHIN_MS - 60_000, 403],
      ['in the future', SIGNED_WITHIN_MS + 60_000, 403],
    ])('was signed %s', async (_, ms, status) => {
      const answer = await publish(signed(ours, {}, { issuedAt: at(ms) }));
      expect(answer.statusCode).toBe(status);
      if (status === 403) expect(answer.body).toContain('which is not now');
    });

    it('is not taken as it was signed before signatures said for whom', async () => {
      const { signature, ...rest } = signed(ours);
      const former = { keyId: signature?.keyId ?? '', value: signature?.value ?? '' };
      const answer = await publish({ ...rest, signature: former });
      expect(answer.json()).toMatchObject({
        ...{ status: 403, code: 'ROC_REFUSED', detail: expect.stringContaining('for which tenant') },
        hint: 'Update roc on the host that signs.',
      });
      const half = await publish({ ...rest, signature: { ...former, audience: stamp.audience } as never });
      expect(half.statusCode).toBe(422);
    });

    it.each(['audience', 'issuedAt'] as const)('is never made without %s', (name) => {
      expect(() => signed(ours, {}, { [name]: undefined as never })).toThrow(TypeError);
    });

    it('says whose it is, in the list and in the chain; what is not, that it is not', async () => {
      const { id, signedBy } = (await publish(signed(ours))).json();
      expect(signedBy).toMatchObject({ name: 'ops-host', state: 'trusted' });
      const plain = await server.ok('evidence.publish', {
        token: owner,
        body: envelope({ n: randomUUID() }),
      });
      expect(plain.signedBy).toBeNull();
      const { items } = await server.ok('evidence.list', { token: owner, query: { limit: 2 } });
      expect(items.map((one) => one.signedBy?.name ?? null)).toEqual([null, 'ops-host']);
      const told = await server.ok('audit.list', { token: owner, query: { target: id } });
      expect(told.items).toMatchObject([{ after: { signedBy: signedBy.keyId } }]);
    });

    it.each<[string, () => Envelope]>([
      ['a fact that was changed after', () => ({ ...signed(ours, { verdict: 'fail' }), verdict: 'pass' })],
      ['another summary', () => ({ ...signed(ours), summary: { fail: 0 } })],
      ['another time', () => ({ ...signed(ours), generatedAt: '2026-03-02T12:00:00.000Z' })],
      [
        'the name of this tenant on what was signed for another one',
        () => restamped(signed(ours, {}, { audience: newUlid(0) }), { audience: stamp.audience }),
      ],
      [
        'a new time on what was signed long ago',
        () => restamped(signed(ours, {}, { issuedAt: '2026-03-01T12:00:00.000Z' }), { issuedAt: at(0) }),
      ],
      [
        'another body with its own digest',
        () => ({ ...signed(ours), body: {}, sha256: canonicalSha256({}) }),
      ],
      ['the signature of another piece', () => ({ ...signed(ours), signature: signed(ours).signature })],
      ['a key that is trusted for robots only', () => signed(robots)],
      ['a key of another tenant', () => signed(strange)],
      ['a key that nobody knows', () => signed(generateKeyPairSync('ed25519'))],
      [
        'the name of a trusted key under the signature of another one',
        () => {
          const { signature, ...rest } = signed(strange);
          const keyId = signed(ours).signature?.keyId ?? '';
          return { ...rest, signature: signature === null ? null : { ...signature, keyId } };
        },
      ],
    ])('is refused with %s, and leaves nothing', async (_, made) => {
      const before = blobs().length;
      const answer = await publish(made());
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'ROC_REFUSED']);
      expect(blobs()).toHaveLength(before);
    });

    it('is refused once its key is revoked; what was taken before says so', async () => {
      const pair = generateKeyPairSync('ed25519');
      const { id } = await trust(pair, 'left', 'evidence');
      const taken = (await publish(signed(pair))).json();
      await server.ok('publishers.revoke', { token: owner, params: { id } });
      expect((await publish(signed(pair))).statusCode).toBe(403);
      const shown = await server.ok('evidence.show', { token: owner, params: { id: taken.id } });
      expect(shown.signedBy).toMatchObject({ name: 'left', state: 'revoked' });
    });

    it('does not make its key good for robots', async () => {
      const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0') });
      const keyId = publisherKeyId(ours.publicKey);
      const answer = await server.send('versions.publish', {
        ...{ token: owner, params: { robot: 'totals', version: '1.0.0' }, body: bytes },
        query: { keyId, signature: 'A'.repeat(86) },
      });
      expect(answer.json()).toMatchObject({ code: 'ROC_REFUSED' });
      expect(answer.body).toContain('no publisher of this tenant');
    });
  });
});
