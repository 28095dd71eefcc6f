/** The arrows between the parts of the house, read from every import of src and commands. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectPath, projectRoot } from '../helpers/project.js';

const OPS_ROOMS = ['stack', 'bastion', 'backup', 'vulns', 'scale', 'posture'];
const ROOMS = ['orchestrator', 'runner', ...OPS_ROOMS];

// Which parts a part may import besides itself. `exports` is the package's face and sees everything.
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  protocol: ['kernel'],
  cli: ['kernel', 'protocol'],
  console: ['protocol'],
  commands: ['kernel', 'protocol', 'cli', 'registry', ...ROOMS],
  // Says which room reads which section and policy, for the commands that read them all.
  registry: ['kernel', 'cli', ...ROOMS],
  exports: ['kernel', 'protocol', ...ROOMS],
  ...Object.fromEntries(ROOMS.map((room) => [room, ['kernel', 'protocol']])),
};

// The only files that may import a client of AWS (DESIGN §3.2).
const AWS_FILES = new RegExp(
  `^src/(cli|${ROOMS.join('|')})/(aws\\.ts|aws/.*)$|^src/orchestrator/(blobs/s3[a-z-]*|kms/aws|secrets/aws)\\.ts$`,
);

interface Import {
  readonly file: string;
  readonly source: string;
  readonly isType: boolean;
}
const imports = [...sourcesOf('src'), ...sourcesOf('commands')].flatMap(importsOf);

describe('imports', () => {
  it('are found', () => {
    expect(imports.length).toBeGreaterThan(50);
  });

  it('go along the arrows', () => {
    const wrong = imports.filter(({ file, source }) => {
      if (!source.startsWith('.')) return false;
      const from = partOf(file);
      const to = partOf(posix.join(posix.dirname(file), source));
      return from !== to && !(MAY_IMPORT[from] ?? []).includes(to);
    });
    expect(wrong.map(told)).toEqual([]);
  });

  it('of one command by another do not happen', () => {
    const wrong = imports.filter(
      ({ file, source }) =>
        partOf(file) === 'commands' &&
        source.startsWith('.') &&
        partOf(posix.join(posix.dirname(file), source)) === 'commands',
    );
    expect(wrong.map(told)).toEqual([]);
  });

  it('of AWS clients happen in aws.ts and aws/ alone', () => {
    const wrong = imports.filter(
      ({ file, source }) => /^@(aws-sdk|smithy|aws-crypto)\//.test(source) && !AWS_FILES.test(file),
    );
    expect(wrong.map(told)).toEqual([]);
  });

  it('of oclif happen in src/cli and commands alone', () => {
    const wrong = imports.filter(
      ({ file, source }) => source.startsWith('@oclif/') && !['cli', 'commands'].includes(partOf(file)),
    );
    expect(wrong.map(told)).toEqual([]);
  });

  it('of the console take only types from the protocol', () => {
    const wrong = imports.filter(
      ({ file, source, isType }) =>
        partOf(file) === 'console' &&
        partOf(posix.join(posix.dirname(file), source)) === 'protocol' &&
        !isType,
    );
    expect(wrong.map(told)).toEqual([]);
  });
});

function told({ file, source }: Import): string {
  return `${file} imports ${source}`;
}

function partOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return (top === 'src' ? second : top).replace(/\.[tj]s$/, '');
}

function sourcesOf(folder: string): string[] {
  return readdirSync(projectPath(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => relative(projectRoot, join(projectPath(folder), name)).replaceAll('\\', '/'));
}

function importsOf(file: string): Import[] {
  const text = withoutComments(readFileSync(projectPath(file), 'utf8'));
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^;'"]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]/gm,
  );
  const calls = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g);
  return [
    ...[...statements].map(([, type, from, bare]) => ({
      file,
      source: from ?? bare ?? '',
      isType: type !== undefined,
    })),
    ...[...calls].map(([, source = '']) => ({ file, source, isType: false })),
  ];
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
