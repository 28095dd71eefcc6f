// `npm test`: has what tests need, builds, runs the unit and integration tests, says what this host could not run.
//   node scripts/test.mjs [FILTER…] [--long] [--unit] [--also-on NODE…]
// ROC_TEST_REQUIRE=all (or names of parts, comma-separated) turns a missing part red.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfStale } from './build-if-stale.mjs';
import { readNotes } from './summary-notes.mjs';
import { installSystemPrograms } from './system-programs.mjs';
import { lastLine, summarize } from './test-report.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const required = (process.env.ROC_TEST_REQUIRE ?? '').split(',').filter(Boolean);

process.exitCode = await main();

async function main() {
  const { values, positionals } = parseArgs({
    options: {
      long: { type: 'boolean' },
      unit: { type: 'boolean' },
      'also-on': { type: 'string', multiple: true },
    },
    allowPositionals: true,
  });
  if (values.long) process.env.ROC_TEST_SIZE = 'long';
  if (!values.unit) {
    installSystemPrograms();
    buildIfStale();
  }
  const projects = values.unit ? ['unit'] : ['unit', 'integration'];
  const runs = [
    await runVitest(process.execPath, [...projects.flatMap((name) => ['--project', name]), ...positionals]),
  ];
  for (const node of values['also-on'] ?? []) runs.push(await smoke(node));

  const total = { passed: 0, failed: 0, skipped: 0, lines: [] };
  for (const run of runs) {
    for (const key of ['passed', 'failed', 'skipped']) total[key] += run[key];
    total.lines.push(...run.lines);
  }
  if (total.passed + total.failed === 0) total.lines.push('no test ran');
  process.stdout.write(`\n${[...total.lines, lastLine(total)].join('\n')}\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

// The whole unit suite and the built command line, on another Node than the one that ran everything.
async function smoke(node) {
  process.stdout.write(`\nsmoke run on ${node}\n`);
  if (!existsSync(node))
    return { passed: 0, failed: 1, skipped: 0, lines: [`not run: smoke, ${node} does not exist`] };
  const run = await runVitest(node, ['--project', 'unit', '--project', 'smoke']);
  return { ...run, lines: run.lines.map((line) => `${node}: ${line}`) };
}

async function runVitest(node, filters) {
  const folder = mkdtempSync(join(tmpdir(), 'roc-report-'));
  const file = join(folder, 'report.json');
  const notes = join(folder, 'notes.txt');
  try {
    const own = ['stuck-files', 'second-tries'].map((name) => join(root, `scripts/${name}.mjs`));
    const reporters = ['default', 'json', ...own].map((reporter) => `--reporter=${reporter}`);
    const args = [vitest, 'run', ...filters, ...reporters, `--outputFile.json=${file}`];
    const exitCode = await ended(node, args, { ROC_TEST_NOTES: notes });
    const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
    const summary = summarize(report, exitCode, required);
    return { ...summary, lines: [...readNotes(notes), ...summary.lines] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ended(command, args, env) {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', 'inherit', 'inherit'];
    const child = spawn(command, args, { cwd: root, stdio, env: { ...process.env, ...env } });
    const forward = (signal) => child.kill(signal);
    process.once('SIGINT', forward).once('SIGTERM', forward);
    child.once('error', reject);
    child.once('exit', (code) => {
      process.off('SIGINT', forward).off('SIGTERM', forward);
      resolve(code);
    });
  });
}
