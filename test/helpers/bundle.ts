/** A TypeScript file of the tests as a program that Node runs: Node 20 runs no TypeScript. */
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { rolldown } from 'rolldown';
import { projectPath } from './project.js';

/** Bundles `test/…/NAME.ts` with the sources it imports, packages left outside; returns the file to run. */
export async function bundleProgram(path: string): Promise<string> {
  // Within the project, so that packages are found from there.
  const dir = projectPath('dist', 'test');
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `${basename(path, '.ts')}-${process.pid}.mjs`);
  const bundle = await rolldown({
    input: projectPath(path),
    external: (id) => !id.startsWith('.') && !id.startsWith('/'),
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    platform: 'node',
    logLevel: 'warn',
  });
  await bundle.write({ file, format: 'esm', codeSplitting: false });
  await bundle.close();
  return file;
}
