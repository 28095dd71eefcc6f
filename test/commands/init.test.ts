import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import Init from '../../commands/init.js';
import PolicyCheck from '../../commands/policy/check.js';
import { configTemplate, loadSections } from '../../src/cli/init-config.js';
import { CONFIG_SECTIONS } from '../../src/kernel/config.js';
import { POLICIES, SECTIONS } from '../../src/registry.js';
import { projectPath } from '../helpers/project.js';
import { runCommand } from '../helpers/run-command.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

let dir: string;
beforeEach(() => {
  dir = makeTempDir('init');
});
afterEach(() => removeDir(dir));

const init = (...argv: string[]) => runCommand(Init, ['--dir', dir, ...argv]);
const check = (...argv: string[]) => runCommand(PolicyCheck, argv);

function problems(schema: z.ZodType, value: unknown): string[] {
  return (schema.safeParse(value).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
}

describe('the roc.yaml of roc init', () => {
  it('says nothing until something is uncommented', async () => {
    expect(parse(configTemplate(await loadSections(SECTIONS)))).toBeNull();
  });

  it('is what every schema takes when its defaults are uncommented, and changes nothing', async () => {
    const sections = await loadSections(SECTIONS);
    const uncommented = configTemplate(sections).replace(/^# ( *[a-zA-Z#])/gm, '$1');
    // What is prose and not YAML stays in front of a section's name: the sections are cut out by their names.
    for (const { name, schema } of sections) {
      const [, block = ''] = new RegExp(`^(${name}:[^]*?)(?=\\n\\n|$(?![^]))`, 'm').exec(uncommented) ?? [];
      const value = (parse(block) as Record<string, unknown>)[name];
      const needsValues = SECTIONS[name as keyof typeof SECTIONS]?.needsValues === true;
      // Its defaults are no whole configuration: what is asked for must be the same with and without them.
      if (needsValues) expect(problems(schema, value), name).toEqual(problems(schema, {}));
      else expect(schema.parse(value), name).toEqual(schema.parse({}));
    }
  });

  it('names every key that a schema has', async () => {
    const sections = await loadSections(SECTIONS);
    for (const { name, schema } of sections) {
      const text = configTemplate([{ name, schema, readBy: 'x' }]);
      for (const key of Object.keys((schema as z.ZodObject).shape))
        expect(text).toMatch(new RegExp(`^# .* ${key}: `, 'm'));
    }
  });

  it('shows a key without default, of a section without any, as comments', () => {
    const schema = z.strictObject({ name: z.string().optional().describe('x '.repeat(80).trim()) });
    const text = configTemplate([{ name: 'demo', readBy: 'roc demo', schema }]);
    expect(text).toContain('# roc demo\n# demo: {}\n#   # x x');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  it('has every section that some room reads', () => {
    const sources = readdirSync(projectPath('src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(projectPath('src', name), 'utf8'));
    const commands = readFileSync(projectPath('commands', 'serve.ts'), 'utf8');
    const read = [...sources, commands].flatMap((text) =>
      [...text.matchAll(/readSection\(\s*[^,]+,\s*'(\w+)'/g)].map(([, name]) => name),
    );
    expect(read.length).toBeGreaterThan(2);
    for (const name of read) expect(Object.keys(SECTIONS)).toContain(name);
  });

  it('knows only sections that roc.yaml may have', () => {
    for (const name of Object.keys(SECTIONS)) expect(CONFIG_SECTIONS).toContain(name);
  });
});

describe('roc init', () => {
  it('writes the configuration and every shipped policy, and finds them valid', async () => {
    const { stdout, exitCode } = await init();
    expect(exitCode).toBe(0);
    expect(stdout).toContain('written    roc.yaml\n');
    const shipped = await readdir(projectPath('policies'));
    expect((await readdir(join(dir, 'policies'))).sort()).toEqual(shipped.sort());
    const checked = await check('--config', join(dir, 'roc.yaml'), '--json');
    expect(checked.exitCode).toBe(0);
    expect(checked.json<{ items: unknown[] }>().items).toHaveLength(shipped.length + 1);
  });

  it('leaves everything as it is where nobody can answer, and writes nothing else', async () => {
    await writeFile(join(dir, 'roc.yaml'), 'server: {}\n');
    const { stderr, exitCode } = await init();
    expect(exitCode).toBe(4);
    expect(stderr).toContain('--yes keeps what is there, --force replaces it.');
    expect(await readdir(dir)).toEqual(['roc.yaml']);
    expect(await readFile(join(dir, 'roc.yaml'), 'utf8')).toBe('server: {}\n');
  });

  it('keeps what is there with --yes, replaces it with --force, and does nothing twice', async () => {
    await writeFile(join(dir, 'roc.yaml'), 'server: {}\n');
    expect((await init('--yes')).stdout).toMatch(/^kept +roc\.yaml\nwritten /);
    expect(await readFile(join(dir, 'roc.yaml'), 'utf8')).toBe('server: {}\n');
    expect((await init('--force', '--json')).json<{ items: unknown[] }>().items[0]).toEqual({
      path: 'roc.yaml',
      action: 'replaced',
    });
    expect((await init()).stdout).toMatch(/^(unchanged {2}\S+\n)+$/);
    expect(await init('--yes', '--force')).toMatchObject({ exitCode: 2 });
  });

  it('says which folder it cannot write to', async () => {
    const file = join(dir, 'file');
    await writeFile(file, '');
    const { stderr, exitCode } = await runCommand(Init, ['--dir', join(file, 'sub')]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('cannot be written');
  });
});

describe('roc policy check', () => {
  it('accepts every shipped policy', async () => {
    for (const name of await readdir(projectPath('policies'))) {
      expect(
        POLICIES.filter(({ files }) => files.test(name)),
        name,
      ).not.toHaveLength(0);
      expect(await check(projectPath('policies', name))).toMatchObject({ exitCode: 0 });
    }
  });

  it('names file, line and path of each problem', async () => {
    const file = join(dir, 'roc.yaml');
    await writeFile(file, 'server:\n  listen: 7\n  lisen: x\nclient:\n  project: Not A Name\nservers: {}\n');
    const { stdout, stderr, exitCode } = await check(file);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 2 });
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(new RegExp(`^${file}:2: server\\.listen: .*expected string`)),
      `${file}:3: server.lisen: unknown key`,
      expect.stringContaining(`${file}:5: client.project: expected lower-case letters`),
      `${file}:6: servers: unknown section`,
      '',
    ]);
    const { items } = (await check(file, '--json')).json<{ items: { problems: unknown[] }[] }>();
    expect(items[0]).toMatchObject({ file, kind: 'config', valid: false });
    expect(items[0]?.problems[1]).toEqual({ line: 3, path: 'server.lisen', message: 'unknown key' });
  });

  it('finds what is wrong in a policy', async () => {
    const file = join(dir, 'vulns.yaml');
    const text = await readFile(projectPath('policies', 'vulns.yaml'), 'utf8');
    await writeFile(file, text.replace('epssFloor: 0.5', 'epssFloor: 5'));
    const { stdout, exitCode } = await check(file);
    expect(exitCode).toBe(2);
    const line = text.split('\n').findIndex((each) => each.includes('epssFloor: 0.5')) + 1;
    expect(stdout).toContain(`${file}:${line}: thresholds.epssFloor: `);
  });

  it.each([
    ['server: [\n', /^.*roc\.yaml:2: /],
    ['- a\n', /^.*roc\.yaml:1: expected sections/],
    ['', /roc\.yaml: ok \(config\)/],
  ])('reads %j', async (text, expected) => {
    const file = join(dir, 'roc.yaml');
    await writeFile(file, text);
    expect((await check(file)).stdout).toMatch(expected);
  });

  it('is told the kind where the name does not say it', async () => {
    const file = join(dir, 'team-a.yaml');
    await writeFile(file, await readFile(projectPath('policies', 'vulns.yaml'), 'utf8'));
    const unknown = await check(file);
    expect(unknown.exitCode).toBe(2);
    expect(unknown.stderr).toContain(
      `Name the kind with --kind: ${POLICIES.map(({ kind }) => kind).join(', ')}`,
    );
    expect(await check(file, '--kind', 'vulns')).toMatchObject({ exitCode: 0 });
    expect(await check(file, '--kind', 'vulnz')).toMatchObject({ exitCode: 2 });
  });

  it('says what is missing', async () => {
    expect((await check(join(dir, 'vulns.yaml'))).stderr).toContain('vulns.yaml cannot be read');
  });
});
