import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { NOW, report } from './run-report.js';
import { DIGEST, inspectorFinding } from './samples.js';

const DAY = 86_400_000;
const INPUT = { 'i.json': [inspectorFinding()] };
let dir: string;
beforeEach(() => {
  dir = makeTempDir('suppress');
});
afterEach(() => removeDir(dir));
const at = (name: string) => join(dir, name);

function suppressions(text: string): string {
  writeFileSync(at('s.yaml'), `version: 1\nsuppress:\n  - ${text}\n`);
  return at('s.yaml');
}

const RULE =
  '{id: S-1, match: {cve: CVE-2024-0001}, status: not_affected, justification: vulnerable_code_not_present, reason: not built in, by: ana, created: 2025-05-20, expires: 2025-06-20}';

describe('a suppression cannot be prolonged by feeding its own output back', () => {
  it.each(['openvex', 'cyclonedx-vex'] as const)('%s ends when the suppression ends', async (format) => {
    const vex = at('vex.json');
    const first = { outputs: [{ file: vex, format }], suppressions: [suppressions(RULE)] };
    const state = async (now: number, options: object) =>
      (await report(INPUT, { now, ...options })).findings[0]?.state;
    expect(await state(NOW, first)).toBe('suppressed');
    const written = JSON.parse(readFileSync(vex, 'utf8'));
    expect(written.statements?.[0].timestamp ?? written.vulnerabilities[0].analysis.lastUpdated).toBe(
      '2025-05-20T00:00:00.000Z',
    );
    // Fed back nightly, and written anew nightly.
    for (const days of [1, 10, 18])
      expect(await state(NOW + days * DAY, { vex: [vex], outputs: [{ file: vex, format }] })).toBe(
        'suppressed',
      );
    expect(await state(NOW + 19 * DAY, { vex: [vex], outputs: [{ file: vex, format }] })).toBe('expired');
    expect(await state(NOW + 60 * DAY, { vex: [vex] })).not.toBe('suppressed');
  });

  it('what roc itself called fixed is not hidden when it is seen again', async () => {
    const vex = at('vex.json');
    const store = at('store');
    await report(INPUT, { store });
    const gone = { outputs: [{ file: vex, format: 'openvex' as const }], store, scope: ['all'] };
    expect((await report({ 'i.json': [] }, gone)).summary.fixed).toBe(1);
    expect(JSON.parse(readFileSync(vex, 'utf8')).statements).toMatchObject([{ status: 'fixed' }]);
    const again = await report(INPUT, { store, vex: [vex], now: NOW + DAY });
    expect(again.findings[0]?.state).toBe('regressed');
  });
});

describe('a suppression says nothing of other packages', () => {
  const several = inspectorFinding();
  several.packageVulnerabilityDetails.vulnerablePackages.push({
    name: 'zlib',
    version: '1.2',
    release: '1',
    packageManager: 'OS',
    fixedInVersion: '1.3',
  });

  it.each([
    ['openssl', 'open'],
    ['{openssl,zlib}', 'open'],
    ['*l*', 'suppressed'],
  ])('package %s leaves it %s', async (pattern, state) => {
    const rule = RULE.replace('cve: CVE-2024-0001', `package: "${pattern}", cve: CVE-2024-0001`);
    const made = await report({ 'i.json': [several] }, { suppressions: [suppressions(rule)] });
    expect(made.findings[0]?.state).toBe(state);
  });

  it('in a VEX document either', async () => {
    const vex = (name: string) => {
      writeFileSync(
        at('vex.json'),
        JSON.stringify({
          '@context': 'https://openvex.dev/ns/v0.2.0',
          author: 'them',
          timestamp: '2025-05-30T00:00:00Z',
          statements: [
            {
              vulnerability: { name: 'CVE-2024-0001' },
              products: [{ '@id': name }],
              status: 'not_affected',
              justification: 'vulnerable_code_not_present',
            },
          ],
        }),
      );
      return [at('vex.json')];
    };
    const state = async (product: string) =>
      (await report({ 'i.json': [several] }, { vex: vex(product) })).findings[0]?.state;
    expect(await state('pkg:deb/debian/openssl')).toBe('open');
    expect(await state(`pkg:oci/api@${encodeURIComponent(DIGEST)}`)).toBe('suppressed');
  });
});

describe('what AWS suppressed, without reason and end', () => {
  const first = Date.UTC(2025, 4, 1);
  const suppressed = { 'i.json': [inspectorFinding({ status: 'SUPPRESSED' })] };
  it.each([
    [179, 'suppressed'],
    [180, 'expired'],
  ])('counts for the policy’s longest time: after %i days it is %s', async (days, state) => {
    const { findings } = await report(suppressed, { now: first + days * DAY });
    expect(findings[0]?.state).toBe(state);
  });

  it('does not count where nobody says since when the finding is known', async () => {
    const unknown = { ...inspectorFinding({ status: 'SUPPRESSED' }), firstObservedAt: undefined };
    const { findings } = await report({ 'i.json': [unknown] });
    expect(findings[0]?.state).toBe('open');
    expect(findings[0]?.decision.reasons.join()).toContain('nobody says since when');
  });
});

describe('too broad a suppression', () => {
  it.each([
    '{cve: "*"}',
    '{cve: "CVE-*"}',
    '{account: "111122223333"}',
    '{lane: vuln}',
    '{tool: trivy, region: eu-west-1}',
    '{package: "?*"}',
  ])('%s is refused', async (match) => {
    const rule = RULE.replace('{cve: CVE-2024-0001}', match);
    await expect(report(INPUT, { suppressions: [suppressions(rule)] })).rejects.toMatchObject({
      code: 'ROC_POLICY_INVALID',
      message: expect.stringContaining('more than wildcards'),
    });
  });
});
