import type { Command } from '@oclif/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import JobsList from '../../commands/jobs/list.js';
import Whoami from '../../commands/whoami.js';
import type { ErrorCode } from '../../src/kernel/errors.js';
import { type FakeApi, FakeProblem, startFakeApi } from '../helpers/fake-api.js';
import { runCommand } from '../helpers/run-command.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

let api: FakeApi;
let home: string;
beforeAll(async () => {
  api = await startFakeApi();
  home = makeTempDir('home');
});
afterAll(async () => {
  await api.close();
  removeDir(home);
});

const TOKEN = 'token-of-ada';

function signedIn(url = api.url): Record<string, string> {
  return { ROC_URL: url, ROC_TOKEN: TOKEN, XDG_CONFIG_HOME: home };
}

async function run(env: Record<string, string>, command: typeof Command = Whoami, argv: string[] = []) {
  const forPeople = await runCommand(command, argv, { env });
  const forMachines = await runCommand(command, [...argv, '--json'], { env });
  for (const { stdout, stderr } of [forPeople, forMachines]) {
    expect(`${stdout}${stderr}`).not.toContain(TOKEN);
    expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at |node_modules|argv/);
  }
  expect(forPeople.stdout).toBe('');
  expect(forPeople.stderr).toMatch(/^error: .+\n( {2}next: .+\n)?$/);
  const { error } = forMachines.json<{ error: { code: ErrorCode; message: string; hint: string } }>();
  expect(Object.keys(error)).toEqual(['code', 'message', 'hint']);
  expect(forMachines.stderr).toBe('');
  expect(forMachines.exitCode).toBe(forPeople.exitCode);
  return { ...error, exitCode: forPeople.exitCode };
}

describe('errors of client commands', () => {
  it.each([
    ['ROC_UNAUTHENTICATED', 5],
    ['ROC_FORBIDDEN', 4],
    ['ROC_NOT_FOUND', 2],
    ['ROC_CONFLICT', 4],
    ['ROC_PRECONDITION_FAILED', 4],
    ['ROC_GONE', 2],
    ['ROC_TOO_LARGE', 2],
    ['ROC_THROTTLED', 5],
    ['ROC_UNAVAILABLE', 5],
    ['ROC_UNEXPECTED', 1],
  ] as const)('%s ends with %i', async (code, exitCode) => {
    api.answer({
      'me.show': () => {
        throw new FakeProblem(code, 'what was wrong', { hint: 'What to do.' });
      },
    });
    expect(await run(signedIn())).toEqual({ code, message: 'what was wrong', hint: 'What to do.', exitCode });
  });

  it('names each field that the server refused', async () => {
    api.answer({
      'me.show': () => {
        const errors = [
          { path: 'input.month', message: 'expected a string' },
          { path: 'input.year', message: 'is missing' },
        ];
        throw new FakeProblem('ROC_INVALID_INPUT', 'the input does not fit', { errors });
      },
    });
    const { message, exitCode } = await run(signedIn());
    expect(message).toBe('the input does not fit; input.month: expected a string; input.year: is missing');
    expect(exitCode).toBe(2);
  });

  it('says how to sign in where nobody is', async () => {
    expect(await run({ XDG_CONFIG_HOME: home })).toMatchObject({ code: 'ROC_UNAUTHENTICATED', exitCode: 5 });
    const elsewhere = await run({ XDG_CONFIG_HOME: home, ROC_URL: 'https://roc.example.com' });
    expect(elsewhere.message).toBe('not signed in to https://roc.example.com');
    expect(elsewhere.hint).toContain('roc login --url https://roc.example.com');
  });

  it('ends with 5 where nobody listens', async () => {
    const gone = await startFakeApi();
    await gone.close();
    expect(await run(signedIn(gone.url))).toMatchObject({ code: 'ROC_UNREACHABLE', exitCode: 5 });
  });

  it('ends with 5 where HTML answers', async () => {
    api.answer({
      'me.show': () => (response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end('<p>') as never,
    });
    expect(await run(signedIn())).toMatchObject({ code: 'ROC_UNREACHABLE', exitCode: 5 });
  });

  it('refuses an address that is none, and a token that is none, without showing it', async () => {
    expect(await run({ ...signedIn(), ROC_URL: 'roc.example.com' })).toMatchObject({
      code: 'ROC_USAGE',
      exitCode: 2,
    });
    const bad = await run({ ...signedIn(), ROC_TOKEN: `${TOKEN} with spaces` });
    expect(bad).toMatchObject({ code: 'ROC_USAGE', exitCode: 2 });
  });

  it.each([[['--bogus']], [['--limit', 'many']], [['--state', 'asleep']], [['surplus']]])(
    'refuses %j as usage, before anything is asked of the server',
    async (argv) => {
      const asked = api.requests.length;
      expect(await run(signedIn(), JobsList, argv)).toMatchObject({ code: 'ROC_USAGE', exitCode: 2 });
      expect(api.requests).toHaveLength(asked);
    },
  );
});
