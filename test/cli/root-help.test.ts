import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cliConfig, type StartIndex } from '../../src/cli/cli-config.js';
import { rootHelp } from '../../src/cli/root-help.js';
import { projectPath, projectRoot } from '../helpers/project.js';

const readJson = (name: string) => JSON.parse(readFileSync(projectPath(name), 'utf8'));
const manifest = readJson('oclif.manifest.json') as Pick<StartIndex, 'commands'>;
const index: StartIndex = { program: readJson('package.json'), commands: manifest.commands };
const loadsNothing = () => undefined;
const config = cliConfig(projectRoot, index, loadsNothing);
const help = rootHelp(config);

describe('roc --help', () => {
  it('groups every command and topic, with what it is for', () => {
    const words = new Set(Object.keys(manifest.commands).map((id) => id.split(':')[0] ?? id));
    for (const word of words) expect(help).toMatch(new RegExp(`^ {2}${word} {2,}\\S`, 'm'));
    expect(help).not.toContain('MORE');
  });

  it('describes every topic in package.json', () => {
    const topics = Object.keys(
      JSON.parse(readFileSync(projectPath('package.json'), 'utf8')).oclif.topics as object,
    );
    const used = Object.keys(manifest.commands).filter((id) => id.includes(':'));
    for (const id of used) expect(topics).toContain(id.split(':')[0]);
  });

  it('fits 80 columns', () => {
    for (const line of help.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it('shows an unknown newcomer under a heading of its own', () => {
    const [first] = Object.values(manifest.commands);
    if (first === undefined) throw new TypeError('the manifest is empty');
    const newcomer = { ...first, id: 'newcomer', summary: 'does something new' };
    const more = cliConfig(projectRoot, { ...index, commands: { newcomer } }, loadsNothing);
    expect(rootHelp(more)).toMatch(/MORE\n {2}newcomer {2}does something new\n$/);
  });
});
