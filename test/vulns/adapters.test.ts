import { describe, expect, it } from 'vitest';
import { withTempDir } from '../helpers/temp-dir.js';
import { NOW, report } from './run-report.js';
import { asffFinding } from './samples.js';

const DAY = 86_400_000;
const one = async (document: unknown, options = {}) => {
  const made = await report({ 'f.json': document }, options);
  return { ...made, states: made.findings.map((finding) => finding.state) };
};

describe('a bill of materials that calls itself unaffected', () => {
  const bom = (analysis: object) => ({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { timestamp: '2025-05-30T00:00:00Z', component: { type: 'application', name: 'shop' } },
    components: [{ 'bom-ref': 'a', name: 'openssl', version: '1' }],
    vulnerabilities: [
      { id: 'CVE-2024-0001', affects: [{ ref: 'a' }], ratings: [{ severity: 'critical' }], analysis },
    ],
  });
  it.each([
    [
      'for half a year after it said so',
      { state: 'not_affected', firstIssued: '2025-05-01T00:00:00Z' },
      'suppressed',
    ],
    ['not for ever', { state: 'false_positive', firstIssued: '2024-05-01T00:00:00Z' }, 'expired'],
    ['not without a date', { state: 'not_affected' }, 'open'],
    ['not while it is looking', { state: 'in_triage' }, 'open'],
  ])('is believed %s', async (_, analysis, state) => {
    expect((await one(bom(analysis))).states).toEqual([state]);
  });

  it('says nothing of a scan when it lists no vulnerabilities at all', async () => {
    const { vulnerabilities: _, ...plain } = bom({});
    expect((await one(plain)).coverage).toEqual([]);
  });
});

describe('SARIF', () => {
  const log = (run: object, result: object = {}) => ({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'scan' } },
        versionControlProvenance: [{ repositoryUri: 'https://git.example/shop' }],
        results: [{ ruleId: 'r1', level: 'error', message: { text: 'm' }, ...result }],
        ...run,
      },
    ],
  });

  it('of a run that failed is a gap, and hides no fix of before', async () => {
    await withTempDir(async (store) => {
      await one(log({}), { store });
      const made = await one(log({ results: [], invocations: [{ executionSuccessful: false }] }), {
        store,
        scope: ['all'],
      });
      expect(made.coverage).toMatchObject([{ tool: 'sarif', verdict: 'missing', status: 'FAILED' }]);
      expect(made.summary).toMatchObject({ fixed: 0, unasked: 1 });
    });
  });

  it('suppressed in the source counts from when it was first seen, where that is remembered', async () => {
    const input = log({}, { suppressions: [{ kind: 'inSource' }] });
    expect((await one(input)).states).toEqual(['open']);
    await withTempDir(async (store) => {
      const at = async (days: number) => (await one(input, { store, now: NOW + days * DAY })).states;
      expect(await at(0)).toEqual(['suppressed']);
      expect(await at(179)).toEqual(['suppressed']);
      expect(await at(180)).toEqual(['expired']);
    });
  });
});

describe('what scanners leave out themselves', () => {
  it('Trivy’s and Grype’s ignore rules are told', async () => {
    const trivy = {
      SchemaVersion: 2,
      ArtifactName: 'x',
      Results: [
        { Target: 't', ExperimentalModifiedFindings: [{ Status: 'ignored' }, { Status: 'ignored' }] },
      ],
    };
    const made = await one(trivy);
    expect(made.intake.left).toMatchObject({ ignored: 2 });
    expect(made.warnings.join()).toContain('2 findings were set aside by the scanners');
    const grype = {
      matches: [],
      ignoredMatches: [{ vulnerability: { id: 'CVE-2024-0001' } }],
      source: { type: 'image', target: { userInput: 'shop:1' } },
      descriptor: { name: 'grype' },
    };
    expect((await one(grype)).intake.left).toMatchObject({ ignored: 1 });
  });

  it('a system past its end of life is a gap', async () => {
    const trivy = {
      SchemaVersion: 2,
      ArtifactName: 'shop:1',
      ArtifactType: 'container_image',
      Metadata: { OS: { Family: 'debian', Name: '9.13', EOSL: true } },
      Results: [],
    };
    expect((await one(trivy)).coverage).toMatchObject([
      {
        tool: 'trivy',
        verdict: 'missing',
        status: 'END_OF_LIFE',
        why: expect.stringContaining('debian 9.13'),
      },
    ]);
  });
});

describe('a vulnerability whose record also says that a control passed', () => {
  it('is a vulnerability', async () => {
    expect((await one([{ ...asffFinding(), Compliance: { Status: 'PASSED' } }])).states).toEqual(['open']);
  });
});
