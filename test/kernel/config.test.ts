import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig, parseWith, readSection } from '../../src/kernel/config.js';
import type { RocError } from '../../src/kernel/errors.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

let dir: string;
beforeEach(() => {
  dir = makeTempDir('config');
});
afterEach(() => removeDir(dir));

const write = (text: string, folder = dir) => writeFileSync(join(folder, 'roc.yaml'), text);
const load = (env: Record<string, string> = {}) => loadConfig({ cwd: dir, env });
const refusal = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return error as RocError;
  }
  throw new TypeError('nothing was refused');
};

const schema = z.strictObject({
  listen: z.string().default('127.0.0.1:7070'),
  token: z.string().optional(),
  workers: z.number().int().optional(),
  retries: z.union([z.number(), z.literal('never')]).optional(),
  audit: z.boolean().optional(),
  tls: z.strictObject({ cert: z.string(), minVersion: z.number().optional() }).optional(),
  hosts: z.array(z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
});
const server = (env: Record<string, string> = {}, flags: Record<string, unknown> = {}) =>
  readSection(load(env), 'server', schema, flags);

describe('finding roc.yaml', () => {
  it('takes the nearest one upward', () => {
    const deep = join(dir, 'a/b');
    mkdirSync(deep, { recursive: true });
    write('server: { listen: outer }');
    write('server: { listen: inner }', join(dir, 'a'));
    const config = loadConfig({ cwd: deep, env: {} });
    expect(config.file).toBe(join(dir, 'a/roc.yaml'));
    expect(readSection(config, 'server', schema).listen).toBe('inner');
  });

  it('passes over a folder of that name', () => {
    mkdirSync(join(dir, 'a/roc.yaml'), { recursive: true });
    write('server: { listen: outer }');
    expect(loadConfig({ cwd: join(dir, 'a'), env: {} }).file).toBe(join(dir, 'roc.yaml'));
  });

  it('reads the named file instead, relative to the working directory', () => {
    write('server: { listen: default }');
    writeFileSync(join(dir, 'other.yaml'), 'server: { listen: other }');
    const config = loadConfig({ cwd: dir, env: {}, file: 'other.yaml' });
    expect(readSection(config, 'server', schema).listen).toBe('other');
  });

  it('refuses a named file that is not there', () => {
    const error = refusal(() => loadConfig({ cwd: dir, env: {}, file: 'gone.yaml' }));
    expect(error).toMatchObject({
      code: 'ROC_CONFIG_INVALID',
      message: `${join(dir, 'gone.yaml')} cannot be read`,
    });
  });

  it.runIf(process.getuid?.() === 0)('refuses one that a stranger planted where anybody may write', () => {
    write('client: { url: http://attacker }');
    chownSync(join(dir, 'roc.yaml'), 12_345, 12_345);
    expect(load().file).not.toBeNull();
    chmodSync(dir, 0o777);
    expect(refusal(() => load()).message).toContain('belongs to another user');
    expect(loadConfig({ cwd: dir, env: {}, file: 'roc.yaml' }).file).toBe(join(dir, 'roc.yaml'));
  });
});

describe('the layers', () => {
  it('are defaults < file < environment < flags', () => {
    expect(server().listen).toBe('127.0.0.1:7070');
    write('server: { listen: file, audit: true }');
    expect(server()).toMatchObject({ listen: 'file', audit: true });
    expect(server({ ROC_SERVER__LISTEN: 'env' })).toMatchObject({ listen: 'env', audit: true });
    expect(server({ ROC_SERVER__LISTEN: 'env' }, { listen: 'flag' })).toMatchObject({
      listen: 'flag',
      audit: true,
    });
    expect(server({ ROC_SERVER__LISTEN: 'env' }, { listen: undefined })).toMatchObject({ listen: 'env' });
  });

  it('merge mappings key by key, and replace lists whole', () => {
    write('server: { tls: { cert: a, minVersion: 2 }, hosts: [a, b] }');
    expect(server({ ROC_SERVER__TLS__CERT: 'b' }, { hosts: ['c'] })).toMatchObject({
      tls: { cert: 'b', minVersion: 2 },
      hosts: ['c'],
    });
  });

  it('give one frozen value', () => {
    write('server: { tls: { cert: a }, hosts: [a] }');
    const value = server() as { tls: { cert: string }; hosts: string[] };
    expect(() => {
      value.tls.cert = 'b';
    }).toThrow(TypeError);
    expect(() => value.hosts.push('b')).toThrow(TypeError);
    expect(() => Object.assign(load().sections, { server: 1 })).toThrow(TypeError);
  });
});

describe('environment variables', () => {
  it.each([
    ['TOKEN', '12345', { token: '12345' }],
    ['TOKEN', 'true', { token: 'true' }],
    ['TOKEN', '007', { token: '007' }],
    ['WORKERS', '8', { workers: 8 }],
    ['RETRIES', '3', { retries: 3 }],
    ['RETRIES', 'never', { retries: 'never' }],
    ['AUDIT', 'false', { audit: false }],
    ['HOSTS', 'a, b', { hosts: ['a', 'b'] }],
    ['HOSTS', '["a,b"]', { hosts: ['a,b'] }],
    ['LABELS', '{"zone":"a"}', { labels: { zone: 'a' } }],
    ['TLS__CERT', '1', { tls: { cert: '1' } }],
  ])('ROC_SERVER__%s=%s is read as its schema says', (name, text, expected) => {
    expect(server({ [`ROC_SERVER__${name}`]: text })).toMatchObject(expected);
  });

  it('give camel case keys one level down for each double underscore', () => {
    const env = { ROC_SERVER__TLS__CERT: 'c', ROC_SERVER__TLS__MIN_VERSION: '1.2' };
    expect(server(env).tls).toEqual({ cert: 'c', minVersion: 1.2 });
  });

  it('that are none of the configuration are left alone', () => {
    expect(load({ ROC_TOKEN: 'x', ROC_URL: 'y', ROC_TEST_SIZE: 'long', ROCKET__X: 'z' }).sections).toEqual(
      {},
    );
  });

  it('that read as nothing the schema expects are named', () => {
    const error = refusal(() => server({ ROC_SERVER__WORKERS: 'many' }));
    expect(error).toMatchObject({ code: 'ROC_CONFIG_INVALID', hint: 'Correct ROC_SERVER__WORKERS.' });
    expect(error.message).toMatch(/^server\.workers: .*expected number/);
  });

  it('with an unknown key are named', () => {
    expect(refusal(() => server({ ROC_SERVER__LISTN: 'x' }))).toMatchObject({
      message: 'server.listn: unknown key',
      hint: 'Correct ROC_SERVER__LISTN.',
    });
  });

  it('with an unknown section are refused at once', () => {
    expect(refusal(() => load({ ROC_SEVRER__LISTEN: 'x' })).message).toBe(
      'ROC_SEVRER__LISTEN: unknown section',
    );
  });

  it('never stand in for a flag that is wrong', () => {
    expect(refusal(() => server({ ROC_SERVER__WORKERS: '8' }, { workers: 'x' })).message).toContain(
      'server.workers',
    );
  });
});

describe('a broken file is refused', () => {
  it.each([
    ['an unknown section', 'sevrer: {}', 'sevrer: unknown section'],
    ['a list at the top', '- a', 'expected sections, got a list'],
    ['text at the top', 'hello', 'expected sections, got string'],
    ['a section that is no mapping', 'server: 7', 'server: expected keys, got number'],
    ['a section that is a list', 'server: [1]', 'server: expected keys, got a list'],
    ['a key twice', 'server:\n  listen: a\n  listen: b', 'at line 3'],
    ['a tag that means nothing', 'server:\n  token: !env SECRET', 'at line 2'],
    ['broken YAML', 'server: {', 'at line 1'],
    ['a tab as indentation', 'server:\n\tlisten: a', 'at line 2'],
  ])('%s', (_, text, message) => {
    write(text);
    const error = refusal(() => load());
    expect(error).toMatchObject({ code: 'ROC_CONFIG_INVALID', exitCode: 2 });
    expect(error.message).toContain(message);
    expect(error.message).toContain('roc.yaml');
  });

  it('an alias bomb, in a moment', () => {
    const level = (n: number) =>
      `x${n}: &x${n} [${Array(9)
        .fill(`*x${n - 1}`)
        .join(', ')}]`;
    write(`server:\n  x0: &x0 [a, a, a]\n${[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `  ${level(n)}`).join('\n')}`);
    const start = performance.now();
    expect(refusal(() => load())).toMatchObject({ code: 'ROC_CONFIG_INVALID' });
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it('a file far too large', () => {
    write(`# ${'x'.repeat(1_100_000)}`);
    expect(refusal(() => load()).message).toContain('expected at most 1048576');
  });

  it('an unknown key, with its path, when its section is read and not before', () => {
    write('server: { tls: { cert: a, crt: b } }\nvulns: { whatever: 1 }');
    expect(refusal(() => server())).toMatchObject({
      message: 'server.tls.crt: unknown key',
      hint: `Correct ${join(dir, 'roc.yaml')}.`,
    });
  });

  it('a key that would reach into every object', () => {
    write('server: { __proto__: { listen: evil } }');
    expect(refusal(() => server()).message).toBe('server.__proto__: unknown key');
  });
});

describe('an empty file or section', () => {
  it.each([[''], ['# nothing'], ['server:'], ['---\n']])('%j is no configuration', (text) => {
    write(text);
    expect(server()).toEqual({ listen: '127.0.0.1:7070' });
  });
});

describe('parsing with a schema', () => {
  it('names the first five places and how many more there are', () => {
    const many = z.strictObject(
      Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`k${i}`, z.string()])),
    );
    const error = refusal(() => parseWith(many, {}, { what: 'policy', code: 'ROC_POLICY_INVALID' }));
    expect(error.code).toBe('ROC_POLICY_INVALID');
    expect(error.message).toMatch(/^policy\.k0: .*; policy\.k4: [^;]* \(and 3 more\)$/);
  });
});

describe('any YAML mapping', () => {
  it('comes back as it was written', () => {
    const value = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,8}$/),
      fc.oneof(fc.integer(), fc.boolean(), fc.string()),
    );
    fc.assert(
      fc.property(value, (section) => {
        write(JSON.stringify({ vulns: section }));
        expect(load().sections.vulns).toEqual({ ...section });
      }),
      { numRuns: 50 },
    );
  });
});
