import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import Report from '../../commands/vulns/report.js';
import { makeReport } from '../../src/vulns/report.js';
import { AwsFault } from '../helpers/aws-model/fake-aws.js';
import {
  type RestHandlers,
  type RestJsonFake,
  startRestJsonFake,
} from '../helpers/aws-model/rest-json-fake.js';
import { describeWith } from '../helpers/parts.js';
import { runCommand } from '../helpers/run-command.js';
import { NOW, report } from './run-report.js';
import { DIGEST, inspectorFinding, ocsfFinding } from './samples.js';

const REGION = 'eu-west-1';
const OWN = '111122223333';
const MEMBER = '444455556666';
const OFF = '777788889999';

/** A finding of one account; dates as the wire has them. */
function finding(account: string, cve: string) {
  const arn = `arn:aws:inspector2:${REGION}:${account}:finding/${cve.slice(-4)}`;
  const at = new Date('2025-05-01T00:00:00Z');
  const made = inspectorFinding({ arn, cve });
  const [resource] = made.resources;
  return {
    ...made,
    awsAccountId: account,
    remediation: {},
    firstObservedAt: at,
    lastObservedAt: at,
    updatedAt: at,
    resources: [{ ...resource, id: resource!.id.replace(OWN, account) }],
  };
}

const ENABLED = { status: 'ENABLED', errorCode: 'ALREADY_ENABLED', errorMessage: '-' };
const DISABLED = { ...ENABLED, status: 'DISABLED' };

function inspector(findings: readonly object[], perPage = 100): RestHandlers {
  return {
    'inspector2:ListMembers': () => ({
      members: [
        { accountId: MEMBER, relationshipStatus: 'ENABLED' },
        { accountId: OFF, relationshipStatus: 'CREATED' },
        { accountId: '000000000000', relationshipStatus: 'RESIGNED' },
      ],
    }),
    'inspector2:BatchGetAccountStatus': ({ accountIds }) => ({
      accounts: (accountIds as string[]).map((accountId) => ({
        accountId,
        state: ENABLED,
        resourceState: { ec2: ENABLED, ecr: accountId === MEMBER ? DISABLED : ENABLED, lambda: ENABLED },
      })),
      failedAccounts: [],
    }),
    'inspector2:ListCoverage': () => ({ coveredResources: [] }),
    'inspector2:BatchGetFindingDetails': () => ({ findingDetails: [], errors: [] }),
    'inspector2:ListFindings': ({ nextToken }) => {
      const from = Number(nextToken ?? 0);
      const to = from + perPage;
      return {
        findings: findings.slice(from, to),
        ...(to < findings.length ? { nextToken: String(to) } : {}),
      };
    },
  };
}

describeWith('botocore', 'a delegated administrator on a strict fake of AWS', () => {
  let fake: RestJsonFake;
  let store: string;
  beforeEach(() => {
    process.env['AWS_ACCESS_KEY_ID'] = 'testing';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'testing';
    store = mkdtempSync(join(tmpdir(), 'roc-live-'));
  });
  afterEach(async () => {
    rmSync(store, { recursive: true, force: true });
    const { problems } = fake;
    await fake.close();
    expect(problems).toEqual([]);
  });
  const start = async (handlers: RestHandlers): Promise<void> => {
    fake = await startRestJsonFake(['inspector2', 'guardduty', 'securityhub'], handlers);
  };
  const live = (services: readonly ('inspector' | 'guardduty' | 'securityhub')[], full = false) => ({
    services,
    targets: [{ region: REGION, endpointUrl: fake.url }],
    full,
  });
  const count = (call: string) => fake.calls.filter((one) => one.call === call).length;

  it('reads members’ findings with its own and tells which accounts and kinds nobody scans', async () => {
    await start(inspector([finding(OWN, 'CVE-2024-0001'), finding(MEMBER, 'CVE-2024-0001')]));
    const made = await report({}, { live: live(['inspector']) });
    expect(made.findings.map((f) => f.resource.account).sort()).toEqual([OWN, MEMBER]);
    expect(made.coverage.map(({ id, status, verdict }) => ({ id, status, verdict }))).toEqual([
      { id: `${MEMBER} ecr`, status: 'DISABLED', verdict: 'missing' },
      { id: OFF, status: 'CREATED', verdict: 'missing' },
    ]);
  });

  it('takes what a whole listing lacks for fixed, in members’ accounts as well', async () => {
    const findings = [finding(OWN, 'CVE-2024-0001'), finding(MEMBER, 'CVE-2024-0002')];
    const all = { ec2: ENABLED, ecr: ENABLED, lambda: ENABLED };
    await start({
      ...inspector(findings),
      'inspector2:BatchGetAccountStatus': ({ accountIds }) => ({
        accounts: (accountIds as string[]).map((accountId) => ({
          accountId,
          state: ENABLED,
          resourceState: all,
        })),
        failedAccounts: [],
      }),
    });
    await report({}, { store, live: live(['inspector']) });
    findings.pop();
    const made = await report({}, { store, live: live(['inspector'], true) });
    expect(made.summary).toMatchObject({ open: 1, fixed: 1, unasked: 0 });
  });

  it('takes nothing for fixed where its scanner was switched off', async () => {
    const findings = [finding(OWN, 'CVE-2024-0001'), finding(MEMBER, 'CVE-2024-0002')];
    await start(inspector(findings));
    await report({}, { store, live: live(['inspector']) });
    // The member scans no ECR images: what is not listed of them is not known to be gone.
    findings.length = 0;
    const made = await report({}, { store, live: live(['inspector'], true) });
    expect(made.summary).toMatchObject({ fixed: 1, unasked: 1 });
    expect(made.findings.map((f) => [f.state, f.resource.account])).toEqual([['fixed', OWN]]);
  });

  it('tells what Inspector knows and does not scan, and what is gone is no gap', async () => {
    const image = `arn:aws:ecr:${REGION}:${OWN}:repository/shop/api/${DIGEST}`;
    const resource = (resourceId: string, reason: string) => ({
      resourceType: 'AWS_ECR_CONTAINER_IMAGE',
      resourceId,
      accountId: OWN,
      scanType: 'PACKAGE',
      scanStatus: { statusCode: 'INACTIVE', reason },
      resourceMetadata: { ecrImage: { tags: ['v1'] } },
    });
    await start({
      ...inspector([]),
      'inspector2:ListMembers': () => ({ members: [] }),
      'inspector2:ListCoverage': ({ nextToken }) =>
        nextToken === undefined
          ? { coveredResources: [resource(image, 'IMAGE_SIZE_EXCEEDED')], nextToken: 'n' }
          : { coveredResources: [resource(`${image.slice(0, -1)}0`, 'RESOURCE_TERMINATED')] },
    });
    const made = await report({}, { live: live(['inspector']) });
    expect(made.coverage).toMatchObject([
      {
        tool: 'inspector',
        repo: 'shop/api',
        digest: DIGEST,
        tags: ['v1'],
        status: 'IMAGE_SIZE_EXCEEDED',
        verdict: 'missing',
      },
    ]);
  });

  it('asks for details once a CVE, ten a call, and takes CISA’s word for known exploited', async () => {
    const cves = Array.from({ length: 12 }, (_, n) => `CVE-2024-${1000 + n}`);
    const findings = cves.flatMap((cve) => [finding(OWN, cve), finding(MEMBER, cve)]);
    await start({
      ...inspector(findings, 5),
      'inspector2:BatchGetFindingDetails': ({ findingArns }) => ({
        findingDetails: (findingArns as string[])
          .filter((arn) => arn.endsWith('1003'))
          .map((findingArn) => ({
            findingArn,
            epssScore: 0.9,
            cisaData: { dateAdded: new Date('2025-04-01'), dateDue: new Date('2025-04-22'), action: 'Patch' },
          })),
        errors: [],
      }),
    });
    const made = await report({}, { live: live(['inspector']) });
    expect(made.findings.filter((f) => f.kev).map((f) => [f.ids.cve, f.epss])).toEqual([
      ['CVE-2024-1003', 0.9],
      ['CVE-2024-1003', 0.9],
    ]);
    expect(made.findings.find((f) => f.kev)?.decision.reasons.join()).toContain('CISA due date 2025-04-22');
    const asked = fake.calls
      .filter(({ call }) => call === 'inspector2:BatchGetFindingDetails')
      .flatMap(({ input }) => input['findingArns'] as string[]);
    expect(asked).toHaveLength(12);
  });

  it('does without details where they are refused, and says so once', async () => {
    await start({
      ...inspector([finding(OWN, 'CVE-2024-0001'), finding(OWN, 'CVE-2024-0002')], 1),
      'inspector2:BatchGetFindingDetails': () => {
        throw new AwsFault('AccessDeniedException', 'no', 403);
      },
    });
    const made = await report({}, { live: live(['inspector']) });
    expect(made.summary.total).toBe(2);
    expect(made.warnings.filter((line) => line.includes('details of findings'))).toHaveLength(1);
    expect(count('inspector2:BatchGetFindingDetails')).toBe(1);
  });

  it('takes nothing from the silence of a service that is off', async () => {
    const findings = [finding(OWN, 'CVE-2024-0001')];
    await start(inspector(findings));
    await report({}, { store, live: live(['inspector']) });
    await fake.close();
    await start({
      ...inspector([]),
      'inspector2:BatchGetAccountStatus': () => ({
        accounts: [
          {
            accountId: OWN,
            state: DISABLED,
            resourceState: { ec2: DISABLED, ecr: DISABLED, lambda: DISABLED },
          },
        ],
        failedAccounts: [],
      }),
    });
    const made = await report({}, { store, scope: ['all'], live: live(['inspector'], true) });
    expect(made.summary).toMatchObject({ fixed: 0, unasked: 1 });
    expect(made.coverage).toContainEqual(expect.objectContaining({ status: 'OFF', verdict: 'missing' }));
  });

  it('says that a region without a GuardDuty detector, or with a suspended one, is not watched', async () => {
    await start({ 'guardduty:ListDetectors': () => ({ DetectorIds: [] }) });
    expect((await report({}, { live: live(['guardduty']) })).coverage).toMatchObject([
      { tool: 'guardduty', status: 'OFF', why: expect.stringContaining('no detector') },
    ]);
    await fake.close();
    await start({
      'guardduty:ListDetectors': () => ({ DetectorIds: ['d1'] }),
      'guardduty:GetDetector': () => ({ ServiceRole: 'r', Status: 'DISABLED' }),
      'guardduty:ListMembers': () => ({
        Members: [
          { AccountId: OFF, MasterId: OWN, Email: 'e', RelationshipStatus: 'Disabled', UpdatedAt: '-' },
        ],
      }),
      'guardduty:ListFindings': () => ({ FindingIds: [] }),
    });
    expect((await report({}, { live: live(['guardduty']) })).coverage).toMatchObject([
      { id: OFF, status: 'Disabled' },
      { status: 'OFF', why: expect.stringContaining('suspended') },
    ]);
  });

  it('reads each role’s account with that role’s credentials, in each region', async () => {
    await start({
      ...inspector([]),
      'inspector2:ListMembers': () => ({ members: [] }),
      'inspector2:ListFindings': (_, from) => ({
        findings: from.region === REGION ? [finding(from.account, 'CVE-2024-0001')] : [],
      }),
    });
    const roles = [MEMBER, OFF].map((account) => `arn:aws:iam::${account}:role/audit`);
    const targets = [REGION, 'us-east-1'].flatMap((region) =>
      roles.map((roleArn) => ({ region, roleArn, endpointUrl: fake.url })),
    );
    const made = await report({}, { live: { services: ['inspector'], targets, full: false } });
    expect(made.findings.map((f) => f.resource.account).sort()).toEqual([MEMBER, OFF]);
    const assumed = fake.calls.filter(({ call }) => call === 'sts:AssumeRole').map((c) => c.input['RoleArn']);
    expect(new Set(assumed)).toEqual(new Set(roles));
  });

  it('reads Security Hub’s second version where it is on, and only what changed', async () => {
    const another = {
      ...ocsfFinding(),
      finding_info: { uid: 'arn:aws:inspector2:eu-west-1:1:finding/2', title: 'CVE-2024-0002 found' },
    };
    await start({
      'securityhub:DescribeSecurityHubV2': () => ({
        HubV2Arn: `arn:aws:securityhub:${REGION}:${OWN}:hubv2/h`,
      }),
      'securityhub:ListMembers': () => ({ Members: [{ AccountId: MEMBER, MemberStatus: 'Enabled' }] }),
      'securityhub:GetFindingsV2': ({ NextToken, Filters }) => {
        if (Filters !== undefined) return { Findings: [{ ...ocsfFinding(), activity_id: 3, status_id: 4 }] };
        return NextToken === undefined
          ? { Findings: [ocsfFinding()], NextToken: 'n' }
          : { Findings: [another] };
      },
    });
    const first = await report({}, { store, live: live(['securityhub']) });
    expect(first.findings.map((f) => f.sources[0]?.tool)).toEqual(['ocsf', 'ocsf']);
    const second = await report({}, { store, live: live(['securityhub']), now: NOW + 3_600_000 });
    expect(second.summary).toMatchObject({ fixed: 1, open: 1, unasked: 0 });
    expect(fake.calls.at(-1)?.input['Filters']).toEqual({
      CompositeFilters: [
        {
          DateFilters: [
            {
              FieldName: 'finding_info.modified_time_dt',
              Filter: { Start: '2025-05-31T23:50:00.000Z', End: '2025-06-01T01:00:00.000Z' },
            },
          ],
        },
      ],
    });
  });

  it('ends with the failure when credentials expire on the way, and calls nothing fixed', async () => {
    const findings = [
      finding(OWN, 'CVE-2024-0001'),
      finding(OWN, 'CVE-2024-0002'),
      finding(OWN, 'CVE-2024-0003'),
    ];
    const guardduty: RestHandlers = {
      'guardduty:ListDetectors': () => ({ DetectorIds: ['d1'] }),
      'guardduty:GetDetector': () => ({ ServiceRole: 'r', Status: 'ENABLED' }),
      'guardduty:ListMembers': () => ({ Members: [] }),
      'guardduty:ListFindings': () => ({ FindingIds: [] }),
    };
    await start({ ...inspector(findings), ...guardduty });
    const both = ['guardduty', 'inspector'] as const;
    await report({}, { store, live: live(both) });
    await fake.close();
    const expiring = inspector(findings, 1);
    const list = expiring['inspector2:ListFindings']!;
    await start({
      ...guardduty,
      ...expiring,
      'inspector2:ListFindings': (input, from) => {
        if (input['nextToken'] !== undefined)
          throw new AwsFault('ExpiredTokenException', 'The security token has expired', 403);
        return list(input, from);
      },
    });
    const options = { packageRoot: process.cwd(), inputs: [], now: NOW, jobs: 1, store, scope: ['all'] };
    const made = await makeReport({ ...options, live: live(both, true) });
    expect(made.incomplete).toMatchObject({ code: 'ROC_CREDENTIALS_MISSING', exitCode: 5 });
    expect(made.head.summary).toMatchObject({ open: 1, fixed: 0, unasked: 2 });
    expect(made.head.coverage).toContainEqual(
      expect.objectContaining({
        tool: 'inspector',
        status: 'ROC_CREDENTIALS_MISSING',
        verdict: 'missing',
      }),
    );
    expect(made.head.warnings.join()).toContain('could not be read whole');
    // The next delta begins where the last whole listing ended, not where this one broke off.
    await expect(makeReport({ ...options, live: live(['inspector'], true) })).rejects.toMatchObject({
      code: 'ROC_CREDENTIALS_MISSING',
    });
  });

  it('the command reads each region as each role, and exits 5 when one could not be read whole', async () => {
    const quiet = inspector([]);
    let isExpired = false;
    await start({
      ...quiet,
      'inspector2:ListMembers': () => ({ members: [] }),
      'inspector2:ListFindings': (_, { account, region }) => {
        if (isExpired && region === 'us-east-1')
          throw new AwsFault('ExpiredTokenException', 'The security token has expired', 403);
        return { findings: region === REGION ? [finding(account, 'CVE-2024-0001')] : [] };
      },
    });
    const env = {
      AWS_ENDPOINT_URL: fake.url,
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    const roles = [OWN, OFF].flatMap((account) => ['--role-arn', `arn:aws:iam::${account}:role/audit`]);
    const argv = [
      '--live',
      'inspector',
      '--regions',
      `${REGION}, us-east-1`,
      ...roles,
      '--now',
      '2025-06-01',
    ];
    const whole = await runCommand(Report, argv, { env });
    expect([whole.exitCode, whole.stderr]).toEqual([0, expect.not.stringContaining('could not be read')]);
    expect(whole.stdout).toContain('2 findings');
    isExpired = true;
    const half = await runCommand(Report, [...argv, '--fail-on', 'critical'], { env });
    expect(half.exitCode).toBe(5);
    expect(half.stdout).toContain('2 images or targets were not scanned');
    expect(half.stderr).toContain(
      `inspector in us-east-1 as arn:aws:iam::${OFF}:role/audit could not be read whole: inspector2:ListFindings: the AWS credentials have expired`,
    );
    const json = await runCommand(Report, [...argv, '--json'], { env });
    expect([json.exitCode, json.json<{ coverage: object[] }>().coverage.length]).toEqual([5, 2]);
  });
});
