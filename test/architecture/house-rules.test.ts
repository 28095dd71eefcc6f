/** Rules of the house that no linter rule says: names, sizes, headers, and what pure code may not touch. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { projectPath } from '../helpers/project.js';

const sources = ['src', 'commands'].flatMap((folder) =>
  readdirSync(projectPath(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
);
const textOf = (file: string) => readFileSync(projectPath(file), 'utf8');
const inSrc = sources.filter((file) => file.startsWith('src/'));
const having = (files: readonly string[], pattern: RegExp) =>
  files.filter((file) => pattern.test(textOf(file)));

describe('every source file', () => {
  it('is named in kebab case by the idea inside', () => {
    const vague = /(^|\/)(utils?|helpers?|common|base|misc|shared|manager|service|index)(\.|\/)/;
    // `roc provision` and `roc backup report` are commands and topics at once: oclif reads those from an index.
    const isTopic = (file: string) => /^commands\/.*\/index\.ts$/.test(file);
    const isVague = (file: string) => vague.test(file) && !isTopic(file);
    expect(sources.filter((file) => isVague(file) || !/^[a-z0-9/.-]+$/.test(file))).toEqual([]);
  });

  it('of src begins with a sentence that says what it is', () => {
    expect(inSrc.filter((file) => !/^(#!.*\n)?\/\*\* ?[\s\S]+?\*\/|^\/\//.test(textOf(file)))).toEqual([]);
  });

  it('throws RocError, never a bare Error', () => {
    expect(having(sources, /throw new Error\(|reject\(new Error\(/)).toEqual([]);
  });

  it('makes folders by makeFolder, since a recursive mkdir may never return', () => {
    expect(having(inSrc, /mkdir(Sync)?\([^;]*recursive: true/)).toEqual([]);
  });

  it('has no note of work left to do', () => {
    expect(having(sources, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });
});

describe('another program that is waited for synchronously', () => {
  const all = ['src', 'commands', 'test'].flatMap((folder) =>
    readdirSync(projectPath(folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !file.startsWith('test/bench/')),
  );
  // Up to the end of the statement; a call inside a script that another process runs stands behind a dot.
  const calls = (file: string) =>
    [...textOf(file).matchAll(/(?<![.\w])(?:spawnSync|execFileSync|execSync)\([\s\S]*?\);?\n/g)].map(
      ([call]) => call,
    );

  it('has a limit and is killed at it: until then nothing else runs, not even a time-out', () => {
    const found = all.flatMap((file) => calls(file).map((call) => ({ file, call })));
    expect(found.length).toBeGreaterThan(10);
    expect(found.filter(({ call }) => !/timeout:[\s\S]*killSignal: 'SIGKILL'/.test(call))).toEqual([]);
  });
});

describe('a decision', () => {
  const decisions = inSrc.filter((file) => /\/decide(\.ts|\/)/.test(file));

  it('takes time and chance as arguments and does no input or output', () => {
    expect(having(decisions, /Date\.now\(|new Date\(\)|Math\.random\(|randomBytes|randomUUID/)).toEqual([]);
    expect(
      having(decisions, /from 'node:(fs|net|http|https|child_process|timers|os)[/']|process\.env|\bfetch\(/),
    ).toEqual([]);
  });
});
