import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseFailOn } from '../../../src/vulns/fail-on.js';
import { report } from '../run-report.js';
import { inspectorFinding } from '../samples.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'roc-policy-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function policy(change: (text: string) => string): string {
  const file = join(dir, 'p.yaml');
  writeFileSync(file, change(readFileSync('policies/vulns.yaml', 'utf8')));
  return file;
}

/** KEV and SSVC feeds that know CVE-2024-0001. */
function feeds(kev: boolean, ssvc?: string): string {
  const vulnerabilities = kev
    ? [
        {
          cveID: 'CVE-2024-0001',
          dateAdded: '2025-05-01',
          dueDate: '2025-05-22',
          knownRansomwareCampaignUse: 'Known',
        },
      ]
    : [];
  writeFileSync(
    join(dir, 'kev.json'),
    JSON.stringify({ dateReleased: '2025-05-31T00:00:00Z', count: 1, vulnerabilities }),
  );
  writeFileSync(
    join(dir, 'epss.csv'),
    '#model_version:v2025,score_date:2025-05-31T00:00:00+0000\ncve,epss,percentile\nCVE-2024-0001,0.42,0.97\n',
  );
  if (ssvc !== undefined)
    writeFileSync(
      join(dir, 'ssvc.csv'),
      `cve,exploitation,automatable,technical_impact\nCVE-2024-0001,${ssvc}\n`,
    );
  return dir;
}

const INPUT = { 'i.json': [inspectorFinding()] };
const suppress = (extra: string) => (text: string) =>
  text.replace(
    'suppress: []',
    `suppress: [{id: S-1, match: {cve: CVE-2024-0001}, reason: r, by: ana, created: 2025-05-01, ${extra}}]`,
  );

describe('all sixteen rows reach a finding through feeds and policy', () => {
  const yes = ['yes', 'no'] as const;
  const rows = yes.flatMap((kev) =>
    yes.flatMap((exposed) =>
      yes.flatMap((auto) => ['partial', 'total'].map((impact) => [kev, exposed, auto, impact] as const)),
    ),
  );
  it.each(rows)('kev=%s exposed=%s automatable=%s impact=%s', async (kev, exposed, auto, impact) => {
    const made = await report(INPUT, {
      feeds: feeds(kev === 'yes', `none,${auto},${impact}`),
      policy: policy((text) =>
        text.replace(
          'unknownExposureAs: private',
          `unknownExposureAs: ${exposed === 'yes' ? 'public' : 'private'}`,
        ),
      ),
    });
    const { decision } = made.findings[0]!;
    expect(decision.basis).toBe('table');
    expect(decision.reasons[0]).toContain(
      `inKev=${kev}, exposed=${exposed}, automatable=${auto}, impact=${impact}`,
    );
    if (decision.action === 'fix-on-upgrade')
      expect(decision).toMatchObject({ days: null, dueAt: null, overdue: false });
    else
      expect(decision.dueAt).toBe(new Date(Date.UTC(2025, 4, 1) + decision.days! * 86_400_000).toISOString());
  });
});

describe('suppressions', () => {
  it.each([
    ['2025-06-01T00:00:01Z', 'suppressed'],
    ['2025-06-01T00:00:00Z', 'expired'],
  ])('that ends at %s leaves the finding %s at midnight of the first of June', async (expires, state) => {
    const made = await report(INPUT, {
      policy: policy(suppress(`expires: ${expires}`)),
      gates: [parseFailOn('critical')],
    });
    expect(made.findings[0]?.state).toBe(state);
    expect(made.gates[0]?.passed).toBe(state === 'suppressed');
    expect(made.summary.bySeverity.critical).toBe(state === 'suppressed' ? 0 : 1);
  });

  it.each([
    ['', 'open'],
    [', allowKev: true', 'suppressed'],
  ])('known exploited and exposed with "%s" stays %s', async (extra, state) => {
    const made = await report(INPUT, {
      feeds: feeds(true),
      policy: policy((text) =>
        suppress(`expires: 2025-08-01${extra}`)(text).replace(
          'unknownExposureAs: private',
          'unknownExposureAs: public',
        ),
      ),
    });
    expect(made.findings[0]?.state).toBe(state);
  });

  it('that match nothing are told', async () => {
    const made = await report(
      { 'i.json': [inspectorFinding({ cve: 'CVE-2024-9' })] },
      { policy: policy(suppress('expires: 2025-08-01')) },
    );
    expect(made.warnings).toContain('suppressions that match nothing: S-1');
  });

  it.each([
    ['no end', suppress('status: accepted')],
    [
      'no reason',
      (text: string) => suppress('expires: 2025-08-01')(text).replace('reason: r', 'reason: " "'),
    ],
    ['an end beyond the limit', suppress('expires: 2026-08-01')],
    ['an end before its start', suppress('expires: 2025-04-01')],
    ['an unknown key', (text: string) => text.replace('version: 1', 'version: 1\nextra: 1')],
  ])('with %s are refused', async (_, change) => {
    await expect(report(INPUT, { policy: policy(change) })).rejects.toMatchObject({
      code: 'ROC_POLICY_INVALID',
    });
  });
});

describe('beside the table', () => {
  it('moves a likely exploited finding up one step, and says that this is its own rule', async () => {
    const made = await report(INPUT, {
      feeds: feeds(false, 'none,no,partial'),
      policy: policy((text) => text.replace('epssFloor: 0.5', 'epssFloor: 0.4')),
    });
    expect(made.findings[0]?.decision).toMatchObject({ action: 'fix-60d', days: 60 });
    expect(made.findings[0]?.decision.reasons.join()).toContain('not of the table');
  });

  it('raises an urgent finding on a resource under attack', async () => {
    const instance = { type: 'AWS_EC2_INSTANCE', id: 'i-0abc', region: 'eu-west-1' };
    const threat = {
      Arn: 'arn:aws:guardduty:eu-west-1:1:detector/d/finding/f',
      Id: 'f',
      AccountId: '111122223333',
      Type: 'Backdoor:EC2/C&CActivity.B',
      Severity: 8,
      Title: 't',
      Service: { Archived: false },
      Resource: { InstanceDetails: { InstanceId: 'i-0abc' } },
    };
    const made = await report(
      { 'i.json': [{ ...inspectorFinding(), resources: [instance] }], 'g.json': [threat] },
      { feeds: feeds(true, 'none,no,partial') },
    );
    expect(made.findings.find((f) => f.lane === 'vuln')?.decision).toMatchObject({
      action: 'fix-3d-forensic',
      days: 3,
    });
  });

  it('takes reachability that Inspector proved for exposure', async () => {
    const instance = [{ type: 'AWS_EC2_INSTANCE', id: 'i-0abc', region: 'eu-west-1' }];
    const reach = {
      ...inspectorFinding({ arn: 'arn:aws:inspector2:eu-west-1:1:finding/r' }),
      type: 'NETWORK_REACHABILITY',
      packageVulnerabilityDetails: undefined,
      networkReachabilityDetails: {
        openPortRange: { begin: 22, end: 22 },
        protocol: 'TCP',
        networkPath: { steps: [] },
      },
      resources: instance,
    };
    const made = await report(
      { 'i.json': [{ ...inspectorFinding(), resources: instance }, reach] },
      { feeds: feeds(false, 'none,yes,total') },
    );
    const vuln = made.findings.find((f) => f.lane === 'vuln');
    expect(vuln).toMatchObject({ exposure: 'public', decision: { action: 'fix-3d', row: 14 } });
    expect(vuln?.decision.reasons.join()).toContain('Inspector reached port 22/TCP');
  });

  it('refuses to decide without feeds when they are required', async () => {
    await expect(report(INPUT, { requireFeeds: true })).rejects.toMatchObject({ code: 'ROC_INVALID_INPUT' });
  });
});
