/** A build of roc in which one line says something else: to see that the harness would notice. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectPath, projectRoot } from '../helpers/project.js';

export interface Mutation {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Builds it below `dir`. @throws TypeError where the line is not there, exactly once */
export function buildMutant(dir: string, { file, from, to }: Mutation): string {
  const root = join(dir, 'mutant');
  mkdirSync(root);
  for (const part of ['bin', 'commands', 'src', 'scripts', 'policies', 'schemas', 'examples'])
    cpSync(projectPath(part), join(root, part), { recursive: true });
  for (const part of [
    'package.json',
    'tsconfig.json',
    'tsconfig.lib.json',
    'oclif.manifest.json',
    'CHANGELOG.md',
  ])
    cpSync(projectPath(part), join(root, part));
  symlinkSync(projectPath('node_modules'), join(root, 'node_modules'));
  const path = join(root, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(from).length !== 2) throw new TypeError(`${file} does not say ${JSON.stringify(from)} once`);
  writeFileSync(path, text.replace(from, to));
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 300_000,
    killSignal: 'SIGKILL',
  });
  if (dirname(root) === projectRoot) throw new TypeError('a mutant must not be built in the project');
  return root;
}
