import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bashScript } from '../../../src/cli/completion/bash.js';
import { fishScript } from '../../../src/cli/completion/fish.js';
import { completionTree } from '../../../src/cli/completion/tree.js';
import { zshScript } from '../../../src/cli/completion/zsh.js';
import { projectPath } from '../../helpers/project.js';

type Source = Parameters<typeof completionTree>[0];
const manifest = JSON.parse(readFileSync(projectPath('oclif.manifest.json'), 'utf8'));
const commands = Object.values(manifest.commands) as unknown as Source;
const tree = completionTree(commands, [{ name: 'jobs', description: "start jobs, it's easy: try" }]);
const node = (path: string) => tree.find((each) => each.path === path);

describe('the completion tree', () => {
  it('has every command with all its flags, and every topic', () => {
    for (const { id, flags } of commands) {
      const path = id.replaceAll(':', ' ');
      const names = node(path)?.flags.flatMap((flag) => flag.names);
      for (const flag of Object.values(flags)) expect(names, path).toContain(`--${flag.name}`);
      expect(names).toContain('--help');
      expect(node(path.split(' ').slice(0, -1).join(' '))?.children.map(({ name }) => name)).toContain(
        path.split(' ').at(-1),
      );
    }
  });

  it('knows what may follow a flag', () => {
    const flag = (path: string, name: string) =>
      node(path)?.flags.find(({ names }) => names.includes(name))?.value;
    expect(flag('jobs list', '--state')).toContain('succeeded');
    expect(flag('jobs list', '--config')).toBe('file');
    expect(flag('robots pull', '-o')).toBe('file');
    expect(flag('jobs list', '--limit')).toBe('free');
    expect(flag('jobs logs', '-f')).toBe('none');
    expect(node('completion')?.words).toEqual(['bash', 'zsh', 'fish']);
  });

  it('leaves hidden commands out', () => {
    const [first] = commands;
    if (first === undefined) throw new TypeError('the manifest is empty');
    expect(completionTree([{ ...first, id: 'secret', hidden: true }], []).map(({ path }) => path)).toEqual([
      '',
    ]);
  });

  it('holds only words that every shell takes as they are', () => {
    for (const { children, flags, words } of tree) {
      const values = flags.flatMap(({ value }) => (Array.isArray(value) ? value : []));
      for (const word of [...children.map(({ name }) => name), ...words, ...values])
        expect(word).toMatch(/^[\w.:,-]+$/);
    }
  });
});

describe('the scripts', () => {
  it.each([
    ['bash', bashScript(tree)],
    ['zsh', zshScript(tree)],
    ['fish', fishScript(tree)],
  ])('%s names every command', (_, script) => {
    for (const { id } of commands) expect(script).toContain(`'${id.replaceAll(':', ' ')}'`);
  });

  it('quote what people wrote', () => {
    expect(zshScript(tree)).toContain(`'jobs:start jobs, it'\\''s easy\\: try'`);
    expect(fishScript(tree)).toContain(`-a 'jobs' -d 'start jobs, it\\'s easy: try'`);
  });
});
