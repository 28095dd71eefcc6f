import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import AuditCheckpoint from '../../commands/audit/checkpoint.js';
import AuditExport from '../../commands/audit/export.js';
import AuditKey from '../../commands/audit/key.js';
import AuditList from '../../commands/audit/list.js';
import AuditVerify from '../../commands/audit/verify.js';
import { targetText } from '../../src/cli/audit-text.js';
import { type AuditEvent, chainEvent, GENESIS } from '../../src/protocol/audit/chain.js';
import { auditKeyId, signCheckpoint } from '../../src/protocol/audit/checkpoint.js';
import { checkpointLine, eventLine, headLine, receiptLine } from '../../src/protocol/audit/export-format.js';
import { page } from '../helpers/api-samples.js';
import { type SignedIn, signedIn } from '../helpers/signed-in.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
const keyId = auditKeyId(publicKey);
const tenant = '01JA9V3R8WZQK4T6E5M2N7X0CB';
const at = '2026-03-01T12:00:00.000Z';
const event: AuditEvent = {
  ...{ v: 1, tenant, seq: 1, at, address: '192.0.2.1', requestId: null, action: 'project.create' },
  actor: { kind: 'user', id: 'u1', name: 'ada@example.com' },
  target: { kind: 'project', id: 'p1', name: 'payroll' },
  ...{ outcome: 'done', before: null, after: null },
};
const chained = chainEvent(GENESIS, event);
const checkpoint = signCheckpoint(
  { v: 1, tenant, number: 1, seq: 1, hash: chained.hash, at, previous: GENESIS, intervalMs: 900_000 },
  privateKey,
);
const text = [
  headLine({ rocAudit: 1, tenant, tenantName: 'default', keys: [{ id: keyId, publicKey: pem }] }),
  checkpointLine(checkpoint),
  eventLine(chained),
  receiptLine({ exportedAt: at, tenant, seq: 1, hash: chained.hash, hidden: [], keyId }, privateKey),
].join('');

let shell: SignedIn;
const fileOf = (name: string, content: string) => {
  const file = join(shell.dir, name);
  writeFileSync(file, content);
  return file;
};
beforeEach(async () => {
  shell = await signedIn({
    'audit.list': () => page([{ ...event, hash: chained.hash }]),
    'audit.checkpoint': () => checkpoint,
    'audit.state': () => ({ checked: { grants: 2, jobs: 5 }, isWhole: true, problems: [], notes: [] }),
    'audit.keys': () => ({ items: [{ id: keyId, publicKey: pem }] }),
  });
});
afterEach(() => shell.close());

describe('roc audit', () => {
  it('lists who did what', async () => {
    expect((await shell.run(AuditList)).stdout).toMatch(
      /1 +2026-03-01T12:00:00Z +ada@example.com +192.0.2.1 +project.create +payroll +done/,
    );
    expect((await shell.run(AuditList, '--json')).json()).toEqual({
      items: [{ ...event, hash: chained.hash }],
    });
  });

  it('says what was refused, and how many jobs were sealed', () => {
    const refused = { target: null, after: { route: 'jobs.start', status: 403 } };
    expect(targetText(refused)).toBe('jobs.start (403)');
    const refusals = [{ route: 'auth.login', status: 401, count: 7, address: '192.0.2.1' }];
    expect(targetText({ target: null, after: { refusals } })).toBe('7 × auth.login (401)');
    expect(targetText({ target: null, after: { jobs: [{}, {}] } })).toBe('2 jobs');
    expect(targetText({ target: null, after: null })).toBe('-');
  });

  it('prints a checkpoint and the key as files can be made of them', async () => {
    expect(JSON.parse((await shell.run(AuditCheckpoint)).stdout)).toEqual(checkpoint);
    expect((await shell.run(AuditKey)).stdout).toBe(pem);
  });

  it('verifies an export with a public key and a checkpoint', async () => {
    const [file, key] = [fileOf('export.jsonl', text), fileOf('key.pem', pem)];
    const held = fileOf('held.json', JSON.stringify(checkpoint));
    const end = await shell.run(AuditVerify, file, '--public-key', key, '--checkpoint', held, '--json');
    expect(end.json()).toMatchObject({ verdict: 'pass', events: 1, firstBad: null });
    expect([end.exitCode, end.stderr]).toEqual([0, '']);
  });

  it('says which event is bad, and ends with 3', async () => {
    const file = fileOf('export.jsonl', text.replace('"payroll"', '"nothing"'));
    const end = await shell.run(AuditVerify, file, '--public-key', fileOf('key.pem', pem));
    expect(end.exitCode).toBe(3);
    expect(end.stdout).toContain('event 1: it, or what lay before it, was changed');
  });

  it('of a server says what was changed behind its back, and ends with 3', async () => {
    shell.api.answer({ 'audit.export': () => Buffer.from(text) as never });
    const good = await shell.run(AuditVerify);
    expect(good.stdout).toContain('2 grants and 5 ended jobs are as the chain tells');
    const problems = [{ kind: 'grant' as const, id: 'm', message: 'mallory holds owner' }];
    shell.api.answer({
      'audit.state': () => ({
        checked: { grants: 3, jobs: 5 },
        isWhole: true,
        problems,
        notes: ['not told'],
      }),
    });
    const end = await shell.run(AuditVerify);
    expect([end.exitCode, end.stdout]).toEqual([3, expect.stringContaining('mallory holds owner')]);
    expect(end.stderr).toContain('not told');
    expect((await shell.run(AuditVerify, '--json')).json()).toMatchObject({
      verdict: 'fail',
      state: { problems },
    });
  });

  it('warns where the key came with the export', async () => {
    const end = await shell.run(AuditVerify, fileOf('export.jsonl', text));
    expect(end.stderr).toContain('pass --public-key');
  });

  it.each([
    ['a file that is not there', ['none.jsonl'], 'cannot be read'],
    ['no export', ['junk'], 'is not one of an audit export'],
    ['no key', ['export', '--public-key', 'junk'], 'the public key cannot be read'],
    ['no checkpoint', ['export', '--checkpoint', 'junk'], 'is not a checkpoint'],
  ])('refuses %s', async (_, argv, message) => {
    const files = { junk: fileOf('junk', 'hello'), export: fileOf('export', text) };
    const end = await shell.run(AuditVerify, ...argv.map((word) => files[word as 'junk'] ?? word));
    expect(end.exitCode).toBe(2);
    expect(end.stderr).toContain(message);
  });

  it('writes an export, and never over a file', async () => {
    const target = join(shell.dir, 'out.jsonl');
    shell.api.answer({ 'audit.export': () => Buffer.from(text) as never });
    expect((await shell.run(AuditExport, '-o', target)).stdout).toContain(
      `wrote ${target} (${text.length} bytes)`,
    );
    expect(readFileSync(target, 'utf8')).toBe(text);
    expect((await shell.run(AuditExport, '-o', target)).exitCode).toBe(2);
  });
});
