import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import Login from '../../commands/login.js';
import Logout from '../../commands/logout.js';
import Whoami from '../../commands/whoami.js';
import { readSession, sessionPath, writeSession } from '../../src/cli/session-file.js';
import { sampleId, sampleSession } from '../helpers/api-samples.js';
import { type FakeApi, FakeProblem, startFakeApi } from '../helpers/fake-api.js';
import { type CommandEnd, runCommand } from '../helpers/run-command.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

const me = {
  kind: 'user' as const,
  id: sampleId(3),
  email: 'ada@example.com',
  tenant: 'default',
  tenantId: sampleId(4),
  roles: ['admin'],
  permissions: [],
};

let api: FakeApi;
let env: Record<string, string>;
let file: string;
beforeEach(async () => {
  api = await startFakeApi({ 'auth.login': () => sampleSession(), 'me.show': () => me });
  env = { XDG_CONFIG_HOME: makeTempDir('home') };
  file = sessionPath(env);
});
afterEach(async () => {
  await api.close();
  removeDir(env['XDG_CONFIG_HOME'] ?? '');
});

const SECRETS = /token-of-|refresh-of-|tr0ub4dor/;

async function run(
  command: Parameters<typeof runCommand>[0],
  argv: string[],
  more = {},
): Promise<CommandEnd> {
  const end = await runCommand(command, argv, { env: { ...env, ...more } });
  expect(`${end.stdout}${end.stderr}`).not.toMatch(SECRETS);
  return end;
}

/** Runs with this on standard input. */
async function piped(text: string, work: () => Promise<CommandEnd>): Promise<CommandEnd> {
  const own = Object.getOwnPropertyDescriptor(process, 'stdin');
  Object.defineProperty(process, 'stdin', { value: Readable.from([Buffer.from(text)]), configurable: true });
  try {
    return await work();
  } finally {
    if (own) Object.defineProperty(process, 'stdin', own);
  }
}

const login = (...argv: string[]) =>
  piped('tr0ub4dor & 3\n', () =>
    run(Login, ['--url', api.url, '--email', 'ada@example.com', '--password-stdin', ...argv]),
  );

describe('roc login', () => {
  it('keeps the session, and shows nothing of it', async () => {
    const { stdout, stderr, exitCode } = await login();
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toBe(`signed in to ${api.url} as ada@example.com, tenant default\n`);
    expect(await readSession(file)).toMatchObject({ url: api.url, refreshToken: 'refresh-of-ada' });
    expect(api.requests[0]?.body).toEqual({ email: 'ada@example.com', password: 'tr0ub4dor & 3' });
    const who = await run(Whoami, []);
    expect(who.stdout).toContain(`server  ${api.url}\nuser    ada@example.com\n`);
    expect((await run(Whoami, ['--json'])).json()).toMatchObject({
      url: api.url,
      credentials: 'session',
      ...me,
    });
  });

  it('names the tenant, and prints JSON without tokens', async () => {
    const { json } = await login('--tenant', 'acme', '--json');
    expect(json()).toEqual({
      url: api.url,
      user: sampleSession().user,
      tenant: 'default',
      expiresAt: sampleSession().expiresAt,
    });
    expect(api.requests[0]?.body).toMatchObject({ tenant: 'acme' });
  });

  it('keeps the former session where the password is wrong', async () => {
    await login();
    api.answer({
      'auth.login': () => {
        throw new FakeProblem('ROC_UNAUTHENTICATED', 'e-mail or password is wrong');
      },
    });
    const before = await readFile(file, 'utf8');
    expect(await login()).toMatchObject({ exitCode: 5 });
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('takes the address of ROC_URL, else of the last session', async () => {
    const argv = ['--email', 'ada@example.com', '--password-stdin'];
    expect((await piped('x\n', () => run(Login, argv))).stderr).toContain('not signed in to a server');
    await piped('x\n', () => run(Login, argv, { ROC_URL: api.url }));
    expect((await piped('x\n', () => run(Login, argv))).stdout).toContain(`signed in to ${api.url}`);
  });

  it.each([
    [['--email', 'a@b.c'], 4, '"Password of a@b.c" needs an answer and this is no terminal'],
    [['--password-stdin'], 4, '"E-mail" needs an answer and this is no terminal'],
    [['--email', 'a@b.c', '--url', 'roc.example.com'], 2, '--url is no URL'],
  ])('asks nobody where nobody can answer: %j', async (argv, exitCode, message) => {
    const end = await run(Login, argv, { ROC_URL: api.url });
    expect(end.exitCode).toBe(exitCode);
    expect(end.stderr).toContain(message);
  });

  it('refuses an empty password and one without end', async () => {
    const argv = ['--url', api.url, '--email', 'a@b.c', '--password-stdin'];
    expect(await piped('\n', () => run(Login, argv))).toMatchObject({ exitCode: 2 });
    expect(await piped('x'.repeat(5000), () => run(Login, argv))).toMatchObject({ exitCode: 2 });
    expect(api.requests).toEqual([]);
  });

  it('warns where ROC_TOKEN goes before the session', async () => {
    const argv = ['--url', api.url, '--email', 'a@b.c', '--password-stdin'];
    const { stderr } = await piped('x\n', () => run(Login, argv, { ROC_TOKEN: 'token-of-another' }));
    expect(stderr).toBe('warning: ROC_TOKEN is set and goes before this session\n');
  });
});

describe('the session', () => {
  const renewed = sampleSession({ accessToken: 'token-of-tomorrow', refreshToken: 'refresh-of-tomorrow' });

  it('is renewed when the server refuses the token, and the call made again', async () => {
    await login();
    api.tokens.clear();
    api.tokens.add('token-of-tomorrow');
    api.answer({ 'auth.refresh': () => renewed });
    expect((await run(Whoami, [])).exitCode).toBe(0);
    expect((await readSession(file))?.accessToken).toBe('token-of-tomorrow');
    expect(api.requests.filter(({ route }) => route === 'auth.refresh')).toHaveLength(1);
  });

  it('is over when the server refuses the renewed token too', async () => {
    await login();
    api.tokens.clear();
    api.answer({ 'auth.refresh': () => renewed });
    expect(await run(Whoami, [])).toMatchObject({ exitCode: 5 });
    expect(api.requests.filter(({ route }) => route === 'auth.refresh')).toHaveLength(1);
  });

  it('is over when it cannot be renewed, with how to sign in again', async () => {
    await login();
    api.tokens.clear();
    api.answer({
      'auth.refresh': () => {
        throw new FakeProblem('ROC_UNAUTHENTICATED', 'refresh token reuse');
      },
    });
    const { stderr, exitCode } = await run(Whoami, []);
    expect(exitCode).toBe(5);
    expect(stderr).toContain(`Sign in again with \`roc login --url ${api.url}\``);
  });

  it('never goes to another server', async () => {
    await login();
    const other = await startFakeApi();
    const { stderr, exitCode } = await run(Whoami, [], { ROC_URL: other.url });
    expect(exitCode).toBe(5);
    expect(stderr).toContain(`not signed in to ${other.url} (the session is for ${api.url})`);
    const config = join(env['XDG_CONFIG_HOME'] ?? '', 'roc.yaml');
    await writeFile(config, `client:\n  url: ${other.url}\n`);
    expect(await run(Whoami, ['--config', config])).toMatchObject({ exitCode: 5 });
    expect(other.requests).toEqual([]);
    await other.close();
  });

  it('is no obstacle to ROC_TOKEN when it is damaged', async () => {
    await login();
    await writeFile(file, '{');
    expect(await run(Whoami, [])).toMatchObject({ exitCode: 2 });
    const withToken = await run(Whoami, [], { ROC_URL: api.url, ROC_TOKEN: 'token-of-ada' });
    expect(withToken.exitCode).toBe(0);
    expect(withToken.stdout).toContain('by      ROC_TOKEN\n');
  });
});

describe('roc logout', () => {
  it('ends the session at the server and here', async () => {
    await login();
    api.answer({ 'auth.logout': () => undefined });
    expect((await run(Logout, [])).stdout).toBe(`signed out of ${api.url}\n`);
    expect(api.requests.at(-1)?.route).toBe('auth.logout');
    expect(await readSession(file)).toBeNull();
    expect((await run(Logout, ['--json'])).json()).toEqual({ url: null, signedOut: false, serverTold: true });
  });

  it('forgets it here also when the server is away', async () => {
    const { url } = api;
    await login();
    await api.close();
    const { stdout, stderr, exitCode } = await run(Logout, []);
    expect({ stdout, exitCode }).toEqual({ stdout: `signed out of ${url}\n`, exitCode: 0 });
    expect(stderr).toContain('could not be told');
    expect(await readSession(file)).toBeNull();
  });

  it('ends the session of the file, whatever ROC_URL and ROC_TOKEN say', async () => {
    await writeSession(file, { ...sampleSession(), url: api.url });
    api.answer({ 'auth.logout': () => undefined });
    await run(Logout, [], { ROC_URL: 'http://127.0.0.1:9', ROC_TOKEN: 'token-of-another' });
    expect(api.requests.at(-1)?.headers.authorization).toBe('Bearer token-of-ada');
  });
});
