/** What an instance runs beside its container, against a metadata service that is well, refuses, or never answers. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  DRAIN,
  DRAIN_SCRIPT,
  INSTANCE_ID_COMMANDS,
  LEAVE_SECONDS,
  METADATA,
  METADATA_SCRIPT,
} from '../../src/stack/template/app-scripts.js';
import { type FakeMetadata, startFakeMetadata } from '../helpers/fake-metadata.js';
import { describeWith } from '../helpers/parts.js';
import { type Program, startProgram } from '../helpers/program.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { until } from '../helpers/until.js';

const LIFECYCLE = 'autoscaling/target-lifecycle-state';

describeWith('curl', "an instance's own scripts", () => {
  let dir: string;
  let metadata: FakeMetadata;
  let running: Program | null;

  beforeEach(async () => {
    dir = makeTempDir('app-scripts');
    metadata = await startFakeMetadata();
    running = null;
    mkdirSync(join(dir, 'etc'));
    program(METADATA_SCRIPT, METADATA);
    program(DRAIN_SCRIPT, DRAIN);
    // Seconds pass at once here, and what was asked for is written down.
    program('/bin/sleep', '#!/bin/sh\necho "sleep $1" >> "$DIR/did"\nexec /bin/sleep 0.02\n');
    program('/bin/systemctl', '#!/bin/sh\necho "systemctl $*" >> "$DIR/did"\n[ ! -e "$DIR/stop-fails" ]\n');
  });
  afterEach(async () => {
    await running?.stop('SIGKILL');
    metadata.close();
    removeDir(dir);
  });

  /** The text with the paths of this test's own root. */
  const here = (text: string) =>
    text.replaceAll(/\/usr\/local\/sbin\/|\/etc\/roc\//g, (path) =>
      join(dir, path.includes('sbin') ? 'sbin' : 'etc', '/'),
    );
  function program(path: string, text: string): void {
    const file = path.startsWith('/bin/') ? join(dir, path) : here(path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, here(text));
    chmodSync(file, 0o755);
  }
  const run = (...words: [string, ...string[]]): Program => {
    running = startProgram(words[0], words.slice(1), {
      env: {
        ...{ DIR: dir, PATH: `${join(dir, 'bin')}:${process.env['PATH']}` },
        AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
      },
    });
    return running;
  };
  const ask = async (path: string) => {
    const asked = run(here(METADATA_SCRIPT), path);
    return { ...(await asked.ended), said: asked.stdout() };
  };
  const did = () =>
    existsSync(join(dir, 'did')) ? readFileSync(join(dir, 'did'), 'utf8').trim().split('\n') : [];
  const stops = () => did().filter((line) => line.startsWith('systemctl'));

  test('ask the metadata service with a token, as IMDSv2 wants it', async () => {
    metadata.data.set('instance-id', 'i-0123456789abcdef0');
    expect(await ask('instance-id')).toMatchObject({ exitCode: 0, said: 'i-0123456789abcdef0' });
    expect(metadata.calls).toEqual(['PUT /latest/api/token', 'GET /latest/meta-data/instance-id']);
    expect(await ask('no-such-thing')).toMatchObject({ exitCode: 22, said: '' });
    expect(metadata.withoutToken).toEqual([]);
  });

  test.each(['none', 'refused', 'half'] as const)(
    'never ask without a token, and never wait for ever: answers %s',
    async (answers) => {
      metadata.data.set('instance-id', 'i-0123456789abcdef0');
      metadata.answers = answers;
      const began = performance.now();
      const { exitCode, said } = await ask('instance-id');
      expect(exitCode).not.toBe(0);
      expect(said).toBe('');
      // Two seconds a question; the rest is for a busy machine.
      expect(performance.now() - began).toBeLessThan(30_000);
      expect(metadata.calls).toEqual(['PUT /latest/api/token']);
    },
  );

  test('give the server the id of its instance, also where the service answers late', async () => {
    metadata.data.set('instance-id', 'i-0123456789abcdef0');
    Object.assign(metadata, { answers: 'refused', faultsLeft: 3 });
    const start = ['set -euo pipefail', ...INSTANCE_ID_COMMANDS].map(here).join('\n');
    expect(await run('bash', '-c', start).ended).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(dir, 'etc/env'), 'utf8')).toBe('ROC_SERVER__INSTANCE_ID=i-0123456789abcdef0\n');
  });

  test('start no server that does not know its instance', async () => {
    metadata.answers = 'refused';
    const start = ['set -euo pipefail', ...INSTANCE_ID_COMMANDS, 'echo goes on'].map(here).join('\n');
    const started = run('bash', '-c', start);
    expect((await started.ended).exitCode).not.toBe(0);
    expect(started.stdout()).toBe('');
    expect(existsSync(join(dir, 'etc/env'))).toBe(false);
  });

  test('stop the container once the instance is to end, after the balancer has heard of it', async () => {
    metadata.data.set(LIFECYCLE, 'InService');
    const drain = run(here(DRAIN_SCRIPT));
    await until('it has looked twice', () => did().length >= 2);
    expect(stops()).toEqual([]);
    metadata.data.set(LIFECYCLE, 'Terminated');
    expect(await drain.ended).toMatchObject({ exitCode: 0 });
    expect(did().slice(-2)).toEqual([`sleep ${LEAVE_SECONDS}`, 'systemctl stop roc.service']);
  });

  test.each([
    ['never answers', 'none'],
    ['refuses', 'refused'],
    ['stops half way', 'half'],
  ] as const)('go on looking where the service %s for a while, and stop nothing', async (_, answers) => {
    metadata.data.set(LIFECYCLE, 'Terminated');
    Object.assign(metadata, { answers, faultsLeft: 2 });
    const drain = run(here(DRAIN_SCRIPT));
    await until('it has looked once in vain', () => did().length > 0, { timeoutMs: 30_000 });
    expect(stops()).toEqual([]);
    expect(await drain.ended).toMatchObject({ exitCode: 0 });
    expect(stops()).toEqual(['systemctl stop roc.service']);
  });

  test('take a new token for each look: an old one ends', async () => {
    metadata.data.set(LIFECYCLE, 'InService');
    const drain = run(here(DRAIN_SCRIPT));
    await until('it has looked', () => did().length > 0);
    metadata.expireTokens();
    metadata.data.set(LIFECYCLE, 'Terminated');
    expect(await drain.ended).toMatchObject({ exitCode: 0 });
  });

  test('fail where the container could not be stopped, so that systemd tries again', async () => {
    metadata.data.set(LIFECYCLE, 'Terminated');
    writeFileSync(join(dir, 'stop-fails'), '');
    expect(await run(here(DRAIN_SCRIPT)).ended).toMatchObject({ exitCode: 1 });
    expect(stops()).toHaveLength(1);
  });
});
