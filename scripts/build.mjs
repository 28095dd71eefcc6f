// Builds what is published: the CLI (CJS, one entry a command, code split), the library (ESM), the manifest and the help text.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { stampBuild } from './build-if-stale.mjs';
import { bundleGraph } from './bundle-graph.mjs';
import { refuseForeignTypes } from './public-types.mjs';
import { isStandIn, slimOclif } from './slim-oclif.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// Native modules stay outside; so do optional peers that the bundled libraries only probe for.
const outside = [...Object.keys(pjson.dependencies), 'pino-pretty', 'bufferutil', 'utf-8-validate'];
const isOutside = (id) =>
  id.startsWith('node:') || outside.some((name) => id === name || id.startsWith(`${name}/`));
const external = (id, importer) => !isStandIn(id, importer) && isOutside(id);
const resolve = { extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } };

const START = /src\/(kernel\/errors|cli\/(error-report|printable|nearest|usage))\.ts$/;

await main();

async function main() {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  await buildCli();
  await buildLibrary();
  await writeManifest();
  writeFastAnswers();
  stampBuild();
}

async function buildCli() {
  const input = { launch: join(root, 'src/cli/launch.ts') };
  for (const file of typescriptFiles('commands')) input[file.replace(/\.ts$/, '')] = join(root, file);
  Object.assign(input, workers());
  const bundle = await rolldown({
    input,
    external,
    resolve,
    plugins: [slimOclif(), bundleGraph(writeGraph)],
    platform: 'node',
    logLevel: 'warn',
  });
  await bundle.write({
    dir: dist,
    format: 'cjs',
    exports: 'named',
    minify: true,
    keepNames: true,
    dynamicImportInCjs: false,
    // What the launcher and every command share, in one file instead of five.
    codeSplitting: { groups: [{ name: 'start', test: START }] },
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  });
  await bundle.close();
  writeFileSync(join(dist, 'package.json'), '{"type":"commonjs"}\n');
}

// A worker thread needs a file of its own: `src/vulns/match.worker.ts` becomes `dist/workers/match.worker.js`, which
// the code that starts it finds by the package root.
function workers() {
  const input = {};
  for (const file of typescriptFiles('src').filter((name) => name.endsWith('.worker.ts'))) {
    const name = `workers/${basename(file, '.ts')}`;
    if (name in input) throw new Error(`two workers are called ${name}`);
    input[name] = join(root, file);
  }
  return input;
}

function writeGraph(graph) {
  writeFileSync(join(dist, 'bundle-graph.json'), `${JSON.stringify(graph)}\n`);
}

async function buildLibrary() {
  const input = {};
  for (const file of typescriptFiles('src/exports'))
    input[file.replace(/^src\/exports\/|\.ts$/g, '')] = join(root, file);
  if (Object.keys(input).length === 0) return;
  const bundle = await rolldown({ input, external, resolve, platform: 'node', logLevel: 'warn' });
  await bundle.write({
    dir: join(dist, 'lib'),
    format: 'esm',
    minify: true,
    keepNames: true,
    chunkFileNames: 'chunks/[name]-[hash].js',
  });
  await bundle.close();
  writeFileSync(join(dist, 'lib/package.json'), '{"type":"module"}\n');
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', join(root, 'tsconfig.lib.json')], {
    stdio: 'inherit',
    timeout: 240_000,
    killSignal: 'SIGKILL',
  });
  refuseForeignTypes(join(dist, 'lib/types'));
}

// oclif's own loader writes the manifest; keys are sorted because its order changes from run to run.
async function writeManifest() {
  const { Plugin } = await import('@oclif/core/config');
  const plugin = new Plugin({ root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true });
  await plugin.load();
  const manifest = sortKeys(plugin.manifest);
  writeFileSync(join(root, 'oclif.manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  writeStartIndex(manifest);
}

// What src/cli/cli-config.ts reads at each start: a small index of all, and beside each command what help tells of it.
function writeStartIndex(manifest) {
  const commands = {};
  for (const [id, command] of Object.entries(manifest.commands)) {
    const { aliases, hiddenAliases, strict, relativePath, summary, hidden } = command;
    const args = Object.fromEntries(Object.keys(command.args).map((name) => [name, {}]));
    commands[id] = { id, aliases, hiddenAliases, strict, relativePath, summary, hidden, args };
    writeFileSync(join(root, ...relativePath).replace(/\.js$/, '.json'), JSON.stringify(command));
  }
  const { name, version, description, oclif } = pjson;
  const program = { name, version, description, oclif };
  writeFileSync(join(dist, 'start.json'), JSON.stringify({ program, commands }));
}

function writeFastAnswers() {
  writeFileSync(join(dist, 'version.txt'), `roc/${pjson.version} {platform} node-v{node}\n`);
  const launcher = join(root, 'bin/roc.cjs');
  const help = execFileSync(process.execPath, [launcher, '--help'], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', COLUMNS: '100' },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const version = new RegExp(`roc/${pjson.version.replaceAll('.', '\\.')} \\S+ node-v\\S+`);
  writeFileSync(
    join(dist, 'help.txt'),
    help.replace(version, `roc/${pjson.version} {platform} node-v{node}`),
  );
}

function typescriptFiles(folder) {
  const top = join(root, folder);
  if (!existsSync(top)) return [];
  return readdirSync(top, { recursive: true })
    .map((file) => relative(root, join(top, file)).replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts'))
    .sort();
}

function sortKeys(value) {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key])]),
  );
}
