import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadIdentity } from '../../src/runner/identity.js';
import { markedProcesses } from '../../src/runner/kill-tree.js';
import { type BuiltServer, startBuiltServer } from '../helpers/built-server.js';
import { goneSoon, isAlive } from '../helpers/processes.js';
import type { Program } from '../helpers/program.js';
import { projectPath } from '../helpers/project.js';
import { writeRobot } from '../helpers/robot-folder.js';
import { descriptorsIn, FAMILY, LIST_DESCRIPTORS, pidsIn, STUBBORN } from '../helpers/robot-scripts.js';
import { tempDirs } from '../helpers/temp-dirs.js';
import { until } from '../helpers/until.js';

const newDir = tempDirs('kill-agent');

interface Job {
  readonly id: string;
  readonly state: string;
  readonly attempt: number;
  readonly output: unknown;
}

describe('a runner that is killed (the built server and runner)', () => {
  let server: BuiltServer;
  const runners: Program[] = [];
  beforeAll(async () => {
    server = await startBuiltServer();
  });
  afterAll(async () => {
    for (const runner of runners) await runner.stop();
    await server.stop();
  });

  const linesOf = async (id: string) => {
    const { items } = await server.json<{ items: { attempt: number; stream: string; text: string }[] }>(
      'jobs',
      'logs',
      id,
    );
    return items;
  };
  const pidsOf = async (id: string) => pidsIn((await linesOf(id)).map(({ text }) => text));
  const leftBehind = (name: string) => {
    const identity = loadIdentity(join(server.stateDirOf(name), 'runner.json'));
    return markedProcesses(identity?.markPrefix ?? 'none');
  };
  const start = async (name: string) => {
    const runner = await server.startRunner(name);
    runners.push(runner);
    await runner.waitFor(/"event":"waiting"/);
    return runner;
  };
  const publish = async (name: string, script: string, isIdempotent = true) => {
    const manifest = { name, version: '1.0.0', entrypoint: ['node', 'main.js'], idempotent: isIdempotent };
    const folder = writeRobot(newDir(), { 'robot.yaml': JSON.stringify(manifest), 'main.js': script });
    await server.json('robots', 'publish', folder);
    await server.json('deploy', `${name}@1.0.0`, '--to', 'dev');
  };
  const startJob = (process: string, ...flags: string[]) =>
    server.json<Job>('jobs', 'start', process, ...flags);
  const show = (id: string) => server.json<Job>('jobs', 'show', id);

  it('takes its robots along at once, and starts again with attempt 2', async () => {
    await publish(
      'restarted',
      `
      console.log('attempt ' + process.env.ROC_ATTEMPT + ' works');
      if (process.env.ROC_ATTEMPT === '1') { ${STUBBORN}${FAMILY} }
      else require('fs').writeFileSync(process.env.ROC_OUTPUT, '"done"');`,
    );
    const first = await start('restarted');
    const { id } = await startJob('restarted');
    const pids = await until('its family', async () => {
      const found = await pidsOf(id);
      return found.length === 4 ? found : null;
    });
    expect(pids.every(isAlive)).toBe(true);
    first.child.kill('SIGKILL');
    await first.ended;
    await goneSoon(pids);
    expect(existsSync(join(server.stateDirOf('restarted'), 'agent.lock'))).toBe(true);

    const second = server.restartRunner('restarted');
    runners.push(second);
    const job = await until(
      'the second attempt',
      async () => {
        const found = await show(id);
        return found.state === 'succeeded' ? found : null;
      },
      { timeoutMs: 30_000 },
    );
    expect(job).toMatchObject({ attempt: 2, output: 'done' });
    const works = (await linesOf(id)).filter(({ text }) => text.endsWith('works'));
    expect(works.map(({ attempt, text }) => [attempt, text])).toEqual([
      [1, 'attempt 1 works'],
      [2, 'attempt 2 works'],
    ]);
    expect(leftBehind('restarted')).toEqual([]);
    await until(
      'an empty work folder',
      () => readdirSync(join(server.stateDirOf('restarted'), 'work')).length === 0,
    );
    await second.stop();
  });

  it('ends what its watchdog could not end either, before it takes work again', async () => {
    await publish('swept', STUBBORN, false);
    const first = await start('swept');
    const { id } = await startJob('swept');
    const [pid = 0] = await until('its robot', async () => {
      const found = await pidsOf(id);
      return found.length > 0 ? found : null;
    });
    // The watchdog is the only other child of the agent.
    const { listProcesses } = await import('../../src/runner/process-table.js');
    const children = listProcesses().filter(({ parent }) => parent === first.pid);
    for (const child of children) if (child.pid !== pid) process.kill(child.pid, 'SIGKILL');
    await first.waitFor(/the watchdog ended/);
    first.child.kill('SIGKILL');
    await first.ended;
    expect(isAlive(pid)).toBe(true);
    const second = server.restartRunner('swept');
    runners.push(second);
    await second.waitFor(/"event":"orphans-ended","processes":1/);
    await goneSoon([pid]);
    const job = await until('a person to decide', async () =>
      (await show(id)).state === 'held' ? show(id) : null,
    );
    expect(job.attempt).toBe(1);
    await second.stop();
  });

  // The lease of the dead runner has to run out first: a minute.
  it.runIf(process.env['ROC_TEST_SIZE'] === 'long')('leaves its job to another runner', async () => {
    await publish('inherited', `if (process.env.ROC_ATTEMPT === '1') { ${STUBBORN} }`);
    const first = await start('dying');
    const { id } = await startJob('inherited');
    const pids = await until('its robot', async () => {
      const found = await pidsOf(id);
      return found.length > 0 ? found : null;
    });
    first.child.kill('SIGKILL');
    await goneSoon(pids);
    const heir = await start('heir');
    const ended = async () => ((await show(id)).state === 'succeeded' ? show(id) : null);
    expect(await until('the second attempt', ended, { timeoutMs: 90_000 })).toMatchObject({ attempt: 2 });
    await heir.stop();
  });

  it('is not started twice on one state folder', async () => {
    const first = await start('locked');
    const result = await server.run('runner', 'start', '--state-dir', server.stateDirOf('locked'), '--json');
    expect(result.exitCode).toBe(4);
    expect(result.json()).toMatchObject({ error: { code: 'ROC_CONFLICT' } });
    await first.stop();
  });

  it('ends in good order at the first signal and leaves nothing', async () => {
    const runner = await start('polite');
    const { exitCode } = await runner.stop('SIGTERM');
    expect(exitCode).toBe(0);
    expect(runner.stdout()).toContain('"event":"stopped"');
    expect(runner.stderr()).toBe('');
    const { items } = await server.json<{ items: { name: string; state: string }[] }>('runners', 'list');
    expect(items.find(({ name }) => name === 'polite')?.state).toBe('offline');
  });
});

describe('the example robots (the built server and runner)', () => {
  it('run from a published folder to their output', async () => {
    const server = await startBuiltServer();
    const runner = await server.startRunner('examples');
    try {
      await server.json('robots', 'publish', projectPath('examples/invoice-totals'));
      await server.json('deploy', 'invoice-totals@1.0.0', '--to', 'dev');
      const job = await server.json<Job>(
        'jobs',
        'start',
        'invoice-totals',
        '--input',
        '{"pauseMs":0}',
        '--wait',
      );
      expect(job).toMatchObject({ state: 'succeeded', attempt: 1 });
      expect(job.output).toEqual(expect.any(Object));
    } finally {
      await runner.stop();
      await server.stop();
    }
  });

  it('take no descriptor, no token and no terminal of the runner with them', async () => {
    const server = await startBuiltServer();
    const runner = await server.startRunner('closed', '--once');
    try {
      const script = `${LIST_DESCRIPTORS}grep -c TOKEN /proc/$$/environ\n`;
      const dir = join(newDir(), 'closed');
      mkdirSync(dir);
      const manifest = { name: 'closed', version: '1.0.0', entrypoint: ['./fds.sh'] };
      writeRobot(dir, { 'robot.yaml': JSON.stringify(manifest), 'fds.sh': script }, ['fds.sh']);
      await server.json('robots', 'publish', dir);
      await server.json('deploy', 'closed@1.0.0', '--to', 'dev');
      const { id } = await server.json<Job>('jobs', 'start', 'closed');
      expect((await runner.ended).exitCode).toBe(3);
      const { items } = await server.json<{ items: { stream: string; text: string }[] }>('jobs', 'logs', id);
      const printed = items.filter(({ stream }) => stream === 'stdout').map(({ text }) => text);
      expect(descriptorsIn(printed).map((line) => line.split(' ')[0])).toEqual(['0', '1', '2']);
      expect(printed.at(-1)).toBe('0');
    } finally {
      await runner.stop();
      await server.stop();
    }
  });
});
