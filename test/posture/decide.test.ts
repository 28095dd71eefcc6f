import { describe, expect, test } from 'vitest';
import { canonicalSha256 } from '../../src/kernel/canonical-json.js';
import type { Known } from '../../src/kernel/known.js';
import { CONTROLS, decidePosture } from '../../src/posture/decide.js';
import { evidenceOf } from '../../src/posture/evidence.js';
import type { PostureFacts } from '../../src/posture/facts.js';
import { isHeld } from '../../src/posture/model.js';
import { type PosturePolicy, posturePolicySchema } from '../../src/posture/policy.js';
import { controlRows, fixLines, summaryLine } from '../../src/posture/text.js';
import { evidenceEnvelopeSchema } from '../../src/protocol/contracts/evidence.js';

const NOW = Date.UTC(2026, 10, 22, 23, 59);
const scope = { account: '123456789012', region: 'eu-west-1', vpc: null };
const NOTHING: Known<never> = { unknown: 'refused' };
const PARTS = [
  'instances managed sessions securityGroups volumes flowLogs vpcs balancers databases restores secrets',
  'buckets repositories registry logGroups keys guardDuty securityHub inspector trails recorders root',
]
  .join(' ')
  .split(' ');
const facts = (known: Partial<PostureFacts>): PostureFacts =>
  ({ ...Object.fromEntries(PARTS.map((part) => [part, NOTHING])), ...known }) as PostureFacts;
const policy = (more: Partial<PosturePolicy> = {}): PosturePolicy => ({
  ...posturePolicySchema.parse({ version: 1 }),
  ...more,
});
const waiver = (more: Partial<PosturePolicy['waivers'][number]> = {}) => ({
  ...{ control: 'data.disks-encrypted', reason: 'it is copied next week', until: '2026-11-22', by: 'ana' },
  ...more,
});
const disks = facts({
  volumes: {
    value: [
      { id: 'vol-1', isEncrypted: false },
      { id: 'vol-2', isEncrypted: true },
    ],
  },
});
const judge = (of: PostureFacts, own: PosturePolicy = policy(), now = NOW) =>
  decidePosture(of, scope, { policy: own, now });
const control = (posture: ReturnType<typeof judge>, id: string) =>
  posture.controls.find((one) => one.id === id)!;

describe('controls', () => {
  test('have an id of their own, references and a fix, and are all judged', () => {
    expect(new Set(CONTROLS.map(({ id }) => id)).size).toBe(CONTROLS.length);
    for (const { id, references, fix, title } of CONTROLS) {
      expect(id).toMatch(/^[a-z]+\.[a-z0-9-]+$/);
      expect(references.length, id).toBeGreaterThan(0);
      for (const one of references)
        expect(one, id).toMatch(
          /^(ISO 27001:2022 A\.[5-8]\.\d+|CIS AWS 3\.0\.0 \d+(\.\d+)+|NIST 800-53 [A-Z]{2}-\d+)$/,
        );
      expect(fix.endsWith('.') && title.length > 10, id).toBe(true);
    }
    expect(judge(facts({})).controls).toHaveLength(CONTROLS.length);
  });

  test('never pass what is not known', () => {
    const { summary, controls } = judge(facts({}));
    expect(summary).toEqual({ pass: 0, fail: 0, waived: 0, notApplicable: 0, unknown: CONTROLS.length });
    for (const { evidence } of controls)
      expect(evidence[0]).toMatchObject({ resource: 'account', says: 'refused' });
  });

  test('apply to nothing where nothing is there', () => {
    const none = facts({ volumes: { value: [] }, buckets: { value: [] } });
    expect(control(judge(none), 'data.disks-encrypted').verdict).toBe('notApplicable');
    expect(control(judge(none), 'bucket.private').verdict).toBe('notApplicable');
  });

  test('of an internal installation forbid the open balancer too', () => {
    const groups = [
      {
        id: 'sg',
        name: 'balancer',
        vpcId: 'v',
        ingress: [{ protocol: 'tcp', from: 443, to: 443, cidrs: ['0.0.0.0/0'], groups: [] }],
        egress: [],
      },
    ];
    const balancers = [
      { name: 'b', isPublic: true, securityGroups: ['sg'], listeners: [], attributes: {}, webAcl: null },
    ];
    const open = facts({ securityGroups: { value: groups }, balancers: { value: balancers } });
    expect(control(judge(open), 'network.no-open-ingress').verdict).toBe('pass');
    expect(control(judge(open, policy({ public: false })), 'network.no-open-ingress').verdict).toBe('fail');
  });

  test('say unknown of a database whose engine or security group they do not know', () => {
    const db = {
      ...{ id: 'db', isEncrypted: true, isPublic: false, isMultiAz: true, backupDays: 9, isProtected: true },
      ...{ hasMinorUpgrades: true, requiresTls: null, securityGroups: ['sg-elsewhere'], isReplica: false },
    };
    const posture = judge(facts({ databases: { value: [db] }, securityGroups: { value: [] } }));
    expect(control(posture, 'database.tls').verdict).toBe('unknown');
    expect(control(posture, 'database.reached-by-servers').verdict).toBe('unknown');
  });
});

describe('a waiver', () => {
  test.each<[string, Partial<PosturePolicy['waivers'][number]>, number, boolean, boolean | null]>([
    ['of the whole control', {}, NOW, true, false],
    ['of the resource', { resource: 'vol-1' }, NOW, true, false],
    ['of resources by a pattern', { resource: 'vol-*' }, NOW, true, false],
    ['of another resource', { resource: 'vol-9' }, NOW, false, null],
    ['of a resource by a part of its name', { resource: 'vol' }, NOW, false, null],
    ['on the day after its last', {}, NOW + 60_000, false, true],
    ['of another control', { control: 'bucket.private' }, NOW, false, null],
  ])('%s', (_, more, now, holds, expired) => {
    const posture = judge(disks, policy({ waivers: [waiver(more)] }), now);
    const found = control(posture, 'data.disks-encrypted');
    expect(found.verdict).toBe('fail');
    expect([posture.summary.fail, posture.summary.waived]).toEqual(holds ? [0, 1] : [1, 0]);
    expect(found.waiver?.expired ?? null).toBe(expired);
    expect(fixLines(posture).length).toBe(holds ? 0 : 1);
  });

  test('of one disk does not cover the other', () => {
    const two = facts({ volumes: { value: ['vol-1', 'vol-2'].map((id) => ({ id, isEncrypted: false })) } });
    const posture = judge(two, policy({ waivers: [waiver({ resource: 'vol-1' })] }));
    expect([posture.summary.fail, posture.summary.waived]).toEqual([1, 0]);
  });

  test('hides nothing that could not be read', () => {
    const posture = judge(facts({}), policy({ waivers: [waiver()] }));
    expect(control(posture, 'data.disks-encrypted')).toMatchObject({ verdict: 'unknown', waiver: null });
    expect(isHeld(posture)).toBe(false);
  });

  test('needs a reason and a day', () => {
    const bad = { version: 1, waivers: [{ control: 'x', reason: 'no', until: 'soon', by: 'a' }] };
    expect(posturePolicySchema.safeParse(bad).error?.issues.map(({ path }) => path.at(-1))).toEqual([
      'reason',
      'until',
    ]);
  });
});

describe('people and auditors', () => {
  const posture = judge(disks);

  test('see what fails first', () => {
    expect(controlRows(posture, false)[0]).toEqual({
      verdict: 'fail',
      severity: 'high',
      id: 'data.disks-encrypted',
      says: 'vol-1 not encrypted',
    });
    expect(controlRows(posture, true)).toHaveLength(CONTROLS.length);
    expect(summaryLine(posture)).toBe(
      `123456789012 eu-west-1: 0 hold, 1 fail, ${CONTROLS.length - 1} unknown, 0 waived, 0 do not apply`,
    );
    const waived = judge(disks, policy({ waivers: [waiver()] }));
    const row = controlRows(waived, false).find(({ id }) => id === 'data.disks-encrypted');
    expect(row).toMatchObject({
      verdict: 'waived',
      says: 'vol-1 not encrypted (waived until 2026-11-22: it is copied next week)',
    });
  });

  test('get an envelope of at most 5 MB, failures first', () => {
    const volumes = Array.from({ length: 90_000 }, (_, i) => ({ id: `vol-${i}`, isEncrypted: i % 2 === 0 }));
    const evidence = evidenceOf({
      posture: judge(facts({ volumes: { value: volumes } })),
      policyHash: 'a'.repeat(64),
    });
    expect(Buffer.byteLength(JSON.stringify(evidence))).toBeLessThan(5 * 2 ** 20);
    expect(evidence).toMatchObject({
      kind: 'posture-check',
      verdict: 'fail',
      scope: '123456789012 eu-west-1',
    });
    expect(evidence.body.leftOut).toBeGreaterThan(0);
    const kept = evidence.body.controls.find(({ id }) => id === 'data.disks-encrypted')?.evidence ?? [];
    expect(kept[0]?.verdict).toBe('fail');
  });

  test('get what the server takes', () => {
    const evidence = { ...evidenceOf({ posture, policyHash: 'a'.repeat(64) }), signature: null };
    const sha256 = canonicalSha256(evidence.body);
    expect(evidenceEnvelopeSchema.safeParse({ ...evidence, sha256 }).error).toBeUndefined();
  });

  test('read unknown where only that is left', () => {
    expect(evidenceOf({ posture: judge(facts({})), policyHash: 'a'.repeat(64) }).verdict).toBe('unknown');
  });
});
