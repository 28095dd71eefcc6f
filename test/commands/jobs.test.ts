import { writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import JobsCancel from '../../commands/jobs/cancel.js';
import JobsList from '../../commands/jobs/list.js';
import JobsLogs from '../../commands/jobs/logs.js';
import JobsRetry from '../../commands/jobs/retry.js';
import JobsShow from '../../commands/jobs/show.js';
import JobsStart from '../../commands/jobs/start.js';
import JobsWhy from '../../commands/jobs/why.js';
import { type Job, logLine, page, sampleId, sampleJob, succeededJob } from '../helpers/api-samples.js';
import { FakeProblem } from '../helpers/fake-api.js';
import { runCommand } from '../helpers/run-command.js';
import { type SignedIn, signedIn } from '../helpers/signed-in.js';
import { until } from '../helpers/until.js';

let shell: SignedIn;
beforeEach(async () => {
  shell = await signedIn({ 'jobs.start': () => sampleJob() });
});
afterEach(() => shell.close());

const id = sampleId(1);

type Said = readonly [type: 'log' | 'state' | 'end', data: unknown];

function stream(response: ServerResponse, said: readonly Said[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  for (const [type, data] of said) response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** A job that says this and ends so. */
function ends(said: readonly Said[], job: Job): void {
  shell.api.answer({
    'jobs.events': () => (response) => {
      stream(response, [...said, ['state', job], ['end', {}]]);
      response.end();
    },
    'jobs.show': () => ({ ...job, events: [] }),
  });
}

describe('roc jobs start', () => {
  it('starts a job and says how to follow it', async () => {
    const { stdout, exitCode } = await shell.run(
      JobsStart,
      'invoice-totals',
      '--in',
      'prod',
      '--input',
      '{"a":1}',
    );
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`started job ${id}, queued; follow it with \`roc jobs logs ${id} -f\`\n`);
    expect(shell.api.requests[0]?.body).toEqual({
      project: 'default',
      process: 'invoice-totals',
      environment: 'prod',
      input: { a: 1 },
    });
    expect((await shell.run(JobsStart, 'invoice-totals', '--json')).json()).toMatchObject({
      id,
      state: 'queued',
    });
  });

  it('sends a key of its own, a new one each time, or the one given', async () => {
    await shell.run(JobsStart, 'invoice-totals');
    await shell.run(JobsStart, 'invoice-totals');
    await shell.run(JobsStart, 'invoice-totals', '--key', 'nightly-2026-03-01');
    const [first, second, third] = shell.api.requests.map(({ headers }) => headers['idempotency-key']);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).not.toBe(first);
    expect(third).toBe('nightly-2026-03-01');
  });

  it('names the key where the answer got lost, so that nothing starts twice', async () => {
    shell.api.answer({ 'jobs.start': () => (response) => void response.destroy() });
    const { stderr, exitCode } = await shell.run(JobsStart, 'invoice-totals');
    expect(exitCode).toBe(5);
    const sent = shell.api.requests[0]?.headers['idempotency-key'];
    expect(stderr).toContain(`--key ${sent} starts it once`);
  });

  it('reads the input from a file', async () => {
    const file = join(shell.dir, 'input.json');
    await writeFile(file, '[1,2]');
    await shell.run(JobsStart, 'invoice-totals', '--input', `@${file}`);
    expect(shell.api.requests[0]?.body).toMatchObject({ input: [1, 2] });
  });

  it.each([
    ['{"a":', '--input is no JSON'],
    ['@/nowhere/input.json', 'the input file /nowhere/input.json cannot be read'],
  ])('refuses the input %s', async (input, message) => {
    const { stderr, exitCode } = await shell.run(JobsStart, 'invoice-totals', '--input', input);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(shell.api.requests).toEqual([]);
  });

  it('refuses an input file that no server takes, unread', async () => {
    const file = join(shell.dir, 'large.json');
    await writeFile(file, Buffer.alloc(1024 * 1024 + 1, ' '));
    expect((await shell.run(JobsStart, 'invoice-totals', '--input', `@${file}`)).exitCode).toBe(2);
  });
});

describe('roc jobs start --wait', () => {
  it('shows the log on stderr and the output alone on stdout', async () => {
    ends(
      [
        ['state', sampleJob({ state: 'running', attempt: 1, runner: 'ada-1' })],
        ['log', logLine(1, 'reading')],
        ['log', logLine(2, 'careful', { stream: 'stderr' })],
        ['log', logLine(3, 'clear\u001b[2Jed', { stream: 'system' })],
        ['log', logLine(4, '::progress 40 reading page 2')],
        ['log', logLine(5, '::progress 40 is no progress here', { stream: 'stderr' })],
      ],
      succeededJob(),
    );
    const { stdout, stderr, exitCode } = await shell.run(JobsStart, 'invoice-totals', '--wait');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ total: 42 });
    expect(stderr.split('\n')).toEqual([
      `job ${id} queued`,
      `job ${id} running on ada-1`,
      '12:00:00   reading',
      '12:00:00 ! careful',
      '12:00:00 * clear\ufffd[2Jed',
      '12:00:00 > 40% reading page 2',
      '12:00:00 ! ::progress 40 is no progress here',
      `job ${id} succeeded in 2.5s`,
      '',
    ]);
  });

  it('says what a held job waits for', async () => {
    ends([['state', sampleJob({ state: 'held' })]], succeededJob());
    const { stderr } = await shell.run(JobsStart, 'invoice-totals', '--wait');
    expect(stderr).toContain(`job ${id} held\nit waits for a person: \`roc jobs show ${id}\` says why`);
  });

  it('prints exactly the finished job with --json', async () => {
    ends([['log', logLine(1, 'reading')]], succeededJob());
    const { stdout, stderr, exitCode } = await shell.run(JobsStart, 'invoice-totals', '--wait', '--json');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    const { process, version, state, attempt, output, error, startedAt, finishedAt } = succeededJob();
    expect(JSON.parse(stdout)).toEqual({
      id,
      process,
      version,
      state,
      attempt,
      output,
      error,
      startedAt,
      finishedAt,
    });
  });

  it.each(['failed', 'canceled', 'timed_out', 'dead'] as const)(
    'ends with 3 when the job %s',
    async (state) => {
      const error = { kind: 'robot' as const, message: 'no invoices', exitCode: 7 };
      ends([], succeededJob({ state, output: null, error }));
      const forPeople = await shell.run(JobsStart, 'invoice-totals', '--wait');
      expect(forPeople.exitCode).toBe(3);
      expect(forPeople.stdout).toBe('');
      expect(forPeople.stderr).toContain(`job ${id} ${state} in 2.5s: no invoices (exit code 7)\n`);
      const forMachines = await shell.run(JobsStart, 'invoice-totals', '--wait', '--json');
      expect(forMachines.exitCode).toBe(3);
      expect(forMachines.json()).toMatchObject({ state, error });
    },
  );

  it('leaves the job alone on Ctrl-C, ends with 130 and says how to take up again', async () => {
    shell.api.answer({
      'jobs.events': () => (response) => stream(response, [['log', logLine(1, 'reading')]]),
    });
    const { stderr, exitCode } = await runCommand(JobsStart, ['invoice-totals', '--wait'], {
      env: shell.env,
      meanwhile: async (output) => {
        await until('the first line', () => output.stderr().includes('reading'));
        process.emit('SIGINT');
      },
    });
    expect(exitCode).toBe(130);
    expect(stderr).toContain(`stopped waiting; job ${id} goes on`);
    expect(stderr).toContain(`roc jobs logs ${id} -f`);
    expect(shell.api.requests.map(({ route }) => route)).not.toContain('jobs.cancel');
  });
});

describe('roc jobs logs', () => {
  const lines = [logLine(1, 'one'), logLine(2, 'two'), logLine(1, 'again', { attempt: 2 })];

  it('prints the stored lines and marks where an attempt begins', async () => {
    shell.api.answer({
      'jobs.logs': ({ query }) =>
        query['cursor'] === 'b' ? page(lines.slice(2)) : page(lines.slice(0, 2), 'b'),
    });
    expect((await shell.run(JobsLogs, id)).stdout).toBe(
      '12:00:00   one\n12:00:00   two\n--- attempt 2 ---\n12:00:00   again\n',
    );
    expect((await shell.run(JobsLogs, id, '--json')).json()).toEqual({ items: lines });
  });

  it('says why there is none where the robot never began', async () => {
    const error = {
      kind: 'assets' as const,
      message: 'the asset default/key does not exist for dev',
      exitCode: null,
    };
    const job = { ...succeededJob(), state: 'failed' as const, error, output: null, events: [] };
    shell.api.answer({ 'jobs.logs': () => page([]), 'jobs.show': () => job });
    const { stdout, stderr } = await shell.run(JobsLogs, id);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /^no log lines; job \w+ failed in .*: the asset default\/key does not exist for dev\n$/,
    );
    expect((await shell.run(JobsLogs, id, '--json')).json()).toEqual({ items: [] });
  });

  it('rounds what a robot reports of its progress', async () => {
    shell.api.answer({ 'jobs.logs': () => page([logLine(1, '::progress 33.333333333333336 step 1')]) });
    expect((await shell.run(JobsLogs, id)).stdout).toBe('12:00:00 > 33.3% step 1\n');
  });

  it('asks for one attempt', async () => {
    shell.api.answer({ 'jobs.logs': () => page([logLine(1, 'again', { attempt: 2 })]) });
    await shell.run(JobsLogs, id, '--attempt', '2');
    expect(shell.api.requests[0]?.query).toMatchObject({ attempt: 2 });
  });

  it('follows until the job ends, as JSON Lines with --json', async () => {
    ends(
      lines.map((line) => ['log', line] as const),
      succeededJob(),
    );
    const forPeople = await shell.run(JobsLogs, id, '-f');
    expect(forPeople).toMatchObject({ exitCode: 0, stderr: '' });
    expect(forPeople.stdout).toContain('--- attempt 2 ---\n12:00:00   again\n');
    const forMachines = await shell.run(JobsLogs, id, '-f', '--json', '--attempt', '1');
    expect(
      forMachines.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(lines.slice(0, 2));
  });

  it('ends with 0 at the first Ctrl-C', async () => {
    shell.api.answer({ 'jobs.events': () => (response) => stream(response, [['log', logLine(1, 'one')]]) });
    const { stdout, stderr, exitCode } = await runCommand(JobsLogs, [id, '-f'], {
      env: shell.env,
      meanwhile: async (output) => {
        await until('the first line', () => output.stdout().includes('one'));
        process.emit('SIGINT');
      },
    });
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: '12:00:00   one\n', stderr: '', exitCode: 0 });
  });

  it('says once that the connection was lost, and goes on', async () => {
    let n = 0;
    shell.api.answer({
      'jobs.events': () => (response) => {
        n += 1;
        stream(
          response,
          n === 1 ? [['log', lines[0]]] : [...lines.map((line) => ['log', line] as const), ['end', {}]],
        );
        setTimeout(() => response.destroy(), 10);
      },
    });
    const { stdout, stderr } = await shell.run(JobsLogs, id, '-f');
    expect(stderr).toBe('warning: connection lost, trying again\n');
    expect(stdout.match(/one/g)).toHaveLength(1);
  });
});

describe('the other jobs commands', () => {
  it('list jobs with the filters asked for', async () => {
    shell.api.answer({ 'jobs.list': () => page([succeededJob(), sampleJob({ id: sampleId(9) })]) });
    const { stdout } = await shell.run(
      JobsList,
      '--process',
      'invoice-totals',
      '--state',
      'queued',
      '--in',
      'dev',
    );
    expect(stdout).toMatch(
      new RegExp(`^${id}  invoice-totals  1\\.0\\.0    dev  succeeded  \\S+ ago +2\\.5s$`, 'm'),
    );
    expect(stdout).toMatch(new RegExp(`^${sampleId(9)} .* queued .* -$`, 'm'));
    expect(shell.api.requests[0]?.query).toMatchObject({
      process: 'invoice-totals',
      state: 'queued',
      environment: 'dev',
    });
  });

  it('show a job and its history', async () => {
    const event = {
      id: sampleId(8),
      at: '2026-03-01T12:00:01.000Z',
      type: 'started' as const,
      attempt: 1,
      epoch: 1,
      state: 'running' as const,
      detail: 'on ada-1',
    };
    shell.api.answer({ 'jobs.show': () => ({ ...succeededJob(), events: [event] }) });
    const { stdout } = await shell.run(JobsShow, id);
    expect(stdout).toContain('output       {"total":42}\n');
    expect(stdout).toContain('2026-03-01T12:00:01.000Z  started        1  running  on ada-1\n');
    expect((await shell.run(JobsShow, id, '--json')).json()).toMatchObject({ id, events: [event] });
  });

  it('cancel a job', async () => {
    shell.api.answer({ 'jobs.cancel': () => sampleJob({ state: 'canceling' }) });
    expect((await shell.run(JobsCancel, id)).stdout).toBe(`job ${id} is canceling\n`);
  });

  it('pass on that a job is over', async () => {
    shell.api.answer({
      'jobs.cancel': () => {
        throw new FakeProblem('ROC_CONFLICT', 'the job has succeeded');
      },
    });
    expect((await shell.run(JobsCancel, id)).exitCode).toBe(4);
  });

  it('retry a job, and wait for it', async () => {
    ends([], succeededJob());
    shell.api.answer({ 'jobs.retry': () => sampleJob({ retryOf: sampleId(7) }) });
    expect((await shell.run(JobsRetry, sampleId(7))).stdout).toContain(`job ${id} is queued`);
    const waited = await shell.run(JobsRetry, sampleId(7), '--wait', '--json');
    expect(waited.json()).toMatchObject({ id, state: 'succeeded' });
  });

  it('explain why a job waits', async () => {
    shell.api.answer({
      'jobs.why': () => ({
        state: 'queued',
        waiting: true,
        reasons: [{ code: 'no_runner', message: 'no runner of pool default is online', fix: 'Start one.' }],
        eligibleRunners: 0,
        position: 3,
      }),
    });
    expect((await shell.run(JobsWhy, id)).stdout).toBe(
      [
        'state      queued',
        'waits      yes',
        'runners    0 could take it',
        'before it  3 of its pool',
        '',
        'reason  no runner of pool default is online (no_runner)',
        'next    Start one.',
        '',
      ].join('\n'),
    );
  });

  it('explain nothing where a job does not wait, and say where to look', async () => {
    const why = { state: 'failed' as const, waiting: false, eligibleRunners: 2, position: null, reasons: [] };
    shell.api.answer({ 'jobs.why': () => why });
    expect((await shell.run(JobsWhy, id)).stdout).toBe(
      `state  failed\nwaits  no\nnext   \`roc jobs show ${id}\` tells what became of it\n`,
    );
  });

  it('refuse an id that is none, by the server', async () => {
    const { exitCode, stderr } = await shell.run(JobsShow, 'not-an-id');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('id: is no id');
  });
});
