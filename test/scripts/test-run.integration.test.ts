/** `npm test` itself: its last line and its exit code, whatever happens to the tests. */
import { rmSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { startProgram } from '../helpers/program.js';
import { projectPath } from '../helpers/project.js';
import { cleanEnv } from '../helpers/roc.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

const home = makeTempDir('npm-test');
afterAll(() => removeDir(home));

describe('npm test', () => {
  it('ends green when what it ran passed', async () => {
    const { exitCode, lines } = await npmTest(['test/bench/bench-row']);
    expect({ exitCode, last: lines.at(-1) }).toEqual({ exitCode: 0, last: '18 passed, 0 failed' });
  });

  it('ends red when nothing ran', async () => {
    const { exitCode, lines } = await npmTest(['test/nothing-of-that-name']);
    expect({ exitCode, last: lines.at(-1) }).toEqual({ exitCode: 1, last: '0 passed, 1 failed' });
  });

  it.each([
    [
      'a test fails',
      "it('adds', () => { throw new TypeError('no'); });",
      /^failed: adds/,
      '0 passed, 1 failed',
    ],
    ['a file cannot be loaded', "import './nowhere.js';", /^broken: .*scratch/, '0 passed, 1 failed'],
    [
      'something breaks outside the tests',
      "it('passes', () => { setTimeout(() => { throw new TypeError('late'); }); return new Promise((r) => setTimeout(r, 50)); });",
      /^vitest ended with 1 though no test failed/,
      '1 passed, 1 failed',
    ],
  ])('ends red when %s', async (_, body, told, last) => {
    await withScratchTest(body, async (filter) => {
      const { exitCode, lines } = await npmTest([filter]);
      expect({ exitCode, last: lines.at(-1), told: lines.at(-2) }).toEqual({
        exitCode: 1,
        last,
        told: expect.stringMatching(told),
      });
    });
  });

  it('ends red, and says where, when a file blocks its process', async () => {
    const body = `
      it('fails', () => { throw new TypeError('lost its server'); });
      it('rests', () => new Promise((resolve) => setTimeout(resolve, 1000)));
      it('spins', () => { for (;;) Math.random(); });`;
    await withScratchTest(body, async (filter) => {
      const { exitCode, lines } = await npmTest([filter], { ROC_TEST_FILE_SECONDS: '5' });
      expect({ exitCode, last: lines.at(-1) }).toEqual({
        exitCode: 1,
        last: expect.stringMatching(/^\d passed, \d failed/),
      });
      expect(lines.filter((line) => /^stuck: |^ {2}.* lost |its process: | at .*scratch/.test(line))).toEqual(
        [
          expect.stringContaining(filter),
          '    fails: lost its server',
          expect.stringContaining('workers/forks'),
          expect.stringContaining(filter),
        ],
      );
    });
  });

  it('names what passed at a second try, where one is allowed', async () => {
    const body =
      "let tries = 0; it('wavers', { retry: 1 }, () => { if (tries++ === 0) throw new TypeError('once'); });";
    await withScratchTest(body, async (filter) => {
      const { exitCode, lines } = await npmTest([filter]);
      expect({ exitCode, ending: lines.slice(-3) }).toEqual({
        exitCode: 0,
        ending: [
          expect.stringMatching(/^passed at a second try: wavers \(.*scratch/),
          '  at first: once',
          '1 passed, 0 failed',
        ],
      });
    });
  });

  const needy = `
    import { describeWith } from './helpers/parts.js';
    it('runs anyway', () => {});
    describeWith(['git', 'openssl'], 'a test of much', () => { it('one', () => {}); it('two', () => {}); });`;

  it('says which part is missing and how many tests it kept from running', async () => {
    await withScratchTest(needy, async (filter) => {
      const { exitCode, lines } = await npmTest([filter], { ROC_TEST_WITHOUT: 'openssl' });
      expect({ exitCode, ending: lines.slice(-2) }).toEqual({
        exitCode: 0,
        ending: [
          'not run: openssl (left out by ROC_TEST_WITHOUT), 2 tests; to run them: apt-get install openssl',
          '1 passed, 0 failed, 2 skipped',
        ],
      });
    });
  });

  it.each([['all'], ['git,openssl']])(
    'ends red for a missing part where %s are required',
    async (required) => {
      await withScratchTest(needy, async (filter) => {
        const { exitCode, lines } = await npmTest([filter], {
          ROC_TEST_WITHOUT: 'openssl',
          ROC_TEST_REQUIRE: required,
        });
        expect({ exitCode, last: lines.at(-1) }).toEqual({ exitCode: 1, last: '1 passed, 2 failed' });
      });
    },
  );

  it('counts a Node that is not there as a failure', async () => {
    const { exitCode, lines } = await npmTest(['test/bench/bench-row', '--also-on', '/nowhere/node']);
    expect({ exitCode, ending: lines.slice(-2) }).toEqual({
      exitCode: 1,
      ending: ['not run: smoke, /nowhere/node does not exist', '18 passed, 1 failed'],
    });
  });
});

let scratches = 0;

async function withScratchTest(body: string, use: (filter: string) => Promise<void>): Promise<void> {
  const name = `scratch-${process.pid}-${scratches++}`;
  const file = projectPath('test', `${name}.test.ts`);
  writeFileSync(file, `import { it } from 'vitest';\n${body}\n`);
  try {
    await use(`test/${name}`);
  } finally {
    rmSync(file);
  }
}

async function npmTest(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ exitCode: number | null; lines: string[] }> {
  const program = startProgram(process.execPath, [projectPath('scripts/test.mjs'), '--unit', ...args], {
    env: { ...cleanEnv(home), ...env },
  });
  const { exitCode } = await program.ended;
  return { exitCode, lines: program.stdout().trimEnd().split('\n') };
}
