import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOW, report } from './run-report.js';
import { ARN, asffFinding, DIGEST, ecrEnhanced, inspectorFinding, ocsfFinding } from './samples.js';

const FOUR = {
  'ecr.json': ecrEnhanced(),
  'inspector.json': { findings: [inspectorFinding()] },
  'hub.json': { Findings: [asffFinding()] },
  'hub2.json': [ocsfFinding()],
};

describe('one finding told by four sources', () => {
  it('is one finding with four sources', async () => {
    const { summary, findings } = await report(FOUR);
    expect(summary.total).toBe(1);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      ids: { arn: ARN, cve: 'CVE-2024-0001' },
      package: { name: 'openssl', version: '3.0.11-1', fixedIn: '3.0.13-1' },
      resource: { type: 'image', repo: 'shop/api', digest: DIGEST },
      sources: [{ tool: 'ecr' }, { tool: 'inspector' }, { tool: 'asff' }, { tool: 'ocsf' }],
    });
  });

  it('reads the same in any order and any grouping of the files', async () => {
    const whole = JSON.stringify((await report(FOUR)).findings);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(Object.entries(FOUR), { minLength: 4 }), async (entries) => {
        expect(JSON.stringify((await report(Object.fromEntries(entries))).findings)).toBe(whole);
      }),
      { numRuns: 10 },
    );
  });

  it('keeps different ARNs of different packages apart', async () => {
    const other = inspectorFinding({ arn: `${ARN}0`, pkg: 'curl' });
    const { findings } = await report({ 'a.json': { findings: [inspectorFinding(), other] } });
    expect(findings).toHaveLength(2);
  });
});

describe('ECR scans', () => {
  const image = { registryId: '1', repositoryName: 'r', imageId: { imageDigest: DIGEST } };
  it.each([
    ['FAILED', null, 'missing'],
    ['UNSUPPORTED_IMAGE', null, 'missing'],
    ['PENDING', { findings: [] }, 'missing'],
    ['SCAN_ELIGIBILITY_EXPIRED', null, 'missing'],
    ['COMPLETE', { findings: [] }, 'scanned'],
    ['ACTIVE', { enhancedFindings: [] }, 'scanned'],
    ['ACTIVE', null, 'missing'],
  ] as const)('%s with %j is %s', async (status, imageScanFindings, verdict) => {
    const made = await report(
      { 'e.json': { ...image, imageScanStatus: { status }, imageScanFindings } },
      { gates: [{ name: 'unscanned', when: { coverage: 'missing' }, max: 0 }] },
    );
    expect(made.coverage).toMatchObject([{ tool: 'ecr', digest: DIGEST, status, verdict }]);
    expect(made.gates).toEqual([
      { name: 'unscanned', passed: verdict === 'scanned', count: verdict === 'scanned' ? 0 : 1, max: 0 },
    ]);
  });

  it('reads enhanced findings of a scan that stays ACTIVE', async () => {
    expect((await report({ 'e.json': ecrEnhanced() })).summary.bySeverity.critical).toBe(1);
  });

  it('takes silence about a fixed version for unknown, not for no', async () => {
    const basic = {
      ...image,
      imageScanStatus: { status: 'COMPLETE' },
      imageScanFindings: {
        imageScanCompletedAt: 1_717_200_000.5,
        findings: [
          { name: 'CVE-2024-9', severity: 'UNDEFINED', attributes: [{ key: 'package_name', value: 'zlib' }] },
        ],
      },
    };
    const { findings } = await report({ 'e.json': basic });
    expect(findings[0]).toMatchObject({
      fix: 'unknown',
      severity: 'unknown',
      lastSeen: '2024-06-01T00:00:00.500Z',
    });
  });
});

describe('memory', () => {
  let store: string;
  beforeEach(() => {
    store = mkdtempSync(join(tmpdir(), 'roc-store-'));
  });
  afterEach(() => rmSync(store, { recursive: true, force: true }));

  const month = (n: number) => Date.UTC(2025, n, 1);
  const cves = (names: string[]) => ({
    'i.json': {
      findings: names.map((cve) => inspectorFinding({ cve, arn: `${ARN.slice(0, -4)}${cve.slice(-4)}` })),
    },
  });
  const run = async (names: string[], n: number, scope?: string[]) => {
    const { findings, summary } = await report(cves(names), { store, now: month(n), scope });
    const ids = (state: string) =>
      findings
        .filter((f) => f.state === state)
        .map((f) => f.ids.cve)
        .sort();
    return {
      new: ids('new'),
      open: ids('open'),
      fixed: ids('fixed'),
      regressed: ids('regressed'),
      unasked: summary.unasked,
    };
  };
  const [A, B, C, D] = ['CVE-2025-1001', 'CVE-2025-1002', 'CVE-2025-1003', 'CVE-2025-1004'];

  it('tells new, open, fixed and regressed month by month', async () => {
    const all = ['all'];
    expect(await run([A, B], 0, all)).toEqual({
      new: [A, B],
      open: [],
      fixed: [],
      regressed: [],
      unasked: 0,
    });
    expect(await run([A, B], 1, all)).toEqual({
      new: [],
      open: [A, B],
      fixed: [],
      regressed: [],
      unasked: 0,
    });
    expect(await run([B, C], 2, all)).toEqual({ new: [C], open: [B], fixed: [A], regressed: [], unasked: 0 });
    expect(await run([C], 3, all)).toEqual({ new: [], open: [C], fixed: [B], regressed: [], unasked: 0 });
    expect(await run([A, C, D], 4, all)).toEqual({
      new: [D],
      open: [C],
      fixed: [],
      regressed: [A],
      unasked: 0,
    });
    expect(await run([A, C, D], 5, all)).toEqual({
      new: [],
      open: [A, C, D],
      fixed: [],
      regressed: [],
      unasked: 0,
    });
  });

  it('does not take absence for a fix where no scope was declared', async () => {
    await run([A, B], 0);
    expect(await run([B], 1)).toEqual({ new: [], open: [B], fixed: [], regressed: [], unasked: 1 });
    expect(await run([B], 2, ['repo=other/*'])).toMatchObject({ fixed: [], unasked: 1 });
    expect(await run([B], 3, ['repo=shop/*'])).toMatchObject({ fixed: [A], unasked: 0 });
  });

  it('takes the word of the source that a finding is closed, without any scope', async () => {
    await report({ 'i.json': { findings: [inspectorFinding()] } }, { store });
    const { findings } = await report(
      { 'i.json': { findings: [inspectorFinding({ status: 'CLOSED' })] } },
      { store },
    );
    expect(findings).toMatchObject([{ state: 'fixed', ids: { arn: ARN } }]);
  });

  it('sees the same problem in the next night’s image', async () => {
    await report({ 'i.json': ecrEnhanced() }, { store });
    const next = await report(
      { 'i.json': ecrEnhanced({ digest: `sha256:${'cd'.repeat(32)}`, arn: `${ARN}1` }) },
      { store },
    );
    expect(next.summary).toMatchObject({ new: 0, open: 1, fixed: 0 });
  });

  it('begins the days anew when a fixed problem comes back', async () => {
    await run([A], 0, ['all']);
    await run([], 1, ['all']);
    const { findings } = await report(cves([A]), { store, now: month(6), scope: ['all'] });
    expect(findings[0]).toMatchObject({
      state: 'regressed',
      decision: { overdue: false, dueAt: '2025-07-08T00:00:00.000Z' },
    });
  });
});

describe('the same input twice', () => {
  it('gives the same bytes, and no change in memory', async () => {
    const store = mkdtempSync(join(tmpdir(), 'roc-store-'));
    try {
      expect(await report(FOUR)).toEqual(await report(FOUR));
      await report(FOUR, { store });
      expect((await report(FOUR, { store })).summary).toMatchObject({
        new: 0,
        fixed: 0,
        regressed: 0,
        open: 1,
      });
    } finally {
      rmSync(store, { recursive: true });
    }
  });
});

describe('the decision', () => {
  it('falls back to severity days where the table lacks an input, and says which', async () => {
    const { findings } = await report({ 'i.json': [inspectorFinding()] });
    expect(findings[0]?.decision).toMatchObject({
      action: 'fix-by-sla',
      days: 7,
      dueAt: '2025-05-08T00:00:00.000Z',
      overdue: true,
      row: null,
    });
    expect(findings[0]?.decision.reasons[0]).toContain('inKev unknown (no KEV feed)');
    expect(NOW).toBeGreaterThan(Date.UTC(2025, 4, 8));
  });
});
