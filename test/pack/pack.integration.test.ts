/** What is published, as a stranger gets it: packed, installed in an empty folder, run, imported, type-checked. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProgram } from '../helpers/program.js';
import { projectPath } from '../helpers/project.js';
import { cleanEnv } from '../helpers/roc.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

interface PackageJson {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
}
const packageJson = JSON.parse(readFileSync(projectPath('package.json'), 'utf8')) as PackageJson;
const subpaths = Object.keys(packageJson.exports).filter((path) => path !== './package.json');
const specifiers = subpaths.map((path) => path.replace(/^\./, 'roc'));

let consumer: string;
let packed: string[];
beforeAll(() => {
  consumer = makeTempDir('consumer');
  packed = packAndInstall();
});
afterAll(() => removeDir(consumer));

describe('the package', () => {
  it('holds what it needs and nothing of the workshop', () => {
    const tops = [...new Set(packed.map((file) => file.split('/')[0]))].sort();
    expect(tops).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'bin', 'dist', 'oclif.manifest.json']),
    );
    expect(
      packed.filter((file) => /^(src|test|scripts|commands|docs|\.ci|node_modules)\/|\.map$/.test(file)),
    ).toEqual([]);
    expect(packed.filter((file) => /^dist\/(bench|bundle-graph)/.test(file))).toEqual([]);
    expect(packed.filter((file) => /(^|\/)\.env|\.pem$|\.key$|roc\.yaml$/.test(file))).toEqual([]);
  });

  it('runs no script when it is installed', () => {
    const scripts =
      (JSON.parse(readFileSync(installed('package.json'), 'utf8')) as { scripts?: object }).scripts ?? {};
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
  });

  it.each([
    [['--version'], `roc/${packageJson.version} `],
    [['whoami', '--help'], 'USAGE'],
    [['policy', 'check', '--help'], 'USAGE'],
  ])('runs roc %j', async (args, expected) => {
    const program = startProgram(process.execPath, [installed('bin/roc.cjs'), ...args], {
      env: cleanEnv(consumer),
    });
    expect(await program.ended).toEqual({ exitCode: 0, signal: null });
    expect(program.stdout()).toContain(expected);
    expect(program.stderr()).toBe('');
  });

  it.each(specifiers)('lets a program import %s', async (specifier) => {
    const script = `import * as all from '${specifier}'; process.stdout.write(String(Object.keys(all).length));`;
    const program = startProgram(process.execPath, ['--input-type=module', '-e', script], {
      cwd: consumer,
      env: cleanEnv(consumer),
    });
    expect({ ...(await program.ended), stderr: program.stderr() }).toEqual({
      exitCode: 0,
      signal: null,
      stderr: '',
    });
    expect(Number(program.stdout())).toBeGreaterThan(0);
  });

  it('keeps everything else to itself', async () => {
    const script = "import('roc/dist/launch.js').catch((error) => process.stdout.write(error.code));";
    const program = startProgram(process.execPath, ['--input-type=module', '-e', script], { cwd: consumer });
    await program.ended;
    expect(program.stdout()).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  // Nothing but the package and the types of Node are there: a type of a bundled library would not resolve.
  it('has types that a strict consumer takes, library check included', async () => {
    writeFileSync(join(consumer, 'package.json'), '{"type":"module"}');
    mkdirSync(join(consumer, 'node_modules/@types'), { recursive: true });
    for (const name of ['@types/node', 'undici-types']) {
      cpSync(projectPath('node_modules', name), join(consumer, 'node_modules', name), { recursive: true });
    }
    const lines = specifiers.map(
      (specifier, i) => `import * as m${i} from '${specifier}';\nexport const n${i}: object = m${i};`,
    );
    const use = [
      "import { RocError } from 'roc';",
      "export const code: string = new RocError('ROC_USAGE', 'x').code;",
      VULNS_CONSUMER,
      STATUS_CONSUMER,
      POSTURE_CONSUMER,
    ].join('\n');
    writeFileSync(join(consumer, 'consumer.ts'), [...lines, use].join('\n'));
    writeFileSync(
      join(consumer, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['consumer.ts'] }),
    );
    const program = startProgram(process.execPath, [tsc(), '-p', consumer], { cwd: consumer });
    expect({ ...(await program.ended), output: program.stdout() }).toEqual({
      exitCode: 0,
      signal: null,
      output: '',
    });
  });

  // What the types promised above is what runs.
  it('triages findings from the library alone', async () => {
    const finding = {
      findingArn: 'arn:aws:inspector2:eu-west-1:1:finding/1',
      awsAccountId: '111122223333',
      type: 'PACKAGE_VULNERABILITY',
      severity: 'HIGH',
      status: 'ACTIVE',
      packageVulnerabilityDetails: {
        vulnerabilityId: 'CVE-2024-0001',
        vulnerablePackages: [{ name: 'a', version: '1' }],
      },
      resources: [{ type: 'AWS_EC2_INSTANCE', id: 'i-1' }],
    };
    writeFileSync(join(consumer, 'findings.json'), JSON.stringify([finding]));
    const script = `import { triage } from './out/consumer.js'; console.log(await triage(['findings.json'], 'store'));`;
    const program = startProgram(process.execPath, ['--input-type=module', '-e', script], {
      cwd: consumer,
      env: cleanEnv(consumer),
    });
    expect({ ...(await program.ended), stderr: program.stderr() }).toMatchObject({ exitCode: 0, stderr: '' });
    expect(program.stdout()).toContain("[ 'high' ]");
  });

  it('finds its own policy, and says by its own codes what stands in the way', async () => {
    const script = `import { look, held } from './out/consumer.js'; console.log(await look(), await held());`;
    const program = startProgram(process.execPath, ['--input-type=module', '-e', script], {
      cwd: consumer,
      env: {
        ...{ ...cleanEnv(consumer), AWS_ACCESS_KEY_ID: 'AKIDROC', AWS_SECRET_ACCESS_KEY: 'test' },
        // AWS's own client announces which Node it will want one day.
        NODE_NO_WARNINGS: '1',
      },
    });
    expect({ ...(await program.ended), stderr: program.stderr() }).toMatchObject({ exitCode: 0, stderr: '' });
    expect(program.stdout().trim()).toBe('ROC_USAGE ROC_UNREACHABLE');
  });
});

/** The whole of roc/vulns as a program uses it; its types are checked, and it runs. */
const VULNS_CONSUMER = `
import { decisionTable, evidenceOf, explainFinding, feedStates, lookUp, parseFailOn, parseSince, pullFeeds, reportVulnerabilities, riskScore, suppressFindings, type Finding, type Severity, type VulnsReportRequest } from 'roc/vulns';
export async function triage(inputs: readonly string[], store: string): Promise<Severity[]> {
  const now = Date.now();
  const request: VulnsReportRequest = { inputs, store, now, top: 5, since: parseSince('7d', now), group: 'owner', gates: [parseFailOn('new,critical')], outputs: [{ file: 'r.json', format: 'json' }] };
  const made = await reportVulnerabilities(request);
  const verdict: 'pass' | 'fail' | 'unknown' = evidenceOf(made).verdict;
  const top: readonly Finding[] = made.top;
  const first = top[0];
  if (first !== undefined) console.log((await explainFinding({ key: first.key, store, now })).rows.length, verdict, made.exitCode, made.groups?.length);
  const said = lookUp(await decisionTable('cisa-bod-26-04'), ['yes', 'yes', 'yes', 'total']);
  console.log(said.decided ? said.row.days : said.missing, riskScore({ severity: 'high', cvss: [7.5], epss: 0.5, inKev: false, ransomware: false }).score);
  console.log((await feedStates('feeds', now)).map((feed) => feed.ageDays), (await pullFeeds({ dir: 'feeds', names: [], urls: {}, idleMs: 1 })).items.length);
  console.log((await suppressFindings({ file: 's.yaml', match: { cve: 'CVE-2024-0001' }, status: 'accepted', reason: 'r', by: 'b', days: 1, allowKev: false, now })).expires);
  return top.map((finding) => finding.severity);
}`;

const STATUS_CONSUMER = `
import { createStatus, isWell, worst, type Component, type DatabaseAdvice, type Part, type Reason, type Status, type StatusLook, type StatusMetric, type StatusOptions, type StatusWatch, type Unit, type Verdict } from 'roc/status';
const sorry = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'none');
export async function look(more: Partial<StatusOptions> = {}): Promise<string> {
  try {
    const watch: StatusWatch = createStatus({ region: 'eu-west-1', stack: {}, ...more });
    const { status, cost }: StatusLook = await watch.look();
    const parts: readonly Component[] = status.components;
    const advice: DatabaseAdvice | null = status.advice.database;
    const [first]: readonly (Part | StatusMetric | Reason)[] = [...(parts[0]?.parts ?? []), ...(parts[0]?.metrics ?? []), ...(parts[0]?.reasons ?? [])];
    const unit: Unit = parts[0]?.metrics[0]?.unit ?? 'count';
    const all: Verdict = worst(parts.map((part) => part.verdict));
    return [isWell(status satisfies Status), cost.usd, advice?.why, first?.verdict, unit, all].join();
  } catch (error) {
    return sorry(error);
  }
}`;

const POSTURE_CONSUMER = `
import { checkPosture, evidenceOf as evidenceOfPosture, isHeld, type Checked, type ControlResult, type Evidence, type Posture, type PostureEvidence, type PostureOptions, type Severity as ControlSeverity, type Verdict as ControlVerdict, type Waiver } from 'roc/posture';
export async function held(): Promise<string> {
  const options: Omit<PostureOptions, 'packageRoot'> = { region: 'eu-west-1', endpointUrl: 'http://127.0.0.1:9', vpc: null };
  try {
    const checked: Checked = await checkPosture(options);
    const posture: Posture = checked.posture;
    const evidence: PostureEvidence = evidenceOfPosture(checked);
    const first: ControlResult | undefined = posture.controls[0];
    const seen: readonly Evidence[] = first?.evidence ?? [];
    const waiver: Waiver | null = first?.waiver ?? null;
    const words: readonly (ControlVerdict | ControlSeverity | undefined)[] = [first?.verdict, first?.severity];
    return [isHeld(posture), evidence.verdict, seen.length, waiver?.until, ...words].join();
  } catch (error) {
    return sorry(error);
  }
}`;

const compilerOptions = {
  target: 'es2023',
  lib: ['es2023'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  outDir: 'out',
};

function tsc(): string {
  return projectPath('node_modules/typescript/bin/tsc');
}

function installed(file: string): string {
  return join(consumer, 'node_modules/roc', file);
}

// By npm where the registry or its cache has the few dependencies, else by hand from this project's node_modules.
function packAndInstall(): string[] {
  const npm = (...args: string[]) =>
    execFileSync('npm', [...args, '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
      cwd: consumer,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 180_000,
      killSignal: 'SIGKILL',
    });
  const [{ filename, files } = { filename: '', files: [] }] = JSON.parse(
    npm('pack', projectPath(), '--json', '--pack-destination', consumer),
  ) as { filename: string; files: { path: string }[] }[];
  writeFileSync(join(consumer, 'package.json'), '{"private":true}');
  try {
    npm(
      'install',
      '--prefer-offline',
      '--fetch-retries=0',
      '--fetch-timeout=20000',
      join(consumer, filename),
    );
  } catch {
    installByHand(join(consumer, filename));
  }
  return files.map((file) => file.path);
}

function installByHand(tarball: string): void {
  mkdirSync(installed('.'), { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', installed('.'), '--strip-components=1'], {
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  for (const name of readdirSync(projectPath('node_modules'), { recursive: false, encoding: 'utf8' })) {
    const isNative =
      /^(libsql|@libsql|@node-rs|@neon-rs|detect-libc)$/.test(name) || name in packageJson.dependencies;
    const link = join(consumer, 'node_modules', name);
    if (!isNative || existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(projectPath('node_modules', name), link);
  }
}
