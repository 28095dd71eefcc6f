/** The launcher of the built roc: what is answered before any command, pipes that close early or read slowly, old Nodes. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startProgram } from '../helpers/program.js';
import { projectPath } from '../helpers/project.js';
import { cleanEnv, runRoc } from '../helpers/roc.js';
import { withTempDir } from '../helpers/temp-dir.js';

const roc = projectPath('bin/roc.cjs');

describe('what needs no command', () => {
  it.each([[['--version']], [['-v']]])('%j prints version, platform and Node', async (args) => {
    const result = await runRoc(args);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toBe(`roc/0.1.0 ${process.platform}-${process.arch} node-${process.version}\n`);
  });

  it.each([[[]], [['--help']], [['-h']], [['help']]])('%j prints the same help', async (args) => {
    const [result, help] = [await runRoc(args), await runRoc(['--help'])];
    expect(result).toMatchObject({ exitCode: 0, stdout: help.stdout, stderr: '' });
    expect(help.stdout).toContain(`roc/0.1.0 ${process.platform}-${process.arch} node-${process.version}`);
    expect(help.stdout).toContain('whoami');
  });

  it('names the topics of a topic beside its commands', async () => {
    const { stdout } = await runRoc(['vulns', '--help']);
    expect(stdout).toMatch(/TOPICS\n {2}vulns feeds {2}fetch/);
    expect(stdout).toMatch(/COMMANDS\n {2}vulns explain/);
  });

  it('refuses a command that does not exist and names the nearest', async () => {
    const result = await runRoc(['whoamy']);
    expect(result).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: 'error: roc whoamy is not a command\n  next: Did you mean `roc whoami`?\n',
    });
  });

  it('says so where roc is not built', () =>
    withTempDir(async (dir) => {
      cpSync(projectPath('bin'), join(dir, 'bin'), { recursive: true });
      const program = startProgram(process.execPath, [join(dir, 'bin/roc.cjs'), '--help'], {
        env: cleanEnv(dir),
      });
      expect(await program.ended).toEqual({ exitCode: 2, signal: null });
      expect(program.stderr()).toBe(
        'error: roc is not built\n  next: Run `npm ci && npm run build` in its folder.\n',
      );
    }));

  it('runs through a link, as npm installs it', () =>
    withTempDir(async (dir) => {
      const link = join(dir, 'roc');
      symlinkSync(roc, link);
      const program = startProgram(process.execPath, [link, 'whoami', '--help'], { env: cleanEnv(dir) });
      expect(await program.ended).toEqual({ exitCode: 0, signal: null });
      expect(program.stdout()).toContain('USAGE');
    }));
});

describe('an old Node', () => {
  const asNode = (version: string) => ({
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
      `Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`,
    )}`,
  });

  it.each([['18.20.4'], ['20.18.3']])('%s is refused with exit 2 before anything runs', async (version) => {
    const { exitCode, stdout, stderr } = await runRoc(['whoami'], { env: asNode(version) });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^error: Node ${version} is too old .+\n {2}next: .+\n$`));
  });

  it('is refused as JSON for who asked for JSON', async () => {
    const result = await runRoc(['whoami', '--json'], { env: asNode('18.20.4') });
    expect(result).toMatchObject({ exitCode: 2, stderr: '' });
    expect(result.json()).toEqual({
      error: { code: 'ROC_NODE_TOO_OLD', message: expect.any(String), hint: expect.any(String) },
    });
  });

  it.each([['20.19.0'], ['22.0.0']])('%s is not old', async (version) => {
    expect(await runRoc(['whoami', '--help'], { env: asNode(version) })).toMatchObject({ exitCode: 0 });
  });
});

describe('a pipe that closes early', () => {
  it.each([[['--help']], [['whoami', '--help']]])('ends %j without a word', async (args) => {
    const child = spawn(process.execPath, [roc, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const exitCode = await new Promise((resolve) => child.once('close', resolve));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });
});

describe('a program of one command', () => {
  it('delivers a large answer whole to a slow reader', () =>
    withProgram(
      `process.stdout.write(JSON.stringify({ items: Array.from({ length: 200_000 }, (_, i) => 'item ' + i) }) + '\\n');`,
      async (start) => {
        const child = start();
        const chunks: Buffer[] = [];
        for await (const chunk of child.stdout ?? []) {
          chunks.push(chunk);
          if (chunks.length % 8 === 0) await sleep(5);
        }
        const { items } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        expect([items.length, items.at(-1)]).toEqual([200_000, 'item 199999']);
      },
    ));

  it.each([
    ['throws', `throw new Error('broken\\n    at secret.js:1:1');`],
    [
      'rejects where nobody listens',
      `Promise.reject(new Error('broken')); await new Promise((r) => setTimeout(r, 500));`,
    ],
    [
      'throws in a callback',
      `setTimeout(() => { throw new Error('broken'); }); await new Promise((r) => setTimeout(r, 500));`,
    ],
  ])('that %s ends with exit 1, and no stack trace', (_, body) =>
    withProgram(body, async (start) => {
      const child = start('--json');
      const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
      expect(JSON.parse(stdout)).toEqual({
        error: { code: 'ROC_UNEXPECTED', message: 'an unexpected fault: broken', hint: expect.any(String) },
      });
      expect({ stderr, exitCode: child.exitCode ?? (await ended(child)) }).toEqual({
        stderr: '',
        exitCode: 1,
      });
    }),
  );
});

// A package with one command, `big`, of the given body, under the real launcher.
async function withProgram(
  body: string,
  use: (start: (...args: string[]) => ReturnType<typeof spawn>) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    mkdirSync(join(dir, 'dist'));
    const command = { id: 'big', aliases: [], hiddenAliases: [], args: {}, strict: false };
    const program = { name: 'big', version: '1.0.0', oclif: { bin: 'big' } };
    const commands = { big: { ...command, relativePath: ['dist', 'big.js'] } };
    writeFileSync(join(dir, 'dist/start.json'), JSON.stringify({ program, commands }));
    writeFileSync(join(dir, 'dist/big.js'), `exports.default = class { static async run() { ${body} } };`);
    const launch = JSON.stringify(projectPath('dist/launch.js'));
    writeFileSync(join(dir, 'main.cjs'), `require(${launch}).launch(__dirname, require);`);
    await use((...args) =>
      spawn(process.execPath, [join(dir, 'main.cjs'), 'big', ...args], { env: cleanEnv(dir) }),
    );
  });
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += chunk;
  return text;
}

function ended(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve));
}
