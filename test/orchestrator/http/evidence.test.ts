import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalSha256 } from '../../../src/kernel/canonical-json.js';
import { MAX_EVIDENCE_BYTES } from '../../../src/protocol/contracts/evidence.js';
import type { BodyOf } from '../../../src/protocol/contracts.js';
import { startTestServer, type TestServer } from '../../helpers/test-server.js';

let server: TestServer;
let owner: string;
beforeAll(async () => {
  server = await startTestServer();
  owner = await server.tokenOf('owner');
});
afterAll(() => server.close());

type Envelope = BodyOf<'evidence.publish'>;

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
});
