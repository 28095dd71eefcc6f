import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cliConfig, readManifest } from '../../src/cli/cli-config.js';
import { rootHelp } from '../../src/cli/root-help.js';
import { projectPath, projectRoot } from '../helpers/project.js';

const manifest = readManifest(projectRoot);
const config = cliConfig(projectRoot, manifest, (file) => JSON.parse(readFileSync(file, 'utf8')));
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
    const more = cliConfig(projectRoot, { ...manifest, commands: { newcomer } }, (file) =>
      JSON.parse(readFileSync(file, 'utf8')),
    );
    expect(rootHelp(more)).toMatch(/MORE\n {2}newcomer {2}does something new\n$/);
  });
});
