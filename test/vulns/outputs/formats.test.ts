import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Format } from '../../../src/vulns/outputs/formats.js';
import { parseOutput } from '../../../src/vulns/outputs/formats.js';
import { report } from '../run-report.js';
import { asffFinding, ecrEnhanced, inspectorFinding } from '../samples.js';

const require = createRequire(import.meta.url);
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'roc-formats-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const INPUT = {
  'i.json': [
    inspectorFinding(),
    inspectorFinding({
      cve: 'CVE-2024-0002',
      arn: 'arn:aws:inspector2:eu-west-1:1:finding/2',
      severity: 'UNTRIAGED',
    }),
  ],
  'e.json': { ...ecrEnhanced(), imageScanStatus: { status: 'FAILED' }, imageScanFindings: null },
  'h.json': [
    {
      ...asffFinding({ arn: 'arn:aws:securityhub:eu-west-1:1:finding/3' }),
      Vulnerabilities: undefined,
      Types: ['Effects'],
      Compliance: { Status: 'FAILED', SecurityControlId: 'S3.1' },
    },
  ],
};

async function write(format: Format, options = {}): Promise<string> {
  const file = join(dir, `out.${format}`);
  await report(INPUT, { outputs: [{ file, format }], ...options });
  return readFileSync(file, 'utf8');
}

/** The schema that Microsoft's SARIF SDK carries, of draft 4; only its identifiers keep a newer validator from it. */
function sarifSchema(): object {
  const file = join(dirname(require.resolve('@microsoft/jest-sarif')), 'schemas/sarif-2.1.0-rtm.5.json');
  const {
    $schema: _schema,
    id: _id,
    ...schema
  } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  return schema;
}

describe('outputs', () => {
  it('call known exploited unknown, never none, where there is no feed', async () => {
    expect(await write('md')).toContain('known exploited: unknown without the kev feed');
    expect(await write('html')).toMatch(/<div class="card bad"><b>\?<\/b><span>known exploited: no KEV feed/);
    const feeds = join(dir, 'feeds');
    mkdirSync(feeds);
    const vulnerabilities = [{ cveID: 'CVE-1999-0001', dateAdded: '2025-05-02', dueDate: '2025-05-23' }];
    const kev = { dateReleased: '2025-05-31T00:00:00Z', count: 1, vulnerabilities };
    writeFileSync(join(feeds, 'kev.json'), JSON.stringify(kev));
    expect(await write('md', { feeds })).toContain('0 known exploited');
  });

  it('JSON fits the schema that ships with roc', async () => {
    const schema = JSON.parse(readFileSync('schemas/vulns-report.schema.json', 'utf8'));
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    const made = await report(INPUT);
    validate(made);
    expect(validate.errors).toBeNull();
    expect(made.findings).toHaveLength(3);
    const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
    expect([sum(made.summary.bySeverity), sum(made.summary.byAction), sum(made.summary.byLane)]).toEqual([
      3, 3, 3,
    ]);
  });

  it('SARIF fits the schema of SARIF 2.1.0', async () => {
    const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
      sarifSchema(),
    );
    const log = JSON.parse(await write('sarif'));
    validate(log);
    expect(validate.errors).toBeNull();
    expect(log.runs[0].results).toHaveLength(3);
    expect(validate({ ...log, version: '3' })).toBe(false);
  });

  it('ASFF and OCSF are read back as the same findings', async () => {
    for (const format of ['asff', 'ocsf'] as const) {
      const again = await report({ 'back.jsonl': await write(format) });
      expect(again.intake.problems).toEqual({});
      expect(again.findings.map((f) => f.ids.cve ?? f.ids.control).sort()).toEqual(
        ['CVE-2024-0001', 'CVE-2024-0002', 'S3.1'].sort(),
      );
      expect(again.findings.map((f) => f.severity).sort()).toContain('critical');
    }
  });

  it('CSV has one record a finding', async () => {
    const lines = (await write('csv')).trim().split('\r\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^key,lane,state,/);
  });

  it('Markdown stays below what a comment may hold', async () => {
    const many = Array.from({ length: 3000 }, (_, n) =>
      inspectorFinding({ cve: `CVE-2024-${10_000 + n}`, arn: `arn:x:${n}` }),
    );
    const file = join(dir, 'm.md');
    await report({ 'i.json': many }, { outputs: [{ file, format: 'md' }] });
    const text = readFileSync(file, 'utf8');
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/\d+ more findings are not shown/);
  });

  it.each(['openvex', 'cyclonedx-vex'] as const)(
    '%s of suppressed findings suppresses them again',
    async (format) => {
      const policy = join(dir, 'policy.yaml');
      const suppress = `[{id: S-1, match: {cve: CVE-2024-0001}, status: not_affected, justification: vulnerable_code_not_present, reason: not built in, by: ana, created: 2025-05-01, expires: 2025-08-01}]`;
      writeFileSync(
        policy,
        readFileSync('policies/vulns.yaml', 'utf8').replace('suppress: []', `suppress: ${suppress}`),
      );
      const vex = join(dir, 'vex.json');
      writeFileSync(vex, await write(format, { policy }));
      const made = await report(INPUT, { vex: [vex], now: Date.UTC(2025, 5, 2) });
      expect(made.findings.filter((f) => f.state === 'suppressed').map((f) => f.ids.cve)).toEqual([
        'CVE-2024-0001',
      ]);
    },
  );

  it.each([
    ['a.json', 'json'],
    ['x=sarif', 'sarif'],
    ['a=b.html=html', 'html'],
  ])('%s is %s', (text, format) => expect(parseOutput(text).format).toBe(format));

  it.each(['a', 'a=nope', '=json'])('%s is refused', (text) => {
    expect(() => parseOutput(text)).toThrow(expect.objectContaining({ code: 'ROC_USAGE' }));
  });
});
