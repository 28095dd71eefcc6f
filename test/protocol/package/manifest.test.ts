import { describe, expect, it } from 'vitest';
import { parseRobotManifest, robotManifestSchema } from '../../../src/protocol/package/manifest.js';

const minimal = 'name: invoice-totals\nversion: 1.4.0\nentrypoint: [node, main.js]\n';

describe('parseRobotManifest', () => {
  it('fills in what is not said', () => {
    expect(parseRobotManifest(minimal)).toEqual({
      name: 'invoice-totals',
      version: '1.4.0',
      entrypoint: ['node', 'main.js'],
      platforms: ['linux', 'macos', 'windows'],
      inputs: null,
      idempotent: false,
      assets: [],
      timeoutMs: 3_600_000,
    });
  });

  it('reads every key, and its JSON form reads back the same', () => {
    const manifest = parseRobotManifest(`${minimal}
platforms: [windows, linux]
timeout: 15m
idempotent: true
description: Sums invoices by customer
inputs:
  type: object
  properties: {limit: {type: integer, minimum: 1}}
`);
    expect(manifest).toMatchObject({
      platforms: ['linux', 'windows'],
      timeoutMs: 900_000,
      idempotent: true,
      description: 'Sums invoices by customer',
      inputs: { type: 'object', properties: { limit: { type: 'integer', minimum: 1 } } },
    });
    expect(robotManifestSchema.parse(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
  });

  it.each([
    ['90', 90_000],
    ['1s', 1000],
    ['2h', 7_200_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
  ])('reads timeout: %s', (text, ms) => {
    expect(parseRobotManifest(`${minimal}timeout: ${text}\n`).timeoutMs).toBe(ms);
  });

  it.each([
    ['', 'robot.yaml: the document: '],
    ['- a\n', 'robot.yaml: the document: '],
    ['name: Totals\nversion: 1.0.0\nentrypoint: [a]\n', 'robot.yaml:1: name: expected lower-case'],
    ['name: a\nversion: v1.0.0\nentrypoint: [a]\n', 'robot.yaml:2: version: expected a semantic version'],
    ['name: a\nversion: 1.0\nentrypoint: [a]\n', 'robot.yaml:2: version: '],
    ['name: a\nversion: 1.0.0\n', 'robot.yaml: entrypoint: is missing'],
    ['name: a\nversion: 1.0.0\nentrypoint: []\n', 'robot.yaml:3: entrypoint: expected the program'],
    ['name: a\nversion: 1.0.0\nentrypoint: node main.js\n', 'robot.yaml:3: entrypoint: '],
    [
      'name: a\nversion: 1.0.0\nentrypoint:\n  - node\n  - ""\n',
      'robot.yaml:5: entrypoint.1: expected a word',
    ],
    ['name: a\nversion: 1.0.0\nentrypoint: ["a\\0b"]\n', 'robot.yaml:3: entrypoint.0: expected no NUL'],
    [`${minimal}timeout: 8d\n`, 'robot.yaml:4: timeout: expected between 1s and 7d, got "8d"'],
    [`${minimal}timeout: 10ms\n`, 'robot.yaml:4: timeout: expected between 1s and 7d'],
    [`${minimal}timeout: soon\n`, 'robot.yaml:4: timeout: expected a duration'],
    [
      `${minimal}platforms: [linux, beos]\n`,
      'robot.yaml:4: platforms.1: expected one of linux, macos, windows',
    ],
    [`${minimal}platforms: []\n`, 'robot.yaml:4: platforms: expected at least one'],
    [`${minimal}idempotent: "yes"\n`, 'robot.yaml:4: idempotent: '],
    [`${minimal}inputs: [a]\n`, 'robot.yaml:4: inputs: '],
    [`${minimal}inputs: {maximum: .nan}\n`, 'robot.yaml:4: inputs.maximum: '],
    [
      `${minimal}inputs: ${'{a: '.repeat(40)}1${'}'.repeat(40)}\n`,
      'robot.yaml:4: inputs: expected at most 32 levels',
    ],
    [
      `${minimal}timeOut: 5m\nshell: true\n`,
      'robot.yaml:4: timeOut: unknown key; robot.yaml:5: shell: unknown key',
    ],
    [`${minimal}name: b\n`, 'robot.yaml:4: the key "name" is there twice'],
    [`${minimal}x: "open\n`, 'robot.yaml:'],
    ['a: &a 1\nb: *a\n', 'robot.yaml:2: aliases are not accepted'],
    [`${minimal}inputs: {a: {b: 1, b: 2}}\n`, 'robot.yaml:4: the key "b" is there twice'],
    [`${minimal}inputs: ${'['.repeat(900)}${']'.repeat(900)}\n`, 'robot.yaml:4: nested too deep'],
    [`${minimal}inputs: ${'{a: '.repeat(5000)}1${'}'.repeat(5000)}\n`, 'robot.yaml:4: nested too deep'],
    [`${minimal}description: "two\\nlines"\n`, 'robot.yaml:4: description: expected one line'],
    [`${minimal}timeoutMs: 5000\n`, 'robot.yaml:4: timeoutMs: unknown key'],
  ])('refuses %j, naming line and key', (text, message) => {
    expect(() => parseRobotManifest(text)).toThrow(
      expect.objectContaining({ code: 'ROC_PACKAGE_INVALID', message: expect.stringContaining(message) }),
    );
  });

  // Quadratic work would show: 64 KiB made to be slow must not hold up a server's one thread for seconds.
  it.each([
    ['keys', Array.from({ length: 9000 }, (_, i) => `k${i}:`).join('\n')],
    ['keys without values', `x: {${Array.from({ length: 14_000 }, (_, i) => i.toString(36)).join(',')}}`],
    ['tags', '!!str '.repeat(10_000)],
    ['errors', 'a: b: c: d\n'.repeat(5000)],
    ['explicit keys', '? '.repeat(30_000)],
  ])('refuses thousands of %s in time', (_, text) => {
    const started = process.cpuUsage();
    expect(() => parseRobotManifest(text)).toThrow(expect.objectContaining({ code: 'ROC_PACKAGE_INVALID' }));
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000).toBeLessThan(1500);
  });

  it('is not fooled by keys of Object', () => {
    expect(() => parseRobotManifest(`${minimal}__proto__: {idempotent: true}\n`)).toThrow(/unknown key/);
    const inputs = parseRobotManifest(
      `${minimal}inputs: {properties: {constructor: {type: string}}}\n`,
    ).inputs;
    expect(inputs).toEqual({ properties: { constructor: { type: 'string' } } });
  });
});
