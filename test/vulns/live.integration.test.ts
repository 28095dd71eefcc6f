import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { LiveRequest } from '../../src/vulns/live.js';
import { AwsFault } from '../helpers/aws-model/fake-aws.js';
import {
  type RestHandlers,
  type RestJsonFake,
  startRestJsonFake,
} from '../helpers/aws-model/rest-json-fake.js';
import { type Moto, startMoto } from '../helpers/moto.js';
import { describeWith } from '../helpers/parts.js';
import { NOW, report } from './run-report.js';
import { inspectorFinding } from './samples.js';

const REGION = 'eu-west-1';
const ACCOUNT = '111122223333';

function useCredentials(): void {
  process.env['AWS_ACCESS_KEY_ID'] = 'testing';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'testing';
}

function live(url: string, services: LiveRequest['services'], full = false): LiveRequest {
  return { services, targets: [{ region: REGION, endpointUrl: url }], full };
}

describeWith('aws', 'live mode on moto', () => {
  let moto: Moto;
  beforeAll(async () => {
    useCredentials();
    moto = await startMoto(REGION);
  });
  afterAll(() => moto?.stop());
  beforeEach(() => moto.reset());

  const post = (path: string, body: unknown) =>
    fetch(`${moto.url}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });

  /** One image in each repository; returns its digest. */
  async function pushImage(repositoryName: string): Promise<string> {
    const { CreateRepositoryCommand, ECRClient, PutImageCommand } = await import('@aws-sdk/client-ecr');
    const client = new ECRClient({ region: REGION, endpoint: moto.url });
    await client.send(new CreateRepositoryCommand({ repositoryName }));
    const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
    const config = { digest: `sha256:${'0'.repeat(64)}`, size: 1, mediaType };
    const imageManifest = JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config,
      layers: [],
      name: repositoryName,
    });
    const put = await client.send(new PutImageCommand({ repositoryName, imageManifest, imageTag: 'v1' }));
    client.destroy();
    return put.image?.imageId?.imageDigest ?? '';
  }

  it('reads ECR: scanned, failed and never scanned images', async () => {
    const { ECRClient, StartImageScanCommand } = await import('@aws-sdk/client-ecr');
    const client = new ECRClient({ region: REGION, endpoint: moto.url });
    const failedDigest = await pushImage('shop/failed');
    await pushImage('shop/scanned');
    await pushImage('shop/untouched');
    for (const repositoryName of ['shop/scanned', 'shop/failed'])
      await client.send(new StartImageScanCommand({ repositoryName, imageId: { imageTag: 'v1' } }));
    client.destroy();
    await post('/moto-api/static/ecr/scan-finding-results', {
      region: REGION,
      results: [
        {
          imageId: { imageDigest: failedDigest },
          repositoryName: 'shop/failed',
          imageScanStatus: { status: 'FAILED', description: 'UnsupportedImageError' },
          imageScanFindings: null,
        },
      ],
    });
    const made = await report({}, { live: live(moto.url, ['ecr']) });
    expect(made.findings).toMatchObject([
      { ids: { cve: 'CVE-9999-9999' }, resource: { repo: 'shop/scanned', region: REGION } },
    ]);
    const verdicts = Object.fromEntries(made.coverage.map((entry) => [entry.repo, entry.verdict]));
    expect(verdicts).toEqual({
      'shop/failed': 'missing',
      'shop/scanned': 'scanned',
      'shop/untouched': 'missing',
    });
  });

  it('reads Inspector', async () => {
    await post('/moto-api/static/inspector2/findings-results', {
      region: REGION,
      // moto hands the times on as they are, and the wire has seconds.
      results: [
        [
          {
            ...inspectorFinding({ severity: 'HIGH' }),
            firstObservedAt: 1_746_057_600,
            lastObservedAt: 1_747_699_200,
            updatedAt: 1_747_699_200,
          },
        ],
      ],
    });
    const made = await report({}, { live: live(moto.url, ['inspector']) });
    expect(made.findings).toMatchObject([
      { severity: 'high', sources: [{ tool: 'inspector', file: `live:inspector:${REGION}` }] },
    ]);
  });
});

describeWith('botocore', 'live mode on a strict fake of AWS', () => {
  let fake: RestJsonFake;
  let store: string;
  beforeEach(() => {
    useCredentials();
    store = mkdtempSync(join(tmpdir(), 'roc-live-'));
  });
  afterEach(async () => {
    rmSync(store, { recursive: true, force: true });
    const { problems } = fake;
    await fake.close();
    expect(problems).toEqual([]);
  });

  const start = async (handlers: RestHandlers): Promise<void> => {
    fake = await startRestJsonFake(['guardduty', 'securityhub', 'inspector2'], handlers);
  };

  const threat = (n: number, extra: object = {}) => ({
    AccountId: ACCOUNT,
    Arn: `arn:aws:guardduty:${REGION}:${ACCOUNT}:detector/d1/finding/${n}`,
    CreatedAt: '2025-05-30T00:00:00.000Z',
    Id: `f${n}`,
    Region: REGION,
    Resource: { ResourceType: 'Instance', InstanceDetails: { InstanceId: `i-${n}` } },
    SchemaVersion: '2.0',
    Service: {
      Archived: false,
      EventFirstSeen: '2025-05-30T00:00:00.000Z',
      EventLastSeen: '2025-05-31T00:00:00.000Z',
    },
    Severity: 8.95,
    Title: `threat ${n}`,
    Type: 'Backdoor:EC2/C&CActivity.B',
    UpdatedAt: '2025-05-31T00:00:00.000Z',
    ...extra,
  });

  function guardDuty(threats: readonly ReturnType<typeof threat>[], perPage: number): RestHandlers {
    const known = new Map(threats.map((each) => [each.Id, each]));
    return {
      'guardduty:ListDetectors': () => ({ DetectorIds: ['d1'] }),
      'guardduty:GetDetector': () => ({ ServiceRole: 'r', Status: 'ENABLED' }),
      'guardduty:ListMembers': () => ({ Members: [] }),
      'guardduty:ListFindings': ({ NextToken }) => {
        const from = Number(NextToken ?? 0);
        const ids = [...known.keys()];
        return {
          FindingIds: ids.slice(from, from + perPage),
          NextToken: from + perPage < ids.length ? `${from + perPage}` : '',
        };
      },
      'guardduty:GetFindings': ({ FindingIds }) => ({
        Findings: (FindingIds as string[]).map((id) => known.get(id)),
      }),
    };
  }

  it('reads GuardDuty page by page, at most 50 findings a call; drops samples and archived ones', async () => {
    const threats = Array.from({ length: 120 }, (_, n) => threat(n));
    threats.push(threat(900, { Title: '[SAMPLE] x' }), threat(901, { Service: { Archived: true } }));
    await start(guardDuty(threats, 50));
    const made = await report({}, { live: live(fake.url, ['guardduty']) });
    expect(made.summary).toMatchObject({
      total: 120,
      bySeverity: { high: 120 },
      byAction: { investigate: 120 },
    });
    expect(made.intake.left).toMatchObject({ sample: 1, archived: 1 });
    const sizes = fake.calls
      .filter(({ call }) => call === 'guardduty:GetFindings')
      .map(({ input }) => (input['FindingIds'] as string[]).length);
    expect(sizes).toEqual([50, 50, 22]);
  });

  it('calls an attack sequence urgent whatever its severity', async () => {
    await start(guardDuty([threat(1, { Type: 'AttackSequence:S3/CompromisedData', Severity: 4 })], 50));
    const made = await report({}, { live: live(fake.url, ['guardduty']) });
    expect(made.findings[0]?.decision).toMatchObject({ action: 'investigate', days: 0, overdue: true });
  });

  const hubFinding = (n: number) => ({
    SchemaVersion: '2018-10-08',
    Id: `arn:aws:securityhub:${REGION}:${ACCOUNT}:finding/${n}`,
    ProductArn: `arn:aws:securityhub:${REGION}::product/aws/securityhub`,
    GeneratorId: `security-control/S3.${n}`,
    AwsAccountId: ACCOUNT,
    CreatedAt: '2025-05-01T00:00:00Z',
    UpdatedAt: '2025-05-02T00:00:00Z',
    Severity: { Label: 'MEDIUM' },
    Title: `control ${n}`,
    Description: 'sample',
    Compliance: { Status: 'FAILED', SecurityControlId: `S3.${n}` },
    Resources: [{ Type: 'AwsS3Bucket', Id: `arn:aws:s3:::bucket-${n}`, Region: REGION }],
  });

  const hub = (findings: readonly object[], throttles: { left: number } = { left: 0 }): RestHandlers => ({
    'securityhub:DescribeSecurityHubV2': () => {
      throw new AwsFault('ResourceNotFoundException', 'not enabled', 404);
    },
    'securityhub:ListMembers': () => ({ Members: [] }),
    'securityhub:GetFindings': ({ NextToken, MaxResults }) => {
      if (throttles.left-- > 0) throw new AwsFault('TooManyRequestsException', 'slow down', 429);
      const from = Number(NextToken ?? 0);
      const to = from + Number(MaxResults);
      return {
        Findings: findings.slice(from, to),
        ...(to < findings.length ? { NextToken: String(to) } : {}),
      };
    },
  });

  it('reads Security Hub over pages and through throttling', async () => {
    await start(
      hub(
        Array.from({ length: 230 }, (_, n) => hubFinding(n)),
        { left: 2 },
      ),
    );
    const made = await report({}, { live: live(fake.url, ['securityhub']) });
    expect(made.summary.total).toBe(230);
    expect(
      fake.calls
        .filter(({ call }) => call === 'securityhub:GetFindings')
        .map(({ input }) => input['MaxResults']),
    ).toEqual([100, 100, 100, 100, 100]);
  });

  it('asks only for what changed since the last run, and takes silence for “as before”', async () => {
    const findings = [hubFinding(1), hubFinding(2)];
    await start({
      ...hub(findings),
      'securityhub:GetFindings': ({ Filters }) => ({
        Findings: Filters === undefined ? findings : [{ ...hubFinding(1), RecordState: 'ARCHIVED' }],
      }),
    });
    const first = await report({}, { store, live: live(fake.url, ['securityhub']), now: NOW });
    expect(first.summary).toMatchObject({ new: 2, fixed: 0 });
    const second = await report({}, { store, live: live(fake.url, ['securityhub']), now: NOW + 3_600_000 });
    expect(second.summary).toMatchObject({ new: 0, open: 1, fixed: 1, unasked: 0 });
    const windows = fake.calls
      .filter(({ call }) => call === 'securityhub:GetFindings')
      .map(({ input }) => input['Filters']);
    expect(windows).toEqual([
      undefined,
      { UpdatedAt: [{ Start: '2025-05-31T23:50:00.000Z', End: '2025-06-01T01:00:00.000Z' }] },
    ]);
  });

  it('decides an unchanged finding as before, by what was proved about its resource then', async () => {
    const attacked = { ...hubFinding(1), Resources: [{ Type: 'AwsEc2Instance', Id: 'i-1', Region: REGION }] };
    const vulnerable = {
      ...attacked,
      Id: `arn:aws:inspector2:${REGION}:${ACCOUNT}:finding/2`,
      ProductArn: `arn:aws:securityhub:${REGION}::product/aws/inspector`,
      Compliance: undefined,
      Severity: { Label: 'CRITICAL' },
      Vulnerabilities: [{ Id: 'CVE-2024-0001', VulnerablePackages: [{ Name: 'openssl' }] }],
    };
    await start({
      ...hub([]),
      ...guardDuty([threat(1)], 50),
      'securityhub:GetFindings': ({ Filters }) => ({ Findings: Filters === undefined ? [vulnerable] : [] }),
      'guardduty:ListFindings': ({ FindingCriteria }) => ({
        FindingIds: FindingCriteria === undefined ? ['f1'] : [],
      }),
    });
    const both = live(fake.url, ['securityhub', 'guardduty']);
    const decisionOf = (made: Awaited<ReturnType<typeof report>>) =>
      made.findings.find((finding) => finding.lane === 'vuln')?.decision;
    const first = await report({}, { store, live: both });
    expect(decisionOf(first)).toMatchObject({ action: 'fix-3d-forensic' });
    const second = await report({}, { store, live: both, now: NOW + 3_600_000 });
    expect(second.summary).toMatchObject({ new: 0, open: 2, fixed: 0 });
    expect(decisionOf(second)).toEqual(decisionOf(first));
  });

  it('a complete listing without a finding means that it is fixed', async () => {
    const findings = [hubFinding(1), hubFinding(2)];
    await start({ ...hub(findings), 'securityhub:GetFindings': () => ({ Findings: findings }) });
    await report({}, { store, live: live(fake.url, ['securityhub']) });
    findings.pop();
    const made = await report({}, { store, live: live(fake.url, ['securityhub'], true) });
    expect(made.summary).toMatchObject({ open: 1, fixed: 1 });
  });

  it('a service that refuses is a gap in the coverage, and nothing of it counts as fixed', async () => {
    await start({ ...hub([hubFinding(1)]), ...guardDuty([threat(1)], 50) });
    await report({}, { store, live: live(fake.url, ['securityhub', 'guardduty']) });
    await fake.close();
    await start({
      ...hub([hubFinding(1)]),
      'guardduty:ListDetectors': () => {
        throw new AwsFault('AccessDeniedException', 'not allowed', 403);
      },
    });
    const made = await report({}, { store, live: live(fake.url, ['securityhub', 'guardduty'], true) });
    expect(made.coverage).toMatchObject([{ tool: 'guardduty', verdict: 'missing', status: 'ROC_FORBIDDEN' }]);
    expect(made.summary).toMatchObject({ fixed: 0, unasked: 1 });
  });

  it('fails when nothing at all could be read', async () => {
    await start({
      'guardduty:ListDetectors': () => {
        throw new AwsFault('AccessDeniedException', 'not allowed', 403);
      },
    });
    await expect(report({}, { live: live(fake.url, ['guardduty']) })).rejects.toMatchObject({
      code: 'ROC_FORBIDDEN',
    });
  });
});
