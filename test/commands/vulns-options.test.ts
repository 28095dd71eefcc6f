import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import Explain from '../../commands/vulns/explain.js';
import Report from '../../commands/vulns/report.js';
import { canonicalSha256 } from '../../src/kernel/canonical-json.js';
import { evidenceOf, type VulnsEvidence } from '../../src/vulns/evidence.js';
import type { FindingGroup } from '../../src/vulns/groups.js';
import type { Finding } from '../../src/vulns/model.js';
import { makeReport } from '../../src/vulns/report.js';
import { startLiveServer } from '../helpers/live-server.js';
import { type CommandEnd, runCommand } from '../helpers/run-command.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { DIGEST, ecrEnhanced, inspectorFinding } from '../vulns/samples.js';

interface Made {
  readonly findings: Finding[];
  readonly groups?: FindingGroup[];
  readonly summary: { readonly total: number };
}

let dir: string;
beforeEach(() => {
  dir = makeTempDir('vulns');
});
afterEach(() => removeDir(dir));
const at = (name: string) => join(dir, name);
const put = (name: string, value: unknown) => {
  writeFileSync(at(name), typeof value === 'string' ? value : JSON.stringify(value));
  return at(name);
};
const roc = (...argv: string[]): Promise<CommandEnd> => runCommand(Report, [...argv, '--now', '2025-06-01']);
const made = async (...argv: string[]): Promise<Made> => (await roc(...argv, '--json')).json<Made>();
const cve = (n: number, extra = {}) => ({
  ...inspectorFinding({ cve: `CVE-2024-${1000 + n}`, arn: `arn:aws:inspector2:eu-west-1:1:finding/${n}` }),
  ...extra,
});

describe('--baseline', () => {
  const base = async (format: string) => {
    await roc(put('main.json', [cve(1), cve(2)]), '--output', `${at('base')}=${format}`);
    return at('base');
  };

  it.each(['json', 'jsonl'])('tells what is new against an earlier %s report', async (format) => {
    const baseline = await base(format);
    const { findings } = await made(put('pr.json', [cve(2), cve(3)]), '--baseline', baseline);
    expect(findings.map((f) => [f.ids.cve, f.state]).sort()).toEqual([
      ['CVE-2024-1002', 'open'],
      ['CVE-2024-1003', 'new'],
    ]);
    const gate = ['--baseline', baseline, '--fail-on', 'new,critical'];
    expect((await roc(at('pr.json'), ...gate)).exitCode).toBe(3);
    expect((await roc(at('main.json'), ...gate)).exitCode).toBe(0);
  });

  it('knows a problem in the next build of an image', async () => {
    await roc(put('main.json', ecrEnhanced()), '--output', at('base.json'));
    const next = ecrEnhanced({ digest: `sha256:${'cd'.repeat(32)}` });
    const { findings } = await made(put('pr.json', next), '--baseline', at('base.json'));
    expect(findings[0]?.state).toBe('open');
  });

  it.each([
    ['is no report', () => ['--baseline', put('x.json', '{"hello":1}')], 'is no report of roc'],
    ['is not there', () => ['--baseline', at('none.json')], 'cannot be read'],
    [
      'stands beside a store',
      () => ['--baseline', put('x.json', '{}'), '--store', at('s')],
      'both say what is known',
    ],
  ])('that %s is refused', async (_, argv, text) => {
    const end = await roc(put('i.json', [cve(1)]), ...argv());
    expect([end.exitCode, end.stderr]).toEqual([2, expect.stringContaining(text)]);
  });
});

describe('--group', () => {
  const input = () => [
    cve(1),
    cve(2, { severity: 'HIGH' }),
    cve(3, { resources: [{ type: 'AWS_EC2_INSTANCE', id: 'i-1', region: 'eu-west-1' }] }),
    cve(4, { status: 'CLOSED' }),
  ];
  const COUNTS = { kev: 0, dueAt: expect.any(String) };

  it.each([
    [
      'resource',
      [
        { name: 'shop/api', findings: 2, critical: 1, high: 1, overdue: 2, ...COUNTS },
        { name: 'i-1', findings: 1, critical: 1, high: 0, overdue: 1, ...COUNTS },
      ],
    ],
    ['owner', [{ name: 'nobody', findings: 3, critical: 2, high: 1, overdue: 3, ...COUNTS }]],
    ['image', [{ name: `shop/api@${DIGEST}`, findings: 2, critical: 1, high: 1, overdue: 2, ...COUNTS }]],
  ])('%s counts what asks for work', async (by, groups) => {
    expect((await made(put('i.json', input()), '--group', by)).groups).toEqual(groups);
  });

  it('issue puts what one fix removes together, and prints a table', async () => {
    const end = await roc(
      put('i.json', [
        cve(1),
        {
          ...cve(1),
          findingArn: 'arn:x:2',
          resources: cve(3, { resources: [{ type: 'AWS_EC2_INSTANCE', id: 'i-1', region: 'r' }] }).resources,
        },
      ]),
      '--group',
      'issue',
    );
    expect(end.stdout).toMatch(/CVE-2024-1001 openssl +2 +2/);
  });
});

describe('--since', () => {
  const input = () =>
    put('i.json', [
      cve(1),
      cve(2, { firstObservedAt: '2025-05-30T00:00:00Z' }),
      cve(3, { firstObservedAt: undefined }),
    ]);

  it('prints only what is new since then; the report and its gates keep all', async () => {
    const end = await roc(input(), '--since', '7d', '--output', at('r.json'), '--fail-on', 'critical');
    expect(end.stdout).not.toContain('CVE-2024-1001');
    expect(end.stdout).toContain('CVE-2024-1002');
    // Nobody knows how old it is: it is not hidden.
    expect(end.stdout).toContain('CVE-2024-1003');
    expect(end.stdout).toContain('gate critical: FAILED, 3 found');
    expect((JSON.parse(readFileSync(at('r.json'), 'utf8')) as Made).findings).toHaveLength(3);
  });

  it.each(['yesterday', '7', '-3d', '2025-13-01'])('%s is refused', async (text) => {
    const end = await roc(input(), `--since=${text}`);
    expect([end.exitCode, end.stderr]).toEqual([2, expect.stringContaining('--since')]);
  });
});

describe('the vulns section of roc.yaml', () => {
  it('says what flags leave out; its paths begin at its folder', async () => {
    const config = put(
      'roc.yaml',
      'vulns:\n  suppressions: [s.yaml]\n  failOn: [critical]\n  store: memory\n',
    );
    put(
      's.yaml',
      'version: 1\nsuppress:\n  - {id: S-1, match: {cve: CVE-2024-1001}, reason: r, by: b, created: 2025-05-30, expires: 2025-07-01}\n',
    );
    const input = put('i.json', [cve(1), cve(2)]);
    const end = await roc(input, '--config', config, '--json');
    expect(end.exitCode).toBe(3);
    expect(
      end
        .json<Made>()
        .findings.map((f) => f.state)
        .sort(),
    ).toEqual(['new', 'suppressed']);
    expect(readFileSync(at('memory/current.json'), 'utf8')).toContain('"run":1');
    // A flag takes the place of the section's list.
    expect((await roc(input, '--config', config, '--fail-on', 'kev')).exitCode).toBe(0);
    const { key } = end.json<Made>().findings[0]!;
    expect((await runCommand(Explain, [key, '--config', config, '--now', '2025-06-01'])).exitCode).toBe(0);
  });

  it('names an unknown key', async () => {
    const end = await roc(put('i.json', []), '--config', put('roc.yaml', 'vulns:\n  suppresions: []\n'));
    expect([end.exitCode, end.stderr]).toEqual([
      2,
      expect.stringContaining('vulns.suppresions: unknown key'),
    ]);
  });
});

describe('severity.prefer', () => {
  it.each([
    ['[]', 'critical', 'ecr basic scan'],
    ['[inspector]', 'low', 'inspector'],
    ['[trivy, inspector]', 'low', 'inspector'],
    ['[grype]', 'critical', 'ecr basic scan'],
  ])('%s makes it %s', async (prefer, severity, severitySource) => {
    const policy = put(
      'p.yaml',
      readFileSync('policies/vulns.yaml', 'utf8').replace('prefer: []', `prefer: ${prefer}`),
    );
    const basic = {
      registryId: '111122223333',
      repositoryName: 'shop/api',
      imageId: { imageDigest: DIGEST },
      imageScanStatus: { status: 'COMPLETE' },
      imageScanFindings: {
        findings: [
          {
            name: 'CVE-2024-0001',
            severity: 'CRITICAL',
            attributes: [{ key: 'package_name', value: 'openssl' }],
          },
        ],
      },
    };
    const { findings } = await made(
      put('b.json', basic),
      put('i.json', [inspectorFinding({ severity: 'LOW' })]),
      '--policy',
      policy,
    );
    expect(findings).toMatchObject([{ severity, severitySource }]);
  });
});

describe('--publish', () => {
  it('sends the report to the server, which keeps it as it was', async () => {
    const server = await startLiveServer();
    try {
      const env = { ROC_URL: server.url, ROC_TOKEN: await server.tokenOf('owner'), XDG_CONFIG_HOME: dir };
      const title = 'half a pair \ud800 in a title';
      const argv = [
        put('i.json', [cve(1, { title })]),
        '--publish',
        '--fail-on',
        'critical',
        '--json',
        '--now',
        '2025-06-01',
      ];
      const end = await runCommand(Report, argv, { env });
      expect(end.exitCode).toBe(3);
      expect(end.json<Made>().findings).toHaveLength(1);
      const { items } = await server.ok('evidence.list', {
        token: env.ROC_TOKEN,
        query: { kind: 'vulns-report' },
      });
      expect(items).toMatchObject([
        {
          verdict: 'fail',
          generatedAt: '2025-06-01T00:00:00.000Z',
          summary: { total: 1, critical: 1, gatesFailed: 'critical' },
        },
      ]);
      const reply = await server.send('evidence.content', {
        token: env.ROC_TOKEN,
        params: { id: items[0]!.id },
      });
      const kept = reply.json<VulnsEvidence & { sha256: string }>();
      expect(canonicalSha256(kept.body)).toBe(kept.sha256);
      expect(kept.body.findings).toHaveLength(1);
      expect(kept.body.leftOut).toEqual({ findings: 0, plan: 0, coverage: 0 });
    } finally {
      await server.close();
    }
  });

  it('says that nobody is signed in', async () => {
    const env = { XDG_CONFIG_HOME: dir };
    const end = await runCommand(Report, [put('i.json', [cve(1)]), '--publish', '--now', '2025-06-01'], {
      env,
    });
    expect(end.exitCode).not.toBe(0);
    expect(end.stderr).toContain('roc login');
  });

  const evidence = async (input: unknown, gates: string[] = []): Promise<VulnsEvidence> => {
    const { parseFailOn } = await import('../../src/vulns/fail-on.js');
    return evidenceOf(
      await makeReport({
        inputs: [put('i.json', input)],
        packageRoot: process.cwd(),
        now: Date.UTC(2025, 5, 1),
        jobs: 1,
        top: 5000,
        gates: gates.map(parseFailOn),
      }),
    );
  };
  const FAILED = { ...ecrEnhanced(), imageScanStatus: { status: 'FAILED' }, imageScanFindings: null };

  it.each([
    ['no gate judged', [cve(1)], [], 'unknown'],
    ['every gate passed', [cve(1)], ['kev'], 'pass'],
    ['a gate failed', [cve(1)], ['critical'], 'fail'],
    ['nobody could look', FAILED, ['critical'], 'unknown'],
    ['a gate failed, and nobody could look', FAILED, ['unscanned'], 'fail'],
  ])('%s: %s is no other verdict', async (_, input, gates, verdict) => {
    expect((await evidence(input, gates)).verdict).toBe(verdict);
  });

  it('fits the envelope however many findings there are, the most urgent first', async () => {
    const many = Array.from({ length: 4000 }, (_, n) =>
      cve(n, { severity: n === 3999 ? 'CRITICAL' : 'LOW', title: `t${n} ${'x'.repeat(900)}` }),
    );
    const made = await evidence(many);
    expect(Buffer.byteLength(JSON.stringify(made.body))).toBeLessThan(4_700_000);
    expect(made.body.findings[0]?.ids.cve).toBe(`CVE-2024-${1000 + 3999}`);
    expect(made.body.leftOut.findings).toBe(4000 - made.body.findings.length);
    expect(made.body.leftOut.findings).toBeGreaterThan(0);
  });
});
