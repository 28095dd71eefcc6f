import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import Doctor from '../../commands/doctor.js';
import type { Check } from '../../src/cli/doctor/model.js';
import { sessionPath, writeSession } from '../../src/cli/session-file.js';
import { sampleSession } from '../helpers/api-samples.js';
import { freePort } from '../helpers/free-port.js';
import { runCommand } from '../helpers/run-command.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

let dir: string;
let config: string;
let env: Record<string, string>;
beforeEach(async () => {
  dir = makeTempDir('doctor');
  config = join(dir, 'roc.yaml');
  env = { XDG_CONFIG_HOME: dir, HOME: dir };
  await writeFile(config, `server:\n  dataDir: ${join(dir, 'data')}\n`);
});
afterEach(() => removeDir(dir));

async function doctor(more: Record<string, string> = {}, ...argv: string[]) {
  const end = await runCommand(Doctor, ['--config', config, ...argv, '--json'], { env: { ...env, ...more } });
  const { checks } = end.json<{ checks: Check[] }>();
  expect(end.stdout).not.toContain('token-of-ada');
  return { exitCode: end.exitCode, of: (id: string) => checks.find((check) => check.id === id) };
}

async function makeDataDir(): Promise<void> {
  const data = join(dir, 'data');
  await mkdir(join(data, 'keys'), { recursive: true, mode: 0o700 });
  await writeFile(join(data, 'roc.db'), 'SQLite format 3\0and more');
  for (const name of ['master.key', 'signing.json'])
    await writeFile(join(data, 'keys', name), 'x', { mode: 0o600 });
}

async function serverThatSays(status: number, body: string, date = new Date().toUTCString()) {
  const server = createServer((_, response) => {
    response.sendDate = false;
    response.writeHead(status, { 'content-type': 'application/json', date }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => server.close() };
}

describe('roc doctor', () => {
  it('finds nothing wrong on a host that has nothing yet', async () => {
    const { exitCode, of } = await doctor();
    expect(exitCode).toBe(0);
    expect(of('config')).toMatchObject({ verdict: 'ok', evidence: config });
    expect(of('data-dir')).toMatchObject({ verdict: 'skipped' });
    expect(of('aws-credentials')).toMatchObject({ verdict: 'warn' });
  });

  it('looks at the data folder that the configuration names', async () => {
    await makeDataDir();
    const { exitCode, of } = await doctor();
    expect(exitCode).toBe(0);
    for (const id of ['data-dir', 'database', 'blobs', 'keys']) expect(of(id)?.verdict, id).toBe('ok');
    expect(of('data-dir')?.evidence).toContain('held by no server');
    await writeFile(join(dir, 'data', 'server.pid'), `${process.pid}\n`);
    expect((await doctor()).of('data-dir')?.evidence).toContain(`held by process ${process.pid}`);
  });

  it('ends with 3 where a key is open to others, and says the command that closes it', async () => {
    await makeDataDir();
    const key = join(dir, 'data', 'keys', 'master.key');
    await chmod(key, 0o644);
    const { exitCode, of } = await doctor();
    expect(exitCode).toBe(3);
    expect(of('keys')).toMatchObject({ verdict: 'fail', fix: `chmod 600 ${key}` });
    const forPeople = await runCommand(Doctor, ['--config', config], { env });
    expect(forPeople.exitCode).toBe(3);
    expect(forPeople.stdout).toContain(`\nkeys: chmod 600 ${key}\n`);
  });

  it('sees a database that is none', async () => {
    await makeDataDir();
    await writeFile(join(dir, 'data', 'roc.db'), 'hello');
    expect((await doctor()).of('database')).toMatchObject({ verdict: 'fail' });
  });

  it('tries the address of a database elsewhere', async () => {
    await makeDataDir();
    await writeFile(
      config,
      `server:\n  dataDir: ${join(dir, 'data')}\n  database: mysql://roc@127.0.0.1:1/roc\n`,
    );
    expect((await doctor()).of('database')).toMatchObject({
      verdict: 'fail',
      evidence: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it.each([
    ['server:\n  lisen: x\n', 'server.lisen: unknown key'],
    ['servers: {}\n', 'servers: unknown section'],
    ['server: [\n', 'roc.yaml'],
  ])('names what is wrong in %j', async (text, expected) => {
    await writeFile(config, text);
    const { exitCode, of } = await doctor();
    expect(exitCode).toBe(3);
    expect(of('config')).toMatchObject({ verdict: 'fail' });
    expect(of('config')?.evidence).toContain(expected);
  });

  it('reads environment variables as the commands do', async () => {
    expect((await doctor({ ROC_SERVER__LISEN: 'x' })).of('config')).toMatchObject({ verdict: 'fail' });
  });

  it('asks the server how it is and what time it has', async () => {
    const ready = JSON.stringify({ verdict: 'ready', checks: { database: { verdict: 'pass' } } });
    const server = await serverThatSays(200, ready, new Date(Date.now() - 10 * 60_000).toUTCString());
    const { of } = await doctor({ ROC_URL: server.url });
    expect(of('server')).toMatchObject({ verdict: 'ok', evidence: `${server.url} is ready` });
    expect(of('clock')).toMatchObject({ verdict: 'fail' });
    expect(of('clock')?.evidence).toMatch(/^(9m 59s|10m|10m 1s) ahead of the server's$/);
    expect(of('database')).toMatchObject({ verdict: 'ok' });
    server.close();
  });

  it.each([
    [
      503,
      JSON.stringify({ checks: { blobs: { verdict: 'fail', message: 'no space left' } } }),
      'blobs: no space left',
    ],
    [200, '<h1>It works</h1>', 'answers 200, but not as roc does'],
  ])('sees a server that answers %i %s', async (status, body, expected) => {
    const server = await serverThatSays(status, body);
    const { exitCode, of } = await doctor({ ROC_URL: server.url });
    expect(exitCode).toBe(3);
    expect(of('server')?.evidence).toContain(expected);
    server.close();
  });

  it('sees that nobody listens', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    expect((await doctor({ ROC_URL: url })).of('server')?.evidence).toContain('ECONNREFUSED');
  });

  it('looks at the session without showing it', async () => {
    const file = sessionPath(env);
    await writeSession(file, { ...sampleSession(), url: 'http://127.0.0.1:1' });
    expect((await doctor()).of('session')).toMatchObject({
      verdict: 'ok',
      evidence: 'ada@example.com at http://127.0.0.1:1',
    });
    await chmod(file, 0o644);
    expect((await doctor()).of('session')).toMatchObject({ verdict: 'fail', fix: `chmod 600 ${file}` });
    await writeFile(file, '{');
    expect((await doctor()).of('session')).toMatchObject({ verdict: 'fail' });
  });

  it.each<[Record<string, string>, string]>([
    [{ AWS_ACCESS_KEY_ID: 'AKIA' }, 'AWS_ACCESS_KEY_ID'],
    [{ AWS_PROFILE: 'ops' }, 'profile ops'],
    [{ AWS_WEB_IDENTITY_TOKEN_FILE: '/x' }, 'web identity'],
    [{ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/x' }, 'the role of this container'],
  ])('finds the credentials of %j', async (more, expected) => {
    expect((await doctor(more)).of('aws-credentials')).toMatchObject({ verdict: 'ok' });
    expect((await doctor(more)).of('aws-credentials')?.evidence).toContain(expected);
  });

  it('finds a credentials file, and takes --region and --profile', async () => {
    await mkdir(join(dir, '.aws'));
    await writeFile(join(dir, '.aws', 'credentials'), '');
    expect((await doctor()).of('aws-credentials')?.evidence).toContain(join(dir, '.aws', 'credentials'));
    const { of } = await doctor({}, '--region', 'eu-west-1', '--profile', 'ops');
    expect(of('aws-region')).toMatchObject({ verdict: 'ok', evidence: 'eu-west-1' });
    expect(of('aws-credentials')?.evidence).toContain('profile ops');
  });
});
