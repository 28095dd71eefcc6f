// `npm run check`: everything that must hold before a change lands, within two minutes. `--static` leaves the tests out.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = join(root, 'oclif.manifest.json');
const committed = readManifest();

const steps = [
  ['lint', () => bin('biome', 'check', '--error-on-warnings')],
  ['types', () => bin('tsc', '-p', 'tsconfig.json')],
  ['knip', () => bin('knip')],
  ['build', () => run(process.execPath, 'scripts/build.mjs')],
  ['manifest', compareManifest],
  ...(process.argv.includes('--static')
    ? []
    : [['unit tests', () => bin('vitest', 'run', '--project', 'unit')]]),
];

process.exitCode = 0;
for (const [name, step] of steps) {
  const start = performance.now();
  const { ok, output } = await step();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n`);
  if (!ok) {
    process.stdout.write(`${output}\n`);
    process.exitCode = 1;
    break;
  }
}

// The build has just written it anew: what differs from the file as it was is not committed yet.
function compareManifest() {
  const ok = isDeepStrictEqual(committed, readManifest());
  return { ok, output: 'oclif.manifest.json was out of date; it is rewritten now: commit it.' };
}

function readManifest() {
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : null;
}

function bin(name, ...args) {
  return run(join(root, 'node_modules/.bin', name), ...args);
}

function run(command, ...args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.once('error', (error) => resolve({ ok: false, output: error.message }));
    child.once('close', (code) =>
      resolve({ ok: code === 0, output: Buffer.concat(chunks).toString('utf8') }),
    );
  });
}
