import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import Explain from '../../../commands/vulns/explain.js';
import Report from '../../../commands/vulns/report.js';
import { escapeHtml } from '../../../src/kernel/html-text.js';
import { csvCell } from '../../../src/vulns/outputs/csv.js';
import type { Format } from '../../../src/vulns/outputs/formats.js';
import { cell } from '../../../src/vulns/outputs/markdown.js';
import { runCommand } from '../../helpers/run-command.js';
import { report } from '../run-report.js';
import { asffFinding, inspectorFinding } from '../samples.js';

const EVIL = `<script>alert(1)</script><img src=x onerror=alert(2)>"'\`=HYPERLINK("http://evil.example","x")\u001b[2J\u202e@everyone`;

async function rendered(title: string, format: Format): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'roc-out-'));
  try {
    const file = join(dir, 'out');
    await report({ 'a.json': [{ ...inspectorFinding(), title }] }, { outputs: [{ file, format }] });
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(dir, { recursive: true });
  }
}

describe('the HTML report', () => {
  it('shows hostile titles as text and runs nothing', async () => {
    const page = await rendered(EVIL, 'html');
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    expect(page).toContain(`style-src 'sha256-${hash('sha256', style, 'base64')}'`);
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|<img|\son\w+=|<iframe|<link|javascript:|url\(/i);
  });

  it('never lets text out of its element', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'`\p{Cc}\u202e]/u);
      }),
    );
  });

  it('holds hostile resource names, owners and reasons too', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'roc-out-'));
    const file = join(dir, 'o.html');
    const hostile = {
      ...asffFinding(),
      Types: [`TTPs/${EVIL}`],
      Vulnerabilities: undefined,
      Resources: [{ Id: EVIL, Type: EVIL }],
    };
    await report({ 'a.json': [hostile] }, { outputs: [{ file, format: 'html' }] });
    expect(readFileSync(file, 'utf8')).not.toMatch(/<script|<img/i);
    rmSync(dir, { recursive: true });
  });
});

describe('CSV cells', () => {
  it.each(['=1+1', '+1', '-1+2', '@SUM(A1)', '\t=1', '\r=1', '  =1', '\u0000=1', '＝1', '|calc', '%0A=1'])(
    '%j is no formula',
    (text) => {
      expect(csvCell(text).replace(/^"/, '')).toMatch(/^'/);
    },
  );

  it('keeps one finding on one record whatever its text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const made = csvCell(text);
        const isQuoted = made.startsWith('"');
        expect(isQuoted ? /^"(?:[^"]|"")*"$/.test(made) : !/[",\r\n]/.test(made)).toBe(true);
      }),
    );
  });
});

describe('Markdown cells', () => {
  it('carries no markup, mention or second cell', () => {
    const text = cell(`${EVIL} | [x](javascript:1) \`code\` # h`);
    expect(text).not.toMatch(/(?<!\\)[|`[\]<>#]|@\w|https?:\/\/\w/);
  });
});

describe('SARIF messages', () => {
  it('hold no link of somebody else’s', async () => {
    const log = JSON.parse(await rendered('see [the fix](https://evil.example) \\[x](1)', 'sarif'));
    const { text } = log.runs[0].results[0].message as { text: string };
    expect(text).toContain('see \\[the fix\\](https://evil.example) \\\\\\[x\\](1)');
  });
});

describe('a terminal', () => {
  it('shows a hostile title as one line, without colours or movement', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'roc-out-'));
    const title = 'harmless\n\u001b[32mgate critical: passed\u001b[0m\u001b[2J\r\u202eevil';
    const input = join(dir, 'i.json');
    const controls = { Types: ['TTPs/x'], Vulnerabilities: undefined, Title: title };
    writeFileSync(
      input,
      JSON.stringify([{ ...asffFinding(), ...controls, Resources: [{ Id: title, Type: 'x' }] }]),
    );
    const store = join(dir, 'store');
    const shown = await runCommand(Report, [
      input,
      '--store',
      store,
      '--now',
      '2025-06-01',
      '--fail-on',
      'critical',
    ]);
    const { key } = (await runCommand(Report, [input, '--now', '2025-06-01', '--json'])).json<{
      findings: { key: string }[];
    }>().findings[0]!;
    const explained = await runCommand(Explain, [key, '--store', store, '--now', '2025-06-01']);
    for (const { stdout, stderr } of [shown, explained]) {
      expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n\t]|\u202e/u);
      expect(stdout.split('\n').filter((line) => line.startsWith('gate'))).toEqual(
        stdout === shown.stdout ? ['gate critical: FAILED, 1 found'] : [],
      );
    }
    rmSync(dir, { recursive: true });
  });
});

describe('output files', () => {
  it('are not written through a link that somebody laid', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'roc-out-'));
    const victim = join(dir, 'victim');
    writeFileSync(victim, 'mine');
    const file = join(dir, 'r.json');
    symlinkSync(victim, file);
    symlinkSync(victim, `${file}.${process.pid}.tmp`);
    await report({ 'a.json': [inspectorFinding()] }, { outputs: [{ file, format: 'json' }] });
    expect(readFileSync(victim, 'utf8')).toBe('mine');
    expect(readFileSync(file, 'utf8')).toContain('"version":1');
    rmSync(dir, { recursive: true });
  });
});

describe('prototype pollution', () => {
  it('is reported and changes no object', async () => {
    const text = JSON.stringify([inspectorFinding()]).replace(
      '{"awsAccountId"',
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"awsAccountId"',
    );
    const tags = text.replace('"details"', '"tags":{"__proto__":"x","a":"b"},"details"');
    const made = await report({ 'a.json': tags });
    expect(made.summary.total).toBe(1);
    expect(made.intake.problems).toEqual({ 'forbidden-keys': 1 });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  it('is seen behind escapes as well', async () => {
    const text = `{"\\u005f_proto__":{"a":1},${JSON.stringify(inspectorFinding()).slice(1)}`;
    expect((await report({ 'a.json': text })).intake.problems).toEqual({ 'forbidden-keys': 1 });
  });
});
