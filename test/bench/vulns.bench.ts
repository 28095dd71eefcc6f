/** A million findings, shuffled and partly told again by other sources: time and memory beside plain parsing and jq. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../helpers/programs.js';
import { projectPath } from '../helpers/project.js';
import { makeTempDir } from '../helpers/temp-dir.js';
import { type BenchRow, ratioAtLeast, ratioAtMost, told, valueAtMost } from './bench-row.js';
import { writeFeeds } from './vulns-feeds.js';
import { generateInput, writeArray } from './vulns-input.js';

/** ROC_BENCH_FINDINGS makes a shorter run; the aims are for a million. */
const FINDINGS = Number(process.env['ROC_BENCH_FINDINGS'] ?? 1_000_000);
const ARRAY_BYTES = Math.round((500 * 1024 * 1024 * FINDINGS) / 1_000_000);
const NOW = '2025-02-01T00:00:00Z';

export async function bench(): Promise<BenchRow[]> {
  const dir = makeTempDir('vulns-bench');
  try {
    return [...(await millionRows(dir)), ...(await jqRows(dir))];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function millionRows(dir: string): Promise<BenchRow[]> {
  const made = generateInput(join(dir, 'in'), {
    asff: FINDINGS,
    distinct: FINDINGS * 0.9,
    repeatedShare: 0.3,
  });
  const bytes = made.files.reduce((sum, file) => sum + statSync(file).size, 0);
  for (const file of made.files) warm(file);
  const parse = await measure([process.execPath, '-e', SLICE_AND_PARSE, ...made.files]);
  const json = join(dir, 'report.json');
  const feeds = writeFeeds(join(dir, 'feeds'));
  const args = ['vulns', 'report', ...made.files, '--feeds', feeds, '--now', NOW];
  const roc = await measure([
    ...rocCommand(),
    ...args,
    '--output',
    `${json}=json`,
    '--output',
    `${join(dir, 'report.html')}=html`,
  ]);
  const again = join(dir, 'again.json');
  await measure([...rocCommand(), ...args, '--output', `${again}=json`]);
  checkReport(json, made.distinct);
  if (!sameBytes(json, again)) throw new Error('the same input twice gave different reports');
  rmSync(join(dir, 'in'), { recursive: true });
  const name = `${FINDINGS} ASFF findings (${made.distinct} distinct, ${made.repeated} told again), ${(bytes / 1e9).toFixed(2)} GB, to JSON and HTML`;
  return [
    ratioAtMost(
      {
        case: name,
        value: roc.seconds,
        unit: 's',
        against: 'slicing and JSON.parse',
        againstValue: parse.seconds,
      },
      2,
    ),
    valueAtMost(
      {
        case: `${name}: peak memory`,
        value: roc.peakMb,
        unit: 'MB',
        against: 'slicing and JSON.parse',
        againstValue: parse.peakMb,
      },
      500,
    ),
    told({
      case: `${name}: rate`,
      value: bytes / 1e6 / roc.seconds,
      unit: 'MB/s',
      against: 'slicing and JSON.parse',
      againstValue: bytes / 1e6 / parse.seconds,
    }),
  ];
}

async function jqRows(dir: string): Promise<BenchRow[]> {
  const file = join(dir, 'array.json');
  const count = writeArray(file, ARRAY_BYTES, FINDINGS);
  warm(file);
  const roc = await measure([
    ...rocCommand(),
    'vulns',
    'report',
    file,
    '--now',
    NOW,
    '--output',
    `${join(dir, 'array-report.json')}=json`,
  ]);
  const jq = findProgram('jq');
  const anchor = jq === null ? null : await measure([jq, '-c', GROUP_BY, file]);
  const rate = (seconds: number) => count / seconds;
  return [
    ratioAtLeast(
      {
        case: `one array of ${(statSync(file).size / 1e6).toFixed(0)} MB: findings a second`,
        value: rate(roc.seconds),
        unit: '1/s',
        against: 'jq group_by',
        againstValue: anchor === null ? null : rate(anchor.seconds),
      },
      3,
    ),
  ];
}

const GROUP_BY =
  'group_by([.Vulnerabilities[0].Id, .Resources[0].Id, .Vulnerabilities[0].VulnerablePackages[0].Name]) | map({key: .[0].Id, severity: .[0].Severity.Label, count: length}) | length';

/** The anchor: the same bytes cut into lines and parsed, one thread, nothing else. */
const SLICE_AND_PARSE = `
const fs = require('node:fs');
let count = 0;
for (const file of process.argv.slice(1)) {
  const fd = fs.openSync(file);
  let rest = Buffer.alloc(0);
  for (;;) {
    const chunk = Buffer.allocUnsafe(rest.length + 1048576);
    rest.copy(chunk);
    const read = fs.readSync(fd, chunk, rest.length, 1048576, null);
    if (read === 0) break;
    const length = rest.length + read;
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1 && end < length; end = chunk.indexOf(10, start)) {
      if (JSON.parse(chunk.toString('utf8', start, end)) !== null) count++;
      start = end + 1;
    }
    rest = Buffer.from(chunk.subarray(start, length));
  }
  fs.closeSync(fd);
}
if (count === 0) process.exitCode = 1;
`;

function rocCommand(): string[] {
  return [process.execPath, projectPath('bin/roc.cjs')];
}

interface Measured {
  readonly seconds: number;
  readonly peakMb: number;
}

async function measure([command = '', ...args]: readonly string[]): Promise<Measured> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let peakMb = 0;
  const timer = setInterval(() => {
    peakMb = Math.max(peakMb, peakOf(child.pid));
  }, 50);
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`${command} ${args.join(' ').slice(0, 200)} ended with ${code}`);
  return { seconds: (performance.now() - started) / 1000, peakMb };
}

/** The highest resident size that the kernel has seen. */
function peakOf(pid: number | undefined): number {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found === null ? 0 : Number(found[1]) / 1024;
  } catch {
    return 0;
  }
}

/** Every distinct finding stands in the report once: counted by its lines and by its keys. */
function checkReport(file: string, distinct: number): void {
  const keys = new Set<string>();
  let rows = 0;
  eachLine(file, (line) => {
    const key = /^\{"key":"([0-9a-f-]+)"/.exec(line)?.[1];
    if (key === undefined) return;
    rows++;
    keys.add(key);
  });
  if (rows !== distinct || keys.size !== distinct)
    throw new Error(`expected ${distinct} findings, the report has ${rows} rows and ${keys.size} keys`);
}

function eachLine(file: string, take: (start: string) => void): void {
  const fd = openSync(file, 'r');
  let rest = Buffer.alloc(0);
  for (;;) {
    const chunk = Buffer.alloc(4 << 20);
    const read = readSync(fd, chunk, 0, chunk.length, null);
    if (read === 0) break;
    const bytes = Buffer.concat([rest, chunk.subarray(0, read)]);
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      take(bytes.toString('latin1', start, Math.min(end, start + 80)));
      start = end + 1;
    }
    rest = Buffer.from(bytes.subarray(start));
  }
  closeSync(fd);
}

function sameBytes(a: string, b: string): boolean {
  if (statSync(a).size !== statSync(b).size) return false;
  const [x, y] = [openSync(a, 'r'), openSync(b, 'r')];
  const [left, right] = [Buffer.alloc(4 << 20), Buffer.alloc(4 << 20)];
  try {
    for (;;) {
      const read = readSync(x, left, 0, left.length, null);
      if (read === 0) return true;
      for (let at = 0; at < read; ) at += readSync(y, right, at, read - at, null);
      if (left.compare(right, 0, read, 0, read) !== 0) return false;
    }
  } finally {
    closeSync(x);
    closeSync(y);
  }
}

/** Into the page cache, so that both sides read from memory. */
function warm(file: string): void {
  const fd = openSync(file, 'r');
  const block = Buffer.alloc(8 << 20);
  while (readSync(fd, block, 0, block.length, null) > 0);
  closeSync(fd);
}
