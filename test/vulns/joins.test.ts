import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { joinedStatus } from '../../src/vulns/collect/joined-status.js';
import type { Observation } from '../../src/vulns/model.js';
import { report } from './run-report.js';
import { ARN, asffFinding, DIGEST, ecrEnhanced, inspectorFinding } from './samples.js';

const pkg = (name: string, fixedIn: string) => ({
  name,
  version: '8.0.0',
  release: '1',
  packageManager: 'OS',
  fixedInVersion: fixedIn,
});

/** One Inspector finding that covers several packages, as Inspector and Security Hub list them. */
function inspectorOf(...packages: ReturnType<typeof pkg>[]) {
  const made = inspectorFinding();
  return {
    ...made,
    packageVulnerabilityDetails: { ...made.packageVulnerabilityDetails, vulnerablePackages: packages },
  };
}

const IMAGE = `111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/api`;
/** The same image as Trivy reports it, a row a package. */
const trivy = (...names: string[]) => ({
  SchemaVersion: 2,
  ArtifactName: `${IMAGE}:release`,
  ArtifactType: 'container_image',
  Metadata: { RepoDigests: [`${IMAGE}@${DIGEST}`] },
  Results: [
    {
      Target: 'debian',
      Class: 'os-pkgs',
      Type: 'debian',
      Vulnerabilities: names.map((PkgName) => ({
        VulnerabilityID: 'CVE-2024-0001',
        PkgName,
        InstalledVersion: '8.0.0-1',
        Severity: 'HIGH',
        Title: `${PkgName}: a hole`,
      })),
    },
  ],
});

describe('a finding of several packages', () => {
  const several = inspectorOf(pkg('libcurl', '8.2.0-1'), pkg('curl', '8.1.0-1'));

  it('is one finding that names them all', async () => {
    const { findings } = await report({ 'i.json': [several] });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      package: { name: 'curl', fixedIn: '8.1.0-1' },
      alsoIn: [{ name: 'libcurl', version: '8.0.0-1', fixedIn: '8.2.0-1' }],
      remedy: 'upgrade curl to 8.1.0-1, libcurl to 8.2.0-1',
    });
  });

  it('joins what another tool says of each of its packages', async () => {
    const { findings } = await report({
      'i.json': [several],
      't.json': trivy('libcurl', 'curl', 'wget'),
      'a.json': [asffFinding({ pkg: 'libcurl', arn: 'third-party-17' })],
    });
    expect(findings.map((f) => [f.package?.name, f.sources.length]).sort()).toEqual([
      ['curl', 4],
      ['wget', 1],
    ]);
    expect(findings.find((f) => f.package?.name === 'curl')?.package?.fixedIn).toBe('8.1.0-1');
  });

  it('keeps its key when another tool is added', async () => {
    const alone = await report({ 'i.json': [several] });
    const joined = await report({ 't.json': trivy('libcurl', 'curl'), 'i.json': [several] });
    expect(joined.findings.map((f) => f.key)).toEqual(alone.findings.map((f) => f.key));
  });

  it('keeps different problems apart that share a package', async () => {
    const other = { ...several, findingArn: `${ARN.slice(0, -1)}e` };
    other.packageVulnerabilityDetails = {
      ...several.packageVulnerabilityDetails,
      vulnerabilityId: 'CVE-2024-0002',
    };
    expect((await report({ 'i.json': [several, other] })).findings).toHaveLength(2);
  });
});

describe('ids that must not join', () => {
  it('an empty ARN joins nothing', async () => {
    const findings = ['CVE-2024-0001', 'CVE-2024-0002'].map((cve) => inspectorFinding({ cve, arn: '' }));
    expect((await report({ 'i.json': findings })).findings).toHaveLength(2);
  });

  it('an imported finding cannot take the ARN of Inspector’s and close it', async () => {
    const forged = {
      ...asffFinding({ cve: 'CVE-1999-0001', pkg: 'nothing', status: 'ARCHIVED' }),
      ProductArn: 'arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default',
      LastObservedAt: '2099-01-01T00:00:00Z',
    };
    const { findings, summary } = await report({ 'i.json': [inspectorFinding()], 'h.json': [forged] });
    expect(summary.total).toBe(1);
    expect(findings[0]).toMatchObject({ ids: { cve: 'CVE-2024-0001' }, sources: [{ tool: 'inspector' }] });
  });

  it('what one tool closed is open while another still sees it', async () => {
    const closed = inspectorFinding({ status: 'CLOSED', pkg: 'curl' });
    for (const files of [
      { 'i.json': [closed], 't.json': trivy('curl') },
      { 't.json': trivy('curl'), 'z.json': [closed] },
    ])
      expect((await report(files)).summary.total).toBe(1);
  });
});

describe('a tool that names the account for whatever is in it', () => {
  const user = (name: string, extra: object = {}) => ({
    ...asffFinding({ arn: `prowler-1.2-${name}` }),
    ProductArn: 'arn:aws:securityhub:eu-west-1::product/prowler/prowler',
    Types: ['Software and Configuration Checks'],
    GeneratorId: 'prowler-check12',
    Vulnerabilities: undefined,
    Compliance: { Status: 'FAILED' },
    Resources: [{ Type: 'AwsIamUser', Id: 'AWS::::Account:111122223333' }],
    ...extra,
  });

  it('has a finding for each of its ids', async () => {
    expect((await report({ 'h.json': [user('ana'), user('bo'), user('ana')] })).findings).toHaveLength(2);
  });

  it('is one finding where it names a control of the account', async () => {
    const control = { Compliance: { Status: 'FAILED', SecurityControlId: 'IAM.5' } };
    const made = await report({ 'h.json': [user('ana', control), user('bo', control)] });
    expect(made.findings).toHaveLength(1);
  });
});

describe('the status of a joined finding', () => {
  const seen = (status: Observation['status'], lastSeen?: number, arn = 'arn:a'): Observation =>
    ({ status, lastSeen, arn, tool: 'inspector', sourceId: arn }) as Observation;
  it.each([
    ['the latest word of one record', [seen('active', 1), seen('closed', 2)], 'closed'],
    ['the latest word, whatever the order', [seen('closed', 2), seen('active', 3)], 'active'],
    ['open at the same instant', [seen('closed', 2), seen('active', 2)], 'active'],
    ['open without a time', [seen('active'), seen('closed', 9)], 'active'],
    ['closed without a time is outvoted', [seen('closed'), seen('active', 1)], 'active'],
    ['open in any other record', [seen('closed', 9, 'arn:b'), seen('active', 1)], 'active'],
    ['suppressed before closed', [seen('closed', 9, 'arn:b'), seen('suppressed', 1)], 'suppressed'],
  ] as const)('%s', (_, from, status) => expect(joinedStatus(from)).toBe(status));
});

describe('silence where nobody could look', () => {
  let store: string;
  beforeEach(() => {
    store = mkdtempSync(join(tmpdir(), 'roc-store-'));
  });
  afterEach(() => rmSync(store, { recursive: true, force: true }));
  const all = { scope: ['all'] };

  it('is no fix in an image whose scan failed, whatever was declared', async () => {
    await report({ 'e.json': ecrEnhanced() }, { store });
    const failed = { ...ecrEnhanced(), imageScanStatus: { status: 'FAILED' }, imageScanFindings: null };
    const made = await report({ 'e.json': failed }, { store, ...all });
    expect(made.summary).toMatchObject({ fixed: 0, unasked: 1 });
  });

  it('is no fix under a tag that moved on to an image which nobody scanned', async () => {
    await report({ 'e.json': ecrEnhanced() }, { store });
    const pending = {
      ...ecrEnhanced({ digest: `sha256:${'cd'.repeat(32)}` }),
      imageScanStatus: { status: 'PENDING' },
      imageScanFindings: null,
    };
    expect((await report({ 'e.json': pending }, { store, ...all })).summary.fixed).toBe(0);
  });

  it.each([
    ['a cut file', `{"findings":[${JSON.stringify(inspectorFinding({ cve: 'CVE-2024-0002' }))},{"findin`],
    ['a damaged line', `${JSON.stringify(inspectorFinding({ cve: 'CVE-2024-0002' }))}\n{"findingArn": tr`],
    [
      'an unknown format',
      `[${JSON.stringify(inspectorFinding({ cve: 'CVE-2024-0002' }))},{"hello":"world"}]`,
    ],
  ])('is no fix when records were lost: %s', async (_, text) => {
    await report({ 'i.json': [inspectorFinding()] }, { store });
    const made = await report({ 'i.json': text }, { store, ...all });
    expect(made.summary).toMatchObject({ fixed: 0, unasked: 1 });
    expect(made.warnings.join()).toContain('nothing that is absent counts as fixed');
  });

  it('is a fix where everything was read, a null among the records notwithstanding', async () => {
    await report({ 'i.json': [inspectorFinding()] }, { store });
    expect((await report({ 'i.json': '[null]' }, { store, ...all })).summary.fixed).toBe(1);
  });
});
