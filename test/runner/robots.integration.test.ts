import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeJob, type FakeOrchestrator, startFakeOrchestrator } from '../helpers/fake-orchestrator.js';
import { type FakePackage, type FakeRobot, fakePackage } from '../helpers/fake-packages.js';
import { goneSoon, isAlive } from '../helpers/processes.js';
import {
  descriptorsIn,
  FAMILY,
  LIST_DESCRIPTORS,
  POLITE,
  pidsIn,
  STUBBORN,
} from '../helpers/robot-scripts.js';
import { startTestAgent, type TestAgent } from '../helpers/runner-agent.js';
import { tempDirs } from '../helpers/temp-dirs.js';
import { until } from '../helpers/until.js';

const newDir = tempDirs('robots');
const long = process.env['ROC_TEST_SIZE'] === 'long';

describe('robots (against a fake orchestrator)', () => {
  let fake: FakeOrchestrator;
  let agent: TestAgent;
  const stateDir = newDir();
  beforeAll(async () => {
    fake = await startFakeOrchestrator();
    agent = startTestAgent(fake, stateDir, {
      env: { ...process.env, SECRET_OF_THE_RUNNER: 'hush', ROC_RUNNER_TOKEN: fake.token },
    });
  });
  afterAll(async () => {
    await agent.stop();
    await fake.close();
  });

  const enqueue = async (robot: FakeRobot | string, options: { input?: unknown; timeoutMs?: number } = {}) =>
    fake.enqueue(
      await fakePackage(typeof robot === 'string' ? { files: { 'main.js': robot } } : robot),
      options,
    );
  const resultOf = (job: FakeJob) =>
    until(`the result of ${job.id}`, () => job.result, { timeoutMs: 20_000 });
  const run = async (robot: FakeRobot | string, options: { input?: unknown; timeoutMs?: number } = {}) => {
    const job = await enqueue(robot, options);
    return { job, result: await resultOf(job), lines: fake.textOf(job) };
  };
  const runPackage = async (robot: FakePackage) => resultOf(fake.enqueue(robot));
  const attemptDirGone = () =>
    until('an empty work folder', () => readdirSync(join(stateDir, 'work')).length === 0);

  describe('what they are given', () => {
    it('is an environment without anything of the runner', async () => {
      const { lines } = await run(`
        const fs = require('fs');
        console.log(JSON.stringify(Object.keys(process.env).sort()));
        console.log(fs.readFileSync('/proc/self/environ', 'latin1').includes('hush'));
        console.log(JSON.stringify(process.argv.slice(2)), fs.readFileSync('/proc/self/cmdline', 'latin1').includes('roc_reg'));`);
      const known = [
        'HOME',
        'LANG',
        'PATH',
        'PYTHONUNBUFFERED',
        'ROC_ATTEMPT',
        'ROC_EPOCH',
        'ROC_INPUT',
        'ROC_JOB_ID',
      ];
      const more = ['ROC_OUTPUT', 'ROC_RUN_ID', 'ROC_WORK_DIR', 'TMPDIR'];
      const optional = ['LC_ALL', 'TZ'].filter((name) => process.env[name] !== undefined);
      expect(JSON.parse(lines[0] ?? '')).toEqual([...known, ...more, ...optional].sort());
      expect(lines.slice(1)).toEqual(['false', '[] false']);
    });

    it('is three pipes, and no descriptor of the runner', async () => {
      const { lines } = await run({
        entrypoint: ['./fds.sh'],
        files: { 'fds.sh': LIST_DESCRIPTORS },
        executables: ['fds.sh'],
      });
      const links = descriptorsIn(lines);
      for (const stream of ['0', '1', '2'])
        expect(links).toContainEqual(expect.stringMatching(new RegExp(`^${stream} -> (socket|pipe):`)));
      // What this very process was started with goes to every child of it; only the command closes that.
      const given = execFileSync('/bin/sh', ['-c', LIST_DESCRIPTORS], {
        encoding: 'utf8',
        timeout: 15_000,
        killSignal: 'SIGKILL',
      });
      for (const link of links.filter((line) => !/^[012] /.test(line))) expect(given).toContain(link);
    });

    it('is a group and session of its own, its folder as working directory, no terminal', async () => {
      const { lines, job } = await run(`
        const stat = require('fs').readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1);
        const [group, session, tty] = stat.split(' ').slice(2).map(Number);
        console.log(group === process.pid, session === process.pid, tty, process.cwd());`);
      expect(lines[0]).toBe(`true true 0 ${join(stateDir, 'work', `${job.id}.1`, 'package')}`);
    });

    it('is the input, on stdin and in a file', async () => {
      const input = { invoices: [1, 2, { ñ: '終' }] };
      const { result } = await run(
        `const fs = require('fs');
         const [a, b] = [0, process.env.ROC_INPUT].map((from) => JSON.parse(fs.readFileSync(from, 'utf8')));
         fs.writeFileSync(process.env.ROC_OUTPUT, JSON.stringify([a, b]));`,
        { input },
      );
      expect(result.output).toEqual([input, input]);
    });

    it('is private folders, gone when it is over, whatever it did to them', async () => {
      const { lines } = await run(`
        const fs = require('fs');
        const modes = ['HOME', 'TMPDIR', 'ROC_WORK_DIR'].map((name) => (fs.statSync(process.env[name]).mode & 0o777).toString(8));
        console.log(modes.join(' '), (fs.statSync('..').mode & 0o777).toString(8));
        fs.mkdirSync(process.env.ROC_WORK_DIR + '/a/b', { recursive: true });
        fs.symlinkSync('/', process.env.ROC_WORK_DIR + '/root');
        fs.writeFileSync(process.env.ROC_WORK_DIR + '/a/b/c', 'x');
        fs.chmodSync(process.env.ROC_WORK_DIR + '/a/b', 0);
        fs.chmodSync(process.env.ROC_WORK_DIR + '/a', 0);
        fs.chmodSync(process.env.ROC_WORK_DIR, 0);`);
      expect(lines).toEqual(['700 700 700 700']);
      await attemptDirGone();
    });
  });

  describe('what they print', () => {
    it('may be more than any buffer holds, all of it in order', async () => {
      const count = long ? 200_000 : 20_000;
      const { result, lines } = await run(`
        let i = 0;
        const write = () => { while (i < ${count}) { if (!process.stdout.write('line ' + i++ + ' ' + 'x'.repeat(90) + '\\n')) return process.stdout.once('drain', write); } };
        write();`);
      expect(result.outcome).toBe('succeeded');
      expect(lines).toHaveLength(count);
      expect(lines.every((line, index) => line.startsWith(`line ${index} `))).toBe(true);
    });

    it('may be bytes that are no text, one line without an end, or nothing', async () => {
      const { result, lines } = await run(`
        process.stdout.write(Buffer.from([0, 1, 2, 0xff, 0xfe, 10, 0xc3, 0x28, 10]));
        process.stdout.write('x'.repeat(10000) + '\\nlast');`);
      expect(result.outcome).toBe('succeeded');
      expect(lines.slice(0, 2)).toEqual(['\u0000\u0001\u0002\ufffd\ufffd', '\ufffd(']);
      expect(lines.slice(2).map((line) => line.length)).toEqual([8192, 10_000 - 8191 + 1, 4]);
      expect((await run('')).lines).toEqual([]);
    });

    it('is progress where it says so', async () => {
      const job = await enqueue(`
        console.log('::progress 40 reading'); console.log('plain');
        setTimeout(() => {}, 1500);`);
      const beats = () => fake.callsOf('runner.heartbeat').flatMap(({ body }) => body.jobs);
      const told = await until('the progress', () =>
        beats().find(({ jobId, progress }) => jobId === job.id && progress),
      );
      expect(told.progress).toEqual({ percent: 40, message: 'reading' });
      await resultOf(job);
    });
  });

  describe('how they end', () => {
    it.each([
      [
        'with exit code 3 and last words',
        "console.error('no such page'); console.error(' '); process.exit(3)",
        'no such page',
        3,
      ],
      ['with exit code 1 and no words', 'process.exit(1)', 'exit code 1', 1],
      ['by a signal', "process.kill(process.pid, 'SIGSEGV')", 'killed by SIGSEGV', null],
      [
        'with output that is no JSON',
        "require('fs').writeFileSync(process.env.ROC_OUTPUT, '{')",
        'the output file (ROC_OUTPUT) is not JSON',
        0,
      ],
    ])('%s', async (_, script, message, exitCode) => {
      const { result } = await run(script);
      expect(result).toMatchObject({ outcome: 'failed', error: { kind: 'robot', message, exitCode } });
    });

    it('without reading what stands on stdin', async () => {
      const { result } = await run('process.stdin.destroy()', { input: 'x'.repeat(900_000) });
      expect(result).toMatchObject({ outcome: 'succeeded', error: null });
    });

    it('takes all that they started with them', async () => {
      const { result, lines } = await run(`${FAMILY} setTimeout(() => process.exit(), 600)`);
      expect(result.outcome).toBe('succeeded');
      const pids = pidsIn(lines);
      expect(pids).toHaveLength(3);
      await goneSoon(pids);
    });

    it('when they are asked to, after a cancel', async () => {
      const job = await enqueue(POLITE);
      const [pid] = await until('its start', () =>
        pidsIn(fake.textOf(job)).length > 0 ? pidsIn(fake.textOf(job)) : null,
      );
      fake.cancel(job);
      const result = await resultOf(job);
      expect(result).toMatchObject({ outcome: 'canceled', error: { kind: 'canceled', exitCode: 0 } });
      expect(fake.textOf(job)).toContain('asked');
      await goneSoon([pid ?? 0]);
    });

    it('when they ignore a cancel, with their whole family', async () => {
      const job = await enqueue(`${STUBBORN}${FAMILY}`);
      const pids = await until('its family', () =>
        pidsIn(fake.textOf(job)).length === 4 ? pidsIn(fake.textOf(job)) : null,
      );
      expect(pids.every(isAlive)).toBe(true);
      fake.cancel(job);
      const result = await resultOf(job);
      expect(result).toMatchObject({ outcome: 'canceled', error: { exitCode: null } });
      expect(fake.textOf(job)).toContain('ignored SIGTERM');
      await goneSoon(pids);
      await attemptDirGone();
    });

    it('when their time is over', async () => {
      const { result, lines } = await run(POLITE, { timeoutMs: 1000 });
      expect(result).toMatchObject({
        outcome: 'timed_out',
        error: { kind: 'timeout', message: 'did not end within 1.0s' },
      });
      await goneSoon(pidsIn(lines));
    });

    it('when the server gave their lease to another, and nothing is reported', async () => {
      const job = await enqueue(STUBBORN);
      const pids = await until('its start', () =>
        pidsIn(fake.textOf(job)).length === 1 ? pidsIn(fake.textOf(job)) : null,
      );
      fake.loseLease(job);
      await goneSoon(pids);
      await until('the second attempt', () => job.attempt === 2 && (job.logs.get(2)?.length ?? 0) > 0);
      const ended = await until('its end', () =>
        agent.events.find((event) => event.event === 'job-ended' && event.jobId === job.id),
      );
      expect(ended).toMatchObject({ attempt: 1, outcome: 'lost' });
      expect(
        fake.callsOf('runner.complete').filter(({ body }) => body.epoch === 1 && job.result === body),
      ).toEqual([]);
      fake.cancel(job);
      await resultOf(job);
    });
  });

  describe('what cannot be run', () => {
    it.each<[string, FakeRobot, string, RegExp]>([
      [
        'an interpreter that this host lacks',
        { entrypoint: ['cobol-2', 'main'], files: {} },
        'runner',
        /no program "cobol-2"/,
      ],
      [
        'a file that is not in the package',
        { entrypoint: ['./run'], files: {} },
        'package',
        /is not in the package/,
      ],
      [
        'a file that is not executable',
        { entrypoint: ['./run'], files: { run: '#!/bin/sh\n' } },
        'package',
        /is not executable/,
      ],
      [
        'a script whose interpreter this host lacks',
        { entrypoint: ['./run'], files: { run: '#!/nowhere/sh\n' }, executables: ['run'] },
        'runner',
        /interpreter that its first line names/,
      ],
      [
        'a robot for another system',
        { platforms: ['windows'], files: { 'main.js': '' } },
        'runner',
        /runs on windows; this host is linux/,
      ],
    ])('%s fails the job, not the agent', async (_, robot, kind, message) => {
      const { result } = await run(robot);
      expect(result).toMatchObject({ outcome: 'failed', error: { kind, exitCode: null } });
      expect(result.error?.message).toMatch(message);
    });

    it.each<[string, (robot: FakePackage) => FakePackage, RegExp]>([
      [
        'a package with one changed byte',
        (robot) => {
          const ciphertext = Buffer.from(robot.ciphertext);
          ciphertext[ciphertext.length >> 1] = (ciphertext[ciphertext.length >> 1] ?? 0) ^ 1;
          return { ...robot, ciphertext };
        },
        /damaged/,
      ],
      [
        'a package that was cut short',
        (robot) => ({ ...robot, ciphertext: robot.ciphertext.subarray(0, 60) }),
        /damaged/,
      ],
      ['an empty package', (robot) => ({ ...robot, ciphertext: Buffer.alloc(0) }), /damaged/],
      [
        'a package that is longer than said',
        (robot) => ({ ...robot, sizeBytes: 10 }),
        /longer than the server said/,
      ],
      [
        'another digest',
        (robot) => ({ ...robot, digest: `sha256:${'0'.repeat(64)}` }),
        /its digest is another one/,
      ],
      ['another hash', (robot) => ({ ...robot, sha256: '0'.repeat(64) }), /its SHA-256 is another one/],
      ['another robot’s bytes', (robot) => ({ ...robot, robot: 'other' }), /damaged/],
      ['a key of another package', (robot) => ({ ...robot, dataKey: Buffer.alloc(32, 7) }), /damaged/],
    ])('%s never runs', async (_, change, message) => {
      const robot = await fakePackage({
        files: { 'main.js': `console.log('ran')`, salt: String(Math.random()) },
      });
      const result = await runPackage(change(robot));
      expect(result).toMatchObject({ outcome: 'failed', error: { kind: 'package' } });
      expect(result.error?.message).toMatch(message);
      expect([...fake.jobs.values()].at(-1)?.logs.get(1) ?? []).toEqual([]);
      await attemptDirGone();
    });
  });

  it('are fetched once and run again from the encrypted copy, or anew where that copy rotted', async () => {
    const robot = await fakePackage({ files: { 'main.js': '', salt: 'cached' } });
    const fetches = () => fake.callsOf('runner.package').length;
    const before = fetches();
    await runPackage(robot);
    await runPackage(robot);
    expect(fetches() - before).toBe(1);
    for (const name of readdirSync(join(stateDir, 'cache')))
      writeFileSync(join(stateDir, 'cache', name), 'rotten');
    expect(await runPackage(robot)).toMatchObject({ outcome: 'succeeded' });
    expect(fetches() - before).toBe(2);
  });

  it('run side by side, as many as there are slots', async () => {
    const robot = await fakePackage({ files: { 'main.js': 'setTimeout(() => {}, 400)', salt: 'slots' } });
    const jobs = [1, 2, 3].map(() => fake.enqueue(robot));
    await until('two at a time', () => jobs.filter(({ state }) => state === 'running').length === 2);
    expect(jobs.filter(({ state }) => state === 'queued')).toHaveLength(1);
    for (const job of jobs) expect(await resultOf(job)).toMatchObject({ outcome: 'succeeded' });
  });

  it('never reported twice, and left no process behind', () => {
    for (const job of fake.jobs.values()) expect(job.completions).toBeLessThanOrEqual(1);
  });
});
