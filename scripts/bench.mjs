// Runs the benchmarks of test/bench, each bundled and in a process of its own: `bench.mjs [NAME…] [--json] [--size full]`.
import { fork } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';
import { getBorderCharacters, table } from 'table';
import { buildIfStale } from './build-if-stale.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const output = join(root, 'dist/bench');

process.exitCode = await main();

async function main() {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean' }, size: { type: 'string' } },
    allowPositionals: true,
  });
  const known = readdirSync(join(root, 'test/bench'))
    .filter((file) => file.endsWith('.bench.ts'))
    .map((file) => file.slice(0, -'.bench.ts'.length))
    .sort();
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    process.stderr.write(`error: no benchmark ${unknown}\n  next: choose of ${known.join(', ')}\n`);
    return 2;
  }
  if (values.size !== undefined) process.env.ROC_BENCH_SIZE = values.size;
  buildIfStale();
  const machine = `${platform()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  const load = Number(loadavg()[0]?.toFixed(2));
  const [rows, pages] = [[], []];
  let broken = 0;
  for (const name of positionals.length > 0 ? positionals : known) {
    process.stderr.write(`bench ${name}\n`);
    try {
      const report = await runBench(name);
      rows.push(...report.rows);
      if (report.page !== null) pages.push(report.page);
    } catch (error) {
      broken++;
      process.stderr.write(`error: benchmark ${name} broke: ${error.message}\n`);
    }
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, load, rows }, null, 2)}\n`);
  else process.stdout.write(`${machine}, load ${load}\n\n${[formatRows(rows), ...pages].join('\n')}`);
  // An aim that was missed is a figure to read, not a failure of the run.
  return broken === 0 ? 0 : 1;
}

// Node 20 runs no TypeScript: the benchmark and the sources it imports become one file, packages stay outside.
async function runBench(name) {
  mkdirSync(output, { recursive: true });
  const file = join(output, `${name}.mjs`);
  const bundle = await rolldown({
    input: join(root, `test/bench/${name}.bench.ts`),
    external: (id) => !id.startsWith('.') && !id.startsWith('/'),
    resolve: { extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } },
    platform: 'node',
    logLevel: 'warn',
  });
  await bundle.write({ file, format: 'esm', codeSplitting: false });
  await bundle.close();
  return inChild(file);
}

// What a benchmark prints goes to stderr, so that stdout holds only the report.
function inChild(file) {
  return new Promise((resolve, reject) => {
    const child = fork(join(root, 'scripts/bench-child.mjs'), [file], { stdio: ['ignore', 2, 2, 'ipc'] });
    let report;
    child.once('message', (message) => {
      report = message;
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (report !== undefined && code === 0) resolve(report);
      else reject(new Error(`${file} ended with ${signal ?? `exit code ${code}`} and gave no rows`));
    });
  });
}

function formatRows(rows) {
  const head = ['CASE', 'VALUE', 'AGAINST', 'ITS VALUE', 'RATIO', 'AIM', 'MET'];
  const cells = rows.map((row) => [
    row.case,
    `${row.value} ${row.unit}`,
    row.against,
    row.againstValue === null ? 'not run' : `${row.againstValue} ${row.unit}`,
    row.ratio ?? '-',
    row.aim ?? '-',
    row.met === null ? '-' : row.met ? 'yes' : 'NO',
  ]);
  const text = table([head, ...cells], {
    border: getBorderCharacters('void'),
    columnDefault: { paddingLeft: 0, paddingRight: 2 },
    drawHorizontalLine: () => false,
  });
  return text.replace(/ +$/gm, '');
}
