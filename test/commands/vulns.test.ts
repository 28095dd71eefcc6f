import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import Explain from '../../commands/vulns/explain.js';
import Report from '../../commands/vulns/report.js';
import Suppress from '../../commands/vulns/suppress.js';
import type { Explanation } from '../../src/vulns/explain.js';
import type { Finding } from '../../src/vulns/model.js';
import { JUSTIFICATIONS } from '../../src/vulns/policy.js';
import { runCommand } from '../helpers/run-command.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { ecrEnhanced, inspectorFinding } from '../vulns/samples.js';

const NOW = ['--now', '2025-06-01'];
let dir: string;
let input: string;
beforeEach(() => {
  dir = makeTempDir('vulns');
  input = join(dir, 'findings.json');
  writeFileSync(input, JSON.stringify([inspectorFinding()]));
});
afterEach(() => removeDir(dir));

const at = (name: string) => join(dir, name);
const roc = (command: Parameters<typeof runCommand>[0], ...argv: string[]) =>
  runCommand(command, [...argv, ...NOW]);

function feeds(): string {
  writeFileSync(
    at('kev.json'),
    JSON.stringify({
      dateReleased: '2025-05-31T00:00:00Z',
      count: 1,
      vulnerabilities: [{ cveID: 'CVE-2024-0001', dateAdded: '2025-05-02', dueDate: '2025-05-23' }],
    }),
  );
  writeFileSync(
    at('epss.csv'),
    '#score_date:2025-05-31T00:00:00Z\ncve,epss,percentile\nCVE-2024-0001,0.4,0.9\n',
  );
  writeFileSync(
    at('ssvc.csv'),
    'cve,exploitation,automatable,technical_impact,timestamp\nCVE-2024-0001,active,yes,total,2025-05-31T00:00:00Z\n',
  );
  return dir;
}

describe('roc vulns suppress', () => {
  const file = () => at('suppressions.yaml');
  const suppress = (...argv: string[]) =>
    roc(Suppress, ...argv, '--file', file(), '--by', 'ana@example.com', '--reason', 'nobody can reach it');
  const report = async (now: string): Promise<{ findings: Finding[]; warnings: string[] }> =>
    (await runCommand(Report, [input, '--suppressions', file(), '--now', now, '--json'])).json<{
      findings: Finding[];
      warnings: string[];
    }>();

  it('writes a statement that the report honours until its end, and not after', async () => {
    const end = await suppress('--cve', 'CVE-2024-0001', '--days', '30', '--json');
    expect(end.json()).toMatchObject({
      id: 'S-1',
      by: 'ana@example.com',
      created: '2025-06-01T00:00:00Z',
      expires: '2025-07-01T00:00:00Z',
    });
    expect((await report('2025-06-30T23:59:59Z')).findings[0]).toMatchObject({
      state: 'suppressed',
      suppression: { id: 'S-1', since: '2025-06-01T00:00:00.000Z', expires: '2025-07-01T00:00:00.000Z' },
    });
    expect((await report('2025-07-01')).findings[0]?.state).toBe('expired');
  });

  it('takes the key that the report prints, and counts up', async () => {
    const { findings } = await report0();
    await suppress('--cve', 'CVE-1999-0001');
    expect((await suppress(findings[0]!.key)).stdout).toContain('S-2 until 2025-08-30');
    expect((await report('2025-06-02')).findings[0]).toMatchObject({
      state: 'suppressed',
      suppression: { id: 'S-2' },
    });
  });
  const report0 = async () =>
    (await runCommand(Report, [input, ...NOW, '--json'])).json<{ findings: Finding[] }>();

  it('marks what is set aside in the table', async () => {
    await suppress('--cve', 'CVE-2024-0001');
    const end = await runCommand(Report, [input, '--suppressions', file(), '--now', '2025-06-02']);
    expect(end.stdout).toMatch(/critical +suppressed +CVE-2024-0001/);
    expect(end.stdout).toContain('nothing to do');
  });

  it('keeps what people wrote into the file', async () => {
    writeFileSync(
      file(),
      '# approved by the board\nversion: 1\nsuppress:\n  # see the minutes\n  - {id: S-7, match: {cve: CVE-2020-1234}, reason: r, by: b, created: 2025-05-01, expires: 2025-07-01}\n',
    );
    expect((await suppress('--package', 'openssl')).stdout).toContain('S-8');
    const text = readFileSync(file(), 'utf8');
    expect(text).toContain('# approved by the board');
    expect(text).toContain('# see the minutes');
  });

  it.each([
    ['longer than the policy allows', ['--cve', 'CVE-2024-0001', '--days', '181']],
    ['nothing to match', []],
    ['every CVE', ['--cve', '*']],
    ['every CVE, in more letters', ['--cve', 'CVE-*']],
    ['every package', ['--package', '**']],
    ['a justification of no format', ['--cve', 'CVE-2024-0001', '--justification', 'trust-me']],
    ['no reason', ['--cve', 'CVE-2024-0001', '--reason', ' ']],
  ])('refuses %s and writes nothing', async (_, argv) => {
    const end = await suppress(...argv);
    expect(end.exitCode).toBe(2);
    expect(existsSync(file())).toBe(false);
  });

  it('refuses a file that is no list of suppressions, and leaves it alone', async () => {
    writeFileSync(file(), 'version: 1\nsuppress: [{id: S-1}]\n');
    const end = await suppress('--cve', 'CVE-2024-0001');
    expect([end.exitCode, end.stderr]).toEqual([2, expect.stringContaining('suppressions.suppress.0.match')]);
    expect(readFileSync(file(), 'utf8')).toBe('version: 1\nsuppress: [{id: S-1}]\n');
  });

  it('refuses a row of suppressions made for later', async () => {
    const one = (id: string, from: string, to: string) =>
      `  - {id: ${id}, match: {cve: CVE-2024-0001}, reason: r, by: b, created: ${from}, expires: ${to}}\n`;
    writeFileSync(
      file(),
      `version: 1\nsuppress:\n${one('S-1', '2025-05-01', '2025-07-01')}${one('S-2', '2025-07-01', '2025-12-01')}`,
    );
    const end = await roc(Report, input, '--suppressions', file());
    expect([end.exitCode, end.stderr]).toEqual([
      2,
      expect.stringContaining('suppression S-2 begins on 2025-07-01'),
    ]);
    expect(end.stderr).toContain('suppressions.yaml');
  });
});

it('offers the justifications of the schema and no others', () => {
  expect(Suppress.flags.justification.options).toEqual([...JUSTIFICATIONS]);
});

describe('roc vulns explain', () => {
  it('shows the row of the table that decided, from a report', async () => {
    await roc(Report, input, '--feeds', feeds(), '--output', at('report.json'));
    const key = keyIn(at('report.json'));
    const made = (
      await roc(Explain, key.slice(0, 8), '--report', at('report.json'), '--json')
    ).json<Explanation>();
    expect(made.finding).toMatchObject({ key, decision: { action: 'fix-3d-forensic', row: 13 } });
    expect(made.rows).toHaveLength(16);
    expect(made.rows.filter((row) => row.decided)).toEqual([
      {
        row: 13,
        values: { inKev: 'yes', exposed: 'no', automatable: 'yes', impact: 'total' },
        outcome: made.rows[13]?.outcome,
        decided: true,
      },
    ]);
    const text = await roc(Explain, key, '--report', at('report.json'));
    expect(text.stdout).toContain('row 13 decided');
    expect(text.stdout).toMatch(/^> +13 /m);
    expect(text.stdout).toContain('known exploited (KEV), since 2025-05-02');
  });

  it('says so where no row decided', async () => {
    await roc(Report, input, '--output', at('report.jsonl'));
    const end = await roc(Explain, keyIn(at('report.jsonl')), '--report', at('report.jsonl'));
    expect(end.stdout).toContain('no row decided');
    expect(end.stdout).toContain('no KEV feed');
  });

  it('decides anew from the memory, with what other remembered findings prove', async () => {
    const instance = [{ type: 'AWS_EC2_INSTANCE', id: 'i-0abc', region: 'eu-west-1' }];
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
    const reach = {
      ...inspectorFinding({ arn: 'arn:aws:inspector2:eu-west-1:1:finding/r' }),
      type: 'NETWORK_REACHABILITY',
      packageVulnerabilityDetails: undefined,
      networkReachabilityDetails: { openPortRange: { begin: 22, end: 22 }, protocol: 'TCP' },
      resources: instance,
    };
    writeFileSync(input, JSON.stringify([{ ...inspectorFinding(), resources: instance }, threat, reach]));
    const store = at('store');
    await roc(Report, input, '--feeds', feeds(), '--store', store, '--output', at('report.json'));
    const { findings } = JSON.parse(readFileSync(at('report.json'), 'utf8')) as { findings: Finding[] };
    const vulnerability = findings.find((f) => f.lane === 'vuln')!;
    expect(vulnerability).toMatchObject({ exposure: 'public', decision: { row: 15 } });
    const made = (
      await roc(Explain, vulnerability.key, '--store', store, '--feeds', dir, '--json')
    ).json<Explanation>();
    expect(made.finding.decision).toEqual(vulnerability.decision);
    expect(made.finding.exposure).toBe('public');
  });

  it.each([
    ['a key that is none', ['../etc', '--report', 'x'], 2, 'is no key of a finding'],
    ['nowhere to look', ['abcdef123456'], 2, 'nothing to look the key up in'],
    ['a report that is not there', ['abcdef123456', '--report', '/nowhere/r.json'], 2, 'cannot be read'],
  ])('refuses %s', async (_, argv, code, text) => {
    const end = await roc(Explain, ...argv);
    expect([end.exitCode, end.stderr]).toEqual([code, expect.stringContaining(text)]);
  });

  it('asks for more of a key that begins several', async () => {
    const findings = Array.from({ length: 40 }, (_, n) =>
      inspectorFinding({ cve: `CVE-2024-${1000 + n}`, arn: `arn:x:${n}` }),
    );
    writeFileSync(input, JSON.stringify(findings));
    await roc(Report, input, '--output', at('report.json'));
    const key = keyIn(at('report.json'));
    // Two keys that begin alike in six characters are unlikely among forty, so one is made.
    const text = readFileSync(at('report.json'), 'utf8');
    writeFileSync(
      at('two.json'),
      text.replace(/\n\{"key":"[^"]*"/g, (line, place: number) =>
        place % 2 ? `\n{"key":"${key.slice(0, 6)}${line.slice(15)}` : line,
      ),
    );
    const end = await roc(Explain, key.slice(0, 6), '--report', at('two.json'));
    expect([end.exitCode, end.stderr]).toEqual([2, expect.stringMatching(/begins the keys of \d+ findings/)]);
  });
});

describe('roc vulns report', () => {
  it('refuses to decide without the feeds that it was told to require', async () => {
    const none = await roc(Report, input, '--require-feeds');
    expect([none.exitCode, none.stderr]).toEqual([
      2,
      expect.stringContaining('kev is missing, epss is missing, ssvc is missing'),
    ]);
    const stale = await runCommand(Report, [
      input,
      '--require-feeds',
      '--feeds',
      feeds(),
      '--now',
      '2025-07-01',
    ]);
    expect([stale.exitCode, stale.stderr]).toEqual([2, expect.stringContaining('kev is stale')]);
    expect((await roc(Report, input, '--require-feeds', '--feeds', dir)).exitCode).toBe(0);
  });

  it.each([
    ['a folder of feeds that is not there', ['--feeds', '/nowhere'], 'is no folder of feeds'],
    ['a file for a store', ['--store', 'FILE'], 'cannot be written'],
  ])('refuses %s', async (_, argv, text) => {
    const end = await roc(Report, input, ...argv.map((word) => (word === 'FILE' ? input : word)));
    expect([end.exitCode, end.stderr]).toEqual([2, expect.stringContaining(text)]);
  });

  it('exits 3 when a gate fails, and 0 when none does', async () => {
    expect((await roc(Report, input, '--fail-on', 'critical,fixable')).exitCode).toBe(3);
    expect((await roc(Report, input, '--fail-on', 'kev')).exitCode).toBe(0);
    const failed = { ...ecrEnhanced(), imageScanStatus: { status: 'FAILED' }, imageScanFindings: null };
    writeFileSync(input, JSON.stringify(failed));
    const end = await roc(Report, input, '--fail-on', 'unscanned');
    expect([end.exitCode, end.stdout]).toEqual([3, expect.stringContaining('gate unscanned: FAILED')]);
  });
});

function keyIn(file: string): string {
  return /\{"key":"([^"]+)"/.exec(readFileSync(file, 'utf8'))![1]!;
}
