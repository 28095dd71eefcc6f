import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { parseRobotManifest } from '../../src/protocol/package/manifest.js';
import { describeWith } from '../helpers/parts.js';
import { projectPath } from '../helpers/project.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const freshDir = tempDirs('examples');
const PROGRESS = /^::progress \d{1,3} \S/;

interface Run {
  readonly exitCode: number | null;
  readonly lines: string[];
  readonly lastError: string;
  readonly output: unknown;
  readonly ms: number;
}

/** Runs an example as a runner does: in a copy of its folder, the input on stdin and in a file, the output in a file. */
async function run(name: string, input: string): Promise<Run> {
  const dir = freshDir();
  const cwd = join(dir, 'package');
  cpSync(projectPath('examples', name), cwd, { recursive: true });
  const [program, ...args] = parseRobotManifest(readFileSync(join(cwd, 'robot.yaml'), 'utf8')).entrypoint;
  const paths = { ROC_INPUT: join(dir, 'input.json'), ROC_OUTPUT: join(dir, 'output.json') };
  writeFileSync(paths.ROC_INPUT, input);
  const started = performance.now();
  const file = program === 'node' ? process.execPath : (program as string);
  const child = spawn(file, args, { cwd, env: { PATH: process.env['PATH'], ...paths }, stdio: 'pipe' });
  child.stdin.end(input);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  const output = existsSync(paths.ROC_OUTPUT)
    ? JSON.parse(readFileSync(paths.ROC_OUTPUT, 'utf8'))
    : undefined;
  const ms = performance.now() - started;
  return {
    exitCode,
    lines: stdout.trim().split('\n'),
    lastError: stderr.trim().split('\n').at(-1) ?? '',
    output,
    ms,
  };
}

function percents(lines: readonly string[]): number[] {
  return lines.filter((line) => PROGRESS.test(line)).map((line) => Number(line.split(' ')[1]));
}

function expectWatchable({ exitCode, lines, ms }: Run): void {
  expect(exitCode).toBe(0);
  const reported = percents(lines);
  expect(reported.length).toBeGreaterThanOrEqual(5);
  expect(reported).toEqual([...reported].sort((a, b) => a - b));
  expect(reported[0]).toBe(0);
  expect(reported.at(-1)).toBe(100);
  expect(ms).toBeGreaterThan(1500);
  expect(ms).toBeLessThan(20_000);
}

describe('invoice-totals', () => {
  it('takes long enough to be watched, and sums what it was given', async () => {
    const done = await run('invoice-totals', '{}');
    expectWatchable(done);
    const output = done.output as {
      invoices: number;
      totals: { net: number; gross: number };
      customers: { gross: number; invoices: number }[];
      problems: { line: number; reason: string }[];
    };
    expect(output.invoices).toBe(201);
    expect(output.customers).toHaveLength(8);
    const sum = output.customers.reduce((total, { gross }) => total + Math.round(gross * 100), 0);
    expect(sum).toBe(Math.round(output.totals.gross * 100));
    expect(output.customers.reduce((total, { invoices }) => total + invoices, 0)).toBe(201);
    expect(
      output.problems.map(({ reason }) => reason.replace(/^.*?(was|is|there|dated)/, '$1').slice(0, 8)),
    ).toEqual(['was alre', 'is no am', 'there is', 'dated 20']);
  });

  it('takes the months it is asked for', async () => {
    const { output } = await run('invoice-totals', '{"months":["2025-03"],"pauseMs":0}');
    expect(output).toMatchObject({ months: ['2025-03'], invoices: 28 });
  });

  it.each([
    ['{', /^the input is not JSON/],
    ['[]', /expected a JSON object/],
    ['{"months":["2031-01"]}', /there are no invoices for "2031-01"; there are some for 2025-01/],
    ['{"months":["../../etc/passwd"]}', /there are no invoices for/],
    ['{"months":[]}', /months: expected a list/],
    ['{"pauseMs":9999}', /pauseMs: expected a whole number/],
    ['{"other":1}', /unknown member "other"/],
  ])('fails on %s with a sentence', async (input, says) => {
    const { exitCode, lastError, output } = await run('invoice-totals', input);
    expect(exitCode).toBe(2);
    expect(lastError).toMatch(says);
    expect(output).toBeUndefined();
  });
});

describeWith('python3', 'bank-reconciliation', () => {
  it('takes long enough to be watched, and settles what it can', async () => {
    const done = await run('bank-reconciliation', '{}');
    expectWatchable(done);
    const output = done.output as {
      settled: { by: string }[];
      unmatched: { reason: string }[];
      open: unknown[];
    };
    expect(output.settled).toHaveLength(24);
    expect(new Set(output.settled.map(({ by }) => by))).toEqual(new Set(['number', 'payer']));
    expect(output.unmatched.map(({ reason }) => reason)).toEqual([
      'not a payment to us',
      '-0.03 off F2025-00302',
      '-1635.13 off F2025-00289',
      'fits no open invoice',
      'names several invoices',
    ]);
    expect(output.open).toHaveLength(10);
  });

  it('settles a few cents off where it is told to', async () => {
    const { output } = await run('bank-reconciliation', '{"toleranceCents":5,"pauseMs":0}');
    expect((output as { settled: unknown[] }).settled).toHaveLength(25);
  });

  it.each([
    ['{', /^the input is not JSON/],
    ['[]', /expected a JSON object/],
    ['{"toleranceCents":true}', /toleranceCents: expected a whole number/],
    ['{"pauseMs":-1}', /pauseMs: expected a whole number/],
    ['{"other":1}', /unknown member "other"/],
  ])('fails on %s with a sentence', async (input, says) => {
    const { exitCode, lastError, output } = await run('bank-reconciliation', input);
    expect(exitCode).toBe(2);
    expect(lastError).toMatch(says);
    expect(output).toBeUndefined();
  });
});
