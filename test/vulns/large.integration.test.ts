import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateInput } from '../bench/vulns-input.js';
import { startProgram } from '../helpers/program.js';
import { projectPath } from '../helpers/project.js';
import { runRoc, startRoc } from '../helpers/roc.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

const IS_LONG = process.env['ROC_TEST_SIZE'] === 'long';
const MB = 1024 * 1024;
const SLOW = IS_LONG ? 900_000 : 120_000;

let dir: string;
let files: readonly string[];
let distinct: number;

beforeAll(() => {
  dir = makeTempDir('vulns-large');
  // Enough for threads, spools and runs on disk.
  ({ files, distinct } = generateInput(join(dir, 'in'), {
    asff: 24_000,
    distinct: 20_000,
    repeatedShare: 0.3,
  }));
});
afterAll(() => removeDir(dir));

const report = (inputs: readonly string[], output: string, ...more: string[]) => [
  'vulns',
  'report',
  ...inputs,
  '--now',
  '2025-02-01T00:00:00Z',
  '--output',
  `${output}=json`,
  ...more,
];
const run = (args: readonly string[], timeoutMs = SLOW) => runRoc(args, { cwd: dir, timeoutMs });
const findingsOf = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"key":'))
    .map((line) => line.replace(/,$/, ''));

describe('a large run', () => {
  it(
    'lists every finding once and says the same on one thread, on two, and with its files in any order',
    async () => {
      const outputs = ['one.json', 'two.json', 'turned.json'].map((name) => join(dir, name));
      const [one = '', two = '', turned = ''] = outputs;
      expect((await run(report(files, one, '--jobs', '1'))).exitCode).toBe(0);
      expect((await run(report(files, two, '--jobs', '2'))).exitCode).toBe(0);
      expect((await run(report([...files].reverse(), turned, '--jobs', '2'))).exitCode).toBe(0);
      expect(readFileSync(two).equals(readFileSync(one))).toBe(true);
      const findings = findingsOf(one);
      expect(new Set(findings.map((line) => line.slice(8, 50))).size).toBe(distinct);
      expect(findings).toHaveLength(distinct);
      expect(findingsOf(turned)).toEqual(findings);
    },
    SLOW,
  );

  it(
    'knows everything again the second time, and is the same to the byte after that',
    async () => {
      const store = join(dir, 'store');
      const summary = async (name: string) => {
        const file = join(dir, name);
        expect((await run(report(files, file, '--store', store))).exitCode).toBe(0);
        return (JSON.parse(readFileSync(file, 'utf8')) as { summary: Record<string, number> }).summary;
      };
      expect(await summary('first.json')).toMatchObject({ new: distinct, open: 0, fixed: 0 });
      expect(await summary('second.json')).toMatchObject({ new: 0, open: distinct, fixed: 0, regressed: 0 });
      await summary('third.json');
      expect(readFileSync(join(dir, 'third.json')).equals(readFileSync(join(dir, 'second.json')))).toBe(true);
    },
    SLOW,
  );
});

describe('a run that does not come to its end', () => {
  it(
    'leaves the last report and memory as they were, and no temporary file, when it is killed at any time',
    async () => {
      const [store, output, scratch] = ['kept-store', 'kept.json', 'scratch'].map((name) =>
        join(dir, name),
      ) as [string, string, string];
      mkdirSync(scratch);
      const from = performance.now();
      expect((await run(report(files, output, '--store', store))).exitCode).toBe(0);
      const took = performance.now() - from;
      const kept = () => [readFileSync(output), readFileSync(join(store, 'current.json'))];
      let before = kept();
      let killed = 0;
      for (const share of IS_LONG ? [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8] : [0.15, 0.4, 0.7]) {
        const program = startRoc(report(files, output, '--store', store), {
          cwd: dir,
          env: { TMPDIR: scratch },
        });
        await new Promise((resolve) => setTimeout(resolve, took * share));
        const { signal } = await program.stop('SIGKILL');
        // One that was quicker than the first has come to its end, and is what is kept from now on.
        if (signal === null) before = kept();
        else killed++;
        for (const [i, bytes] of kept().entries())
          expect(bytes.equals(before[i] ?? Buffer.alloc(0))).toBe(true);
        expect(readdirSync(scratch)).toEqual([]);
      }
      expect(killed).toBeGreaterThan(0);
      const again = await run(report(files, output, '--store', store));
      expect(again.exitCode).toBe(0);
      expect(readdirSync(store).filter((name) => name.endsWith('.gz'))).toHaveLength(1);
    },
    SLOW,
  );

  it.each([
    ['1', 'its temporary files', 2_000],
    ['2', 'its temporary files', 2_000],
    ['2', 'its output', 20_000],
  ])(
    'with %s thread says that the disk is full for %s, and leaves nothing',
    async (jobs, _, blocks) => {
      const output = join(dir, 'full', 'report.json');
      const args = report(files, output, '--jobs', jobs);
      // A limit on the size of files fails a write as a full disk does.
      const program = startProgram(
        'bash',
        ['-c', `ulimit -f ${blocks}; exec "$0" "$@"`, process.execPath, projectPath('bin/roc.cjs'), ...args],
        { cwd: dir },
      );
      const end = await program.ended;
      expect(program.stderr()).toMatch(/cannot be written/);
      expect(program.stderr()).toMatch(/[Ff]ree space/);
      expect(program.stderr()).not.toMatch(/at .*\.js:/);
      expect(end.exitCode).toBe(2);
      expect(existsSync(join(dir, 'full')) ? readdirSync(join(dir, 'full')) : []).toEqual([]);
    },
    SLOW,
  );
});

describe('sizes', () => {
  /** Peak resident size of the run, MB. */
  async function peakOf(args: readonly string[]): Promise<number> {
    const program = startRoc(args, { cwd: dir });
    let peak = 0;
    const timer = setInterval(() => {
      const status = existsSync(`/proc/${program.pid}/status`)
        ? readFileSync(`/proc/${program.pid}/status`, 'utf8')
        : '';
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    }, 50);
    const end = await program.ended.finally(() => clearInterval(timer));
    expect(program.stderr()).not.toMatch(/^error/m);
    expect(end.exitCode).toBe(0);
    return peak;
  }

  it(
    'passes over one record of 100 MB, says where it is, reads the rest, and holds little',
    async () => {
      const [first = '', second = ''] = readFileSync(files[0] ?? '', 'utf8').split('\n', 2);
      const file = join(dir, 'huge.json');
      const huge = Buffer.concat([Buffer.from('{"Id":"'), Buffer.alloc(100 * MB, 'x'), Buffer.from('"}')]);
      writeFileSync(file, Buffer.concat([Buffer.from(`[${first},`), huge, Buffer.from(`,${second}]`)]));
      const output = join(dir, 'huge-report.json');
      const peak = await peakOf(report([file], output));
      const made = JSON.parse(readFileSync(output, 'utf8'));
      expect(made.summary.total).toBe(2);
      expect(made.intake.examples).toMatchObject([
        { kind: 'too-large', file, offset: Buffer.byteLength(first) + 2, skipped: true },
      ]);
      expect(peak).toBeLessThan(400);
    },
    SLOW,
  );

  it(
    'reads a file longer than a string can be',
    async () => {
      const block = readFileSync(files[0] ?? '');
      const wanted = IS_LONG ? 3 * 1024 * MB : 200 * MB;
      const file = join(dir, 'long.jsonl');
      const handle = await open(file, 'w');
      for (let written = 0; written < wanted; written += block.length) await handle.write(block);
      await handle.close();
      expect(statSync(file).size).toBeGreaterThanOrEqual(wanted);
      const output = join(dir, 'long-report.json');
      const peak = await peakOf(report([file], output));
      expect(findingsOf(output)).toHaveLength(distinct);
      expect(peak).toBeLessThan(500);
    },
    SLOW,
  );
});
