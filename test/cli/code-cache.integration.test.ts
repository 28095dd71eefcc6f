/** The code cache of Nodes before 22.1: damage, strangers, crowds and rewritten files cost speed, never an answer. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startProgram } from '../helpers/program.js';
import { projectPath } from '../helpers/project.js';
import { cleanEnv, runRoc } from '../helpers/roc.js';
import { withTempDir } from '../helpers/temp-dir.js';

const hasOwnCache = 'enableCompileCache' in Module;
const folderName = `roc/code-${process.versions.v8}`;
const HELP = ['whoami', '--help'];

describe('a code cache', () => {
  const obstacles: Record<string, (home: string) => Record<string, string>> = {
    'a file in its place': (home) => {
      writeFileSync(join(home, '.cache'), '');
      return {};
    },
    'a file as its folder': (home) => {
      mkdirSync(join(home, '.cache'));
      writeFileSync(join(home, '.cache/roc'), '');
      return {};
    },
    'a file system without folders': () => ({ XDG_CACHE_HOME: '/proc/none' }),
    'no home': (home) => ({ HOME: join(home, 'gone'), XDG_CACHE_HOME: join(home, 'gone/.cache') }),
  };
  it.each(Object.keys(obstacles))('that finds %s is done without', (name) =>
    withTempDir(async (home) => {
      const env = obstacles[name]?.(home) ?? {};
      const left = readdirSync(home);
      const results = [await runRoc(HELP, { home, env }), await runRoc(HELP, { home, env })];
      for (const result of results) expect(result).toMatchObject({ exitCode: 0, stderr: '' });
      expect(readdirSync(home)).toEqual(left);
    }),
  );

  it('is left out on demand', () =>
    withTempDir(async (home) => {
      expect(await runRoc(HELP, { home, env: { ROC_NO_CODE_CACHE: '1' } })).toMatchObject({ exitCode: 0 });
      expect(readdirSync(home)).toEqual([]);
    }));
});

describe.runIf(!hasOwnCache)('the code cache of this Node', () => {
  it('is written once, for this user alone, and read after that', () =>
    withCache(async (run, folder) => {
      const before = files(folder).map((file) => statSync(file).mtimeMs);
      await run();
      expect(before.length).toBeGreaterThan(0);
      expect(files(folder).map((file) => statSync(file).mtimeMs)).toEqual(before);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      for (const file of files(folder)) expect(statSync(file).mode & 0o777).toBe(0o600);
    }));

  const damages: Record<string, (data: Buffer) => Buffer> = {
    'a flipped byte in each place': (data) =>
      Buffer.from(data.map((byte, i) => (i % 997 === 500 ? byte ^ 0x55 : byte))),
    'one flipped byte': (data) =>
      Buffer.from(data.map((byte, i) => (i === data.length >> 2 ? byte ^ 1 : byte))),
    'half its length': (data) => data.subarray(0, data.length >> 1),
    'one byte less': (data) => data.subarray(0, -1),
    'nothing in it': () => Buffer.alloc(0),
    'zeros in it': (data) => Buffer.alloc(data.length),
    'something else in it': () => Buffer.from('x'.repeat(5000)),
  };
  it.each(Object.keys(damages))('with %s is passed over and written anew', (name) =>
    withCache(async (run, folder) => {
      const whole = new Map(files(folder).map((file) => [file, readFileSync(file)]));
      for (const [file, data] of whole) writeFileSync(file, damages[name]?.(data) ?? data);
      await run();
      for (const file of whole.keys()) {
        const data = readFileSync(file);
        expect(data.subarray(0, data.length / 2).equals(data.subarray(data.length / 2))).toBe(true);
        expect(data.length).toBeGreaterThan(10_000);
      }
    }),
  );

  it('that others may write to is neither read nor written', () =>
    withCache(async (run, folder) => {
      // V8 dies of this if it is given it: two equal halves pass for whole.
      const poison = new Map(files(folder).map((file) => [file, poisoned(readFileSync(file))]));
      for (const [file, data] of poison) writeFileSync(file, data);
      chmodSync(folder, 0o777);
      await run();
      for (const [file, data] of poison) expect(readFileSync(file).equals(data)).toBe(true);
    }));

  it('takes a crowd of first runs at once', () =>
    withTempDir(async (home) => {
      const results = await Promise.all(Array.from({ length: 8 }, () => runRoc(HELP, { home })));
      for (const result of results) expect(result).toMatchObject({ exitCode: 0, stderr: '' });
      const names = readdirSync(join(home, '.cache', folderName));
      expect(names.filter((name) => /\.\d+$/.test(name) && !/-\d+\.\d+$/.test(name))).toEqual([]);
      expect(await runRoc(HELP, { home })).toMatchObject({ exitCode: 0 });
    }));

  it('runs what a file says now, not what it said before, though its length is the same', () =>
    withTempDir(async (home) => {
      mkdirSync(join(home, 'dist'));
      const main = join(home, 'main.cjs');
      const cache = JSON.stringify(projectPath('bin/code-cache.cjs'));
      writeFileSync(main, `require(${cache})(__dirname); require('./dist/says.js');`);
      const says = async (word: string) => {
        const filler = `/*${'.'.repeat(30_000)}*/`;
        writeFileSync(join(home, 'dist/says.js'), `${filler}console.log('${word}')`);
        const program = startProgram(process.execPath, [main], { env: cleanEnv(home) });
        await program.ended;
        return program.stdout().trim();
      };
      expect([await says('one'), await says('two'), await says('six')]).toEqual(['one', 'two', 'six']);
    }));
});

// A warm cache of one command in a home of its own.
async function withCache(use: (run: () => Promise<void>, folder: string) => Promise<void>): Promise<void> {
  await withTempDir(async (home) => {
    const run = async () => {
      const { exitCode, signal, stdout, stderr } = await runRoc(HELP, { home });
      expect({ exitCode, signal, stderr }).toEqual({ exitCode: 0, signal: null, stderr: '' });
      expect(stdout).toContain('USAGE');
    };
    await run();
    await use(run, join(home, '.cache', folderName));
  });
}

function files(folder: string): string[] {
  return readdirSync(folder).map((name) => join(folder, name));
}

function poisoned(data: Buffer): Buffer {
  const half = Buffer.from(data.subarray(0, data.length / 2));
  for (let i = half.length >> 2; i < half.length; i += 97) half[i] = (half[i] ?? 0) ^ 0x55;
  return Buffer.concat([half, half]);
}
