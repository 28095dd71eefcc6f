/** The linter really refuses what the house rules forbid: one violating file a rule, in a copy of the configuration. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectPath } from '../helpers/project.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

interface Violation {
  readonly file: string;
  readonly code: string;
  readonly rule: string;
}

const restricted = (file: string, imported: string): Violation[] => [
  { file, code: `import { x } from '${imported}';\nexport const y = x;\n`, rule: 'noRestrictedImports' },
  { file, code: `import type { x } from '${imported}';\nexport type y = x;\n`, rule: 'noRestrictedImports' },
  { file, code: `export const y = import('${imported}');\n`, rule: 'noRestrictedImports' },
];
const ROOMS = ['orchestrator', 'runner', 'stack', 'bastion', 'backup', 'vulns', 'scale', 'posture'];
const lines = (count: number) => 'export {};\n'.repeat(count);

const VIOLATIONS: readonly Violation[] = [
  ...restricted('src/kernel/a.ts', '../vulns/model.js'),
  ...restricted('src/kernel/a.ts', '../cli/table.js'),
  ...restricted('src/kernel/a.ts', '../protocol/routes.js'),
  ...restricted('src/kernel/a.ts', '@oclif/core'),
  ...restricted('src/kernel/a.ts', '@aws-sdk/client-ec2'),
  ...restricted('src/protocol/a.ts', '../vulns/model.js'),
  ...restricted('src/protocol/a.ts', '../cli/table.js'),
  ...restricted('src/protocol/contracts/a.ts', '../../vulns/model.js'),
  ...restricted('src/cli/a.ts', '../vulns/model.js'),
  ...restricted('src/cli/a.ts', '../../commands/whoami.js'),
  ...ROOMS.flatMap((room) => [
    ...restricted(`src/${room}/a.ts`, `../${ROOMS[(ROOMS.indexOf(room) + 1) % ROOMS.length]}/model.js`),
    ...restricted(
      `src/${room}/decide/a.ts`,
      `../../${ROOMS[(ROOMS.indexOf(room) + 1) % ROOMS.length]}/model.js`,
    ),
    ...restricted(`src/${room}/a.ts`, '../cli/table.js'),
    ...restricted(`src/${room}/a.ts`, '../console/app.js'),
    ...restricted(`src/${room}/a.ts`, '../exports/roc.js'),
    ...restricted(`src/${room}/a.ts`, '@oclif/core'),
    ...restricted(`src/${room}/a.ts`, '@oclif/core/flags'),
    ...restricted(`src/${room}/a.ts`, '@aws-sdk/client-ec2'),
    ...restricted(`src/${room}/decide.ts`, '@aws-sdk/client-ec2'),
  ]),
  ...restricted('src/orchestrator/blobs/disk.ts', '@aws-sdk/client-s3'),
  ...restricted('commands/a.ts', '@aws-sdk/client-ec2'),
  ...restricted('commands/jobs/a.ts', './list.js'),
  { file: 'src/vulns/a.ts', code: 'export default 1;\n', rule: 'noDefaultExport' },
  { file: 'src/vulns/a.ts', code: 'export enum Color {\n  Red,\n}\n', rule: 'noEnum' },
  { file: 'src/vulns/a.ts', code: 'export const a = (b: any) => b;\n', rule: 'noExplicitAny' },
  { file: 'src/vulns/a.ts', code: "console.log('x');\n", rule: 'noConsole' },
  { file: 'src/vulns/a.ts', code: "export * from './b.js';\n", rule: 'noReExportAll' },
  {
    file: 'src/vulns/a.ts',
    code: "export { a } from './b.js';\nexport { c } from './d.js';\n",
    rule: 'noBarrelFile',
  },
  { file: 'src/vulns/a.ts', code: lines(251), rule: 'noExcessiveLinesPerFile' },
  { file: 'commands/a.ts', code: lines(61), rule: 'noExcessiveLinesPerFile' },
  {
    file: 'src/vulns/a.ts',
    code: 'async function later(): Promise<void> {}\nexport function now(): void {\n  later();\n}\n',
    rule: 'noFloatingPromises',
  },
  {
    file: 'test/a.test.ts',
    code: "import { it } from 'vitest';\n\nit.skip('x', () => {});\n",
    rule: 'noSkippedTests',
  },
  {
    file: 'test/a.test.ts',
    code: "import { it } from 'vitest';\n\nit.only('x', () => {});\n",
    rule: 'noFocusedTests',
  },
];

const ALLOWED: readonly [file: string, imported: string][] = [
  ['src/vulns/a.ts', '../kernel/errors.js'],
  ['src/vulns/a.ts', '../protocol/routes.js'],
  ['src/vulns/decide/a.ts', '../../kernel/time.js'],
  ['src/vulns/decide/a.ts', '../model.js'],
  ['src/vulns/aws.ts', '@aws-sdk/client-ecr'],
  ['src/vulns/aws/ecr.ts', '@aws-sdk/client-ecr'],
  ['src/orchestrator/blobs/s3.ts', '@aws-sdk/client-s3'],
  ['src/orchestrator/kms/aws.ts', '@aws-sdk/client-kms'],
  ['src/protocol/contracts/a.ts', '../schemas.js'],
  ['src/protocol/a.ts', '../kernel/errors.js'],
  ['src/cli/a.ts', '../protocol/client.js'],
  ['commands/a.ts', '../src/cli/command.js'],
  ['commands/jobs/a.ts', '../../src/vulns/report.js'],
];

let dir: string;
beforeAll(() => {
  dir = makeTempDir('lint');
  for (const name of ['biome.json', 'package.json', '.gitignore'])
    copyFileSync(projectPath(name), join(dir, name));
  for (const name of readPlugins()) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    copyFileSync(projectPath(name), join(dir, name));
  }
  execFileSync('git', ['init', '-q', dir], { timeout: 30_000, killSignal: 'SIGKILL' });
});
afterAll(() => removeDir(dir));

describe('the linter', () => {
  it('refuses every violation of the house rules', () => {
    const files = VIOLATIONS.map((violation, i) => ({ ...violation, file: unique(violation.file, i) }));
    const reported = lint(files);
    const missed = files.filter(({ file, rule }) => !reported.get(file)?.some((name) => name.includes(rule)));
    expect(missed.map(({ file, code, rule }) => `${rule} ${file}: ${code.slice(0, 60)}`)).toEqual([]);
  });

  it('allows the imports that the house rules allow', () => {
    const files = ALLOWED.map(([file, imported], i) => ({
      file: unique(file, i),
      code: `import { x } from '${imported}';\n\nexport const y = x;\n`,
    }));
    const kept = new Map(files.map(({ file }) => [file, file]));
    expect([...lint(files)].filter(([file]) => kept.has(file))).toEqual([]);
  });
});

// Each file gets a folder or name of its own where the rule does not hang on its name.
function unique(file: string, i: number): string {
  return /\/a(\.test)?\.ts$/.test(file) ? file.replace(/a(\.test)?\.ts$/, `a${i}$1.ts`) : file;
}

function lint(files: readonly { file: string; code: string }[]): Map<string, string[]> {
  const reported = new Map<string, string[]>();
  for (const { file, code } of files) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), code);
  }
  for (const diagnostic of diagnostics()) {
    const file = diagnostic.location.path;
    const name = typeof file === 'string' ? file : (file?.file ?? '');
    reported.set(name, [...(reported.get(name) ?? []), diagnostic.category]);
  }
  return reported;
}

interface Diagnostic {
  category: string;
  location: { path: string | { file: string } | null };
}

function diagnostics(): Diagnostic[] {
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '--error-on-warnings', '.'];
  let output: string;
  try {
    output = execFileSync(projectPath('node_modules/.bin/biome'), args, {
      cwd: dir,
      encoding: 'utf8',
      stdio: 'pipe',
      timeout: 100_000,
      killSignal: 'SIGKILL',
    });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  return (JSON.parse(output) as { diagnostics: Diagnostic[] }).diagnostics;
}

function readPlugins(): string[] {
  const config = JSON.parse(readFileSync(projectPath('biome.json'), 'utf8')) as { plugins?: string[] };
  return config.plugins ?? [];
}
