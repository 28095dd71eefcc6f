import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/kernel/config.js';
import { registrationToken, runnerSettings } from '../../src/runner/settings.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const newDir = tempDirs('settings');

function settings(
  yaml: string,
  flags: Parameters<typeof runnerSettings>[1] = {},
  env: Record<string, string> = {},
) {
  const dir = newDir();
  writeFileSync(join(dir, 'roc.yaml'), yaml);
  return runnerSettings(loadConfig({ cwd: dir, env }), flags, { XDG_STATE_HOME: '/s', ...env });
}

describe('the settings of a runner', () => {
  it('have defaults', () => {
    expect(settings('')).toEqual({
      ...{ url: undefined, name: undefined, pool: undefined, slots: 1, labels: {} },
      ...{ stateDir: '/s/roc/runner', drainTimeoutMs: 30_000, cacheBytes: 2 * 1024 ** 3, publisherKeys: [] },
    });
  });

  it('come from the file, then the environment, then flags', () => {
    const yaml =
      'runner:\n  url: https://a.example.com/\n  name: one\n  slots: 2\n  labels: {zone: a}\n  drainTimeout: 2m\n';
    expect(
      settings(yaml, { name: 'three', labels: ['os=debian=12'] }, { ROC_RUNNER__SLOTS: '4' }),
    ).toMatchObject({
      ...{ url: 'https://a.example.com', name: 'three', slots: 4, drainTimeoutMs: 120_000 },
      labels: { zone: 'a', os: 'debian=12' },
    });
  });

  it.each([
    ['runner:\n  slot: 2\n', {}, /runner.slot: unknown key/],
    ['runner:\n  slots: 0\n', {}, /runner.slots/],
    ['runner:\n  url: a.example.com\n', {}, /runner.url: expected scheme/],
    ['', { url: 'https://a.example.com/path' }, /runner.url: expected scheme/],
    ['', { url: 'https://u:p@a.example.com' }, /runner.url: expected scheme/],
    ['', { url: 'ftp://a.example.com' }, /runner.url: expected scheme/],
    ['', { name: 'Host 1' }, /runner.name/],
    ['', { labels: ['zone'] }, /"zone" is not a label/],
    ['', { labels: ['Zone=a'] }, /runner.labels/],
    ['', { drainTimeout: 'soon' }, /runner.drainTimeout: "soon" is not a duration/],
  ])('are refused: %j %j', (yaml, flags, message) => {
    expect(() => settings(yaml, flags)).toThrow(message);
  });
});

describe('the registration token', () => {
  it('comes from a file, a flag or the environment, in this order', () => {
    const file = join(newDir(), 'token');
    writeFileSync(file, ' from-file\n');
    const env = { ROC_RUNNER_TOKEN: 'from-env' };
    expect([
      registrationToken({ tokenFile: file }, env),
      registrationToken({ token: 'from-flag' }, env),
      registrationToken({}, env),
      registrationToken({}, {}),
    ]).toEqual(['from-file', 'from-flag', 'from-env', undefined]);
  });

  it('says which file cannot be read', () => {
    expect(() => registrationToken({ tokenFile: '/nowhere/token' }, {})).toThrow(
      '/nowhere/token cannot be read',
    );
  });
});
