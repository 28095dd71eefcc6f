import type { Command } from '@oclif/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import EnvironmentsCreate from '../../commands/environments/create.js';
import EnvironmentsList from '../../commands/environments/list.js';
import PoolsCreate from '../../commands/pools/create.js';
import PoolsList from '../../commands/pools/list.js';
import ProjectsCreate from '../../commands/projects/create.js';
import ProjectsList from '../../commands/projects/list.js';
import RunnersDrain from '../../commands/runners/drain.js';
import RunnersList from '../../commands/runners/list.js';
import RunnersRemove from '../../commands/runners/remove.js';
import RunnersToken from '../../commands/runners/token.js';
import type { ReplyOf } from '../../src/protocol/contracts.js';
import { page, sampleId } from '../helpers/api-samples.js';
import { type SignedIn, signedIn } from '../helpers/signed-in.js';

let shell: SignedIn;
beforeEach(async () => {
  shell = await signedIn();
});
afterEach(() => shell.close());

const place = { id: sampleId(1), name: 'finance', createdAt: '2026-03-01T12:00:00.000Z' };
const pool = { ...place, runnersOnline: 2, queued: 14 };

describe('projects, environments and pools', () => {
  it.each<[string, typeof Command, typeof Command, object]>([
    ['projects', ProjectsList, ProjectsCreate, place],
    ['environments', EnvironmentsList, EnvironmentsCreate, place],
    ['pools', PoolsList, PoolsCreate, pool],
  ])('%s are created and listed', async (topic, list, create, item) => {
    shell.api.answer({ [`${topic}.list`]: () => page([item]), [`${topic}.create`]: () => place });
    expect((await shell.run(create, 'finance')).stdout).toBe(`created ${topic.slice(0, -1)} finance\n`);
    expect(shell.api.requests[0]?.body).toEqual({ name: 'finance' });
    expect((await shell.run(list)).stdout).toContain('finance');
    expect((await shell.run(list, '--json')).json()).toEqual({ items: [item] });
    const bad = await shell.run(create, 'Not A Name');
    expect(bad.exitCode).toBe(2);
    expect(bad.stderr).toContain('name: expected lower-case letters');
  });

  it('pools show their runners and their queue', async () => {
    shell.api.answer({ 'pools.list': () => page([pool]) });
    expect((await shell.run(PoolsList)).stdout).toMatch(/^finance +2 +14 /m);
  });
});

const runner: ReplyOf<'runners.drain'> = {
  id: sampleId(2),
  name: 'ada-1',
  pool: 'default',
  state: 'online',
  os: 'linux',
  arch: 'x64',
  version: '0.1.0',
  labels: {},
  slots: 4,
  busy: 1,
  lastSeenAt: null,
  createdAt: '2026-03-01T12:00:00.000Z',
};

describe('runners', () => {
  it('are listed with what they do', async () => {
    shell.api.answer({ 'runners.list': () => page([runner]) });
    const { stdout } = await shell.run(RunnersList, '--pool', 'default');
    expect(stdout).toMatch(/^ada-1 {3}default {2}online +1\/4 {2}linux x64 {2}0\.1\.0 {2}-$/m);
    expect(shell.api.requests[0]?.query).toMatchObject({ pool: 'default' });
  });

  it('get a token alone on stdout', async () => {
    const made = { id: sampleId(4), token: 'one-time', expiresAt: '2026-03-01T13:00:00.000Z' };
    shell.api.answer({ 'runners.token': () => made });
    const { stdout, stderr } = await shell.run(RunnersToken, '--pool', 'finance');
    expect(stdout).toBe('one-time\n');
    expect(stderr).toContain(`roc runner register --url ${shell.api.url}`);
    expect(stderr).not.toContain('one-time ');
    expect((await shell.run(RunnersToken, '--json')).json()).toEqual(made);
  });

  it('are drained by name or id', async () => {
    shell.api.answer({
      'runners.list': () => page([runner, { ...runner, id: sampleId(3), name: 'ada-2' }]),
      'runners.drain': ({ params }) => ({ ...runner, state: 'draining', id: params['id'] ?? '' }),
    });
    expect((await shell.run(RunnersDrain, 'ada-2')).stdout).toBe(
      'runner ada-1 is draining, 1 of 4 slots busy\n',
    );
    expect(shell.api.requests.at(-1)?.params).toEqual({ id: sampleId(3) });
    await shell.run(RunnersDrain, sampleId(2));
    expect(shell.api.requests.at(-1)?.params).toEqual({ id: sampleId(2) });
    expect(await shell.run(RunnersDrain, 'ada-9')).toMatchObject({ exitCode: 2 });
  });

  it('are not confused where two have one name', async () => {
    shell.api.answer({ 'runners.list': () => page([runner, { ...runner, id: sampleId(3) }]) });
    const { exitCode, stderr } = await shell.run(RunnersDrain, 'ada-1');
    expect(exitCode).toBe(4);
    expect(stderr).toContain(`${sampleId(2)}, ${sampleId(3)}`);
  });

  it('are removed only where somebody said yes', async () => {
    shell.api.answer({ 'runners.list': () => page([runner]), 'runners.remove': () => undefined });
    expect(await shell.run(RunnersRemove, 'ada-1')).toMatchObject({ exitCode: 4 });
    expect(shell.api.requests.map(({ route }) => route)).not.toContain('runners.remove');
    const { json } = await shell.run(RunnersRemove, 'ada-1', '--yes', '--json');
    expect(json()).toEqual({ id: sampleId(2), removed: true });
    expect(shell.api.requests.at(-1)?.route).toBe('runners.remove');
  });
});
