/** How a task of Fargate learns its own id, and that nothing of that keeps its server from starting. */
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FakeMetadata, startFakeMetadata } from '../helpers/fake-metadata.js';
import { describeWith } from '../helpers/parts.js';
import { startProgram } from '../helpers/program.js';
import { projectPath } from '../helpers/project.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

const ID = '158d1c8083dd49d6b527399fd6414f5c';
const TASK = JSON.stringify({ TaskARN: `arn:aws:ecs:eu-west-1:123456789012:task/roc-prod/${ID}` });

let metadata: FakeMetadata;
beforeEach(async () => {
  metadata = await startFakeMetadata();
  metadata.task = { status: 200, body: TASK };
});
afterEach(() => metadata.close());

describe('container/instance-id.mjs', () => {
  async function asked(env: Record<string, string> = { ECS_CONTAINER_METADATA_URI_V4: metadata.url }) {
    const program = startProgram(process.execPath, [projectPath('container/instance-id.mjs')], {
      env: { PATH: process.env['PATH'], ...env },
    });
    return { ...(await program.ended), said: program.stdout(), told: program.stderr() };
  }

  test('prints the id of the task', async () => {
    expect(await asked()).toEqual({ exitCode: 0, signal: null, said: ID, told: '' });
  });

  test('asks nobody outside of Fargate', async () => {
    expect(await asked({})).toEqual({ exitCode: 0, signal: null, said: '', told: '' });
    expect(metadata.calls).toEqual([]);
  });

  test('asks again where the service was not there yet', async () => {
    Object.assign(metadata, { answers: 'refused', faultsLeft: 2 });
    expect(await asked()).toMatchObject({ exitCode: 0, said: ID, told: '' });
    expect(metadata.calls).toHaveLength(3);
  });

  test.each<[string, Partial<Pick<FakeMetadata, 'answers' | 'task'>>, RegExp]>([
    ['never answers', { answers: 'none' }, /could not be read \(.*(aborted|timeout).*\)/],
    ['stops half way', { answers: 'half' }, /could not be read/],
    ['refuses', { answers: 'refused' }, /it answered 403/],
    ['has an error', { task: { status: 500, body: TASK } }, /it answered 500/],
    ['speaks no JSON', { task: { status: 200, body: '<html>' } }, /could not be read/],
    ['says null', { task: { status: 200, body: 'null' } }, /could not be read/],
    ['names no task', { task: { status: 200, body: '{}' } }, /it names no task/],
    ['names what is no ARN', { task: { status: 200, body: '{"TaskARN":"$(id)"}' } }, /it names no task/],
  ])(
    'prints nothing, says why and does not fail where the service %s',
    async (_, changes, told) => {
      Object.assign(metadata, changes);
      const end = await asked();
      expect(end).toMatchObject({ exitCode: 0, said: '' });
      expect(end.told).toMatch(told);
      expect(end.told.trim().split('\n')).toHaveLength(1);
    },
    30_000,
  );

  test('prints nothing where nobody listens', async () => {
    metadata.close();
    expect(await asked()).toMatchObject({
      exitCode: 0,
      said: '',
      told: expect.stringContaining('fetch failed'),
    });
  });
});

describeWith('openssl', 'the entry point of the container, with a stand-in for roc', () => {
  const dir = makeTempDir('entrypoint');

  beforeAll(() => {
    for (const folder of ['app/bin', 'run', 'container']) mkdirSync(join(dir, folder), { recursive: true });
    writeFileSync(
      join(dir, 'app/bin/roc.cjs'),
      'console.log(JSON.stringify([process.argv.slice(2), process.env.ROC_SERVER__INSTANCE_ID ?? null]));\n',
    );
    for (const file of ['entrypoint.sh', 'instance-id.mjs'])
      copyFileSync(projectPath('container', file), join(dir, 'container', file));
    chmodSync(join(dir, 'container/entrypoint.sh'), 0o755);
  });
  afterAll(() => removeDir(dir));

  /** What roc was started with: its words and its instance id. */
  async function started(words: readonly string[], env: Record<string, string> = {}): Promise<unknown> {
    const program = startProgram('/bin/sh', [join(dir, 'container/entrypoint.sh'), ...words], {
      env: {
        ...{ PATH: process.env['PATH'], HOME: dir, ROC_CONTAINER_APP: join(dir, 'app') },
        ...{ ROC_CONTAINER_RUN: join(dir, 'run'), ...env },
      },
    });
    expect(await program.ended, program.stderr()).toMatchObject({ exitCode: 0 });
    return JSON.parse(program.stdout());
  }
  const served = [
    ...['serve', '--tls-cert', join(dir, 'run/cert.pem'), '--tls-key', join(dir, 'run/key.pem')],
    ...['--data-dir', '/data'],
  ];
  const serve = ['serve', '--data-dir', '/data'];

  test('gives the server the id of its task', async () => {
    const env = { ECS_CONTAINER_METADATA_URI_V4: metadata.url };
    expect(await started(serve, env)).toEqual([served, ID]);
  });

  test('starts the server all the same where nobody tells the id', async () => {
    metadata.task = { status: 200, body: '<html>' };
    const env = { ECS_CONTAINER_METADATA_URI_V4: metadata.url };
    expect(await started(serve, env)).toEqual([served, null]);
    expect(await started(serve)).toEqual([served, null]);
  });

  test('keeps the id that an instance says', async () => {
    const env = { ECS_CONTAINER_METADATA_URI_V4: metadata.url, ROC_SERVER__INSTANCE_ID: 'i-1' };
    expect(await started(serve, env)).toEqual([served, 'i-1']);
    expect(metadata.calls).toEqual([]);
  });

  test('asks nobody for any other command', async () => {
    const env = { ECS_CONTAINER_METADATA_URI_V4: metadata.url };
    expect(await started(['migrate'], env)).toEqual([['migrate'], null]);
    expect(metadata.calls).toEqual([]);
  });
});
