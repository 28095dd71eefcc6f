import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from '../../src/protocol/client.js';
import { makeCertificates } from '../helpers/certificates.js';
import { freePort } from '../helpers/free-port.js';
import { HOSTILE_ARCHIVES } from '../helpers/hostile-archives.js';
import { startMariadb } from '../helpers/mariadb.js';
import { describeWith } from '../helpers/parts.js';
import type { Program } from '../helpers/program.js';
import { packedRobot, robotYaml } from '../helpers/robot-package.js';
import { runRoc, startRoc } from '../helpers/roc.js';
import { tempDirs } from '../helpers/temp-dirs.js';
import { startTestRunner } from '../helpers/test-server.js';
import { until } from '../helpers/until.js';

const newDir = tempDirs('serve');
const PASSWORD = 'a password for the test';
const running: Program[] = [];
afterEach(async () => {
  for (const program of running.splice(0)) await program.stop('SIGKILL');
});

interface Server {
  readonly program: Program;
  readonly url: string;
  readonly dataDir: string;
}

async function startServer(args: readonly string[] = [], dataDir = newDir()): Promise<Server> {
  const listen = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
  const all = ['serve', ...listen, '--data-dir', dataDir, '--json', ...args];
  const program = startRoc(all, { env: { ROC_ADMIN_PASSWORD: PASSWORD } });
  running.push(program);
  const [, url = ''] = await program.waitFor(/"event":"listening","url":"([^"]+)"/, 30_000);
  return { program, url, dataDir };
}

async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'admin@localhost', password: PASSWORD }),
  });
  return ((await response.json()) as { accessToken: string }).accessToken;
}

function api(url: string, token: string) {
  return async (
    method: string,
    path: string,
    body?: object | Buffer,
  ): Promise<{ status: number; json: never }> => {
    const isRaw = Buffer.isBuffer(body);
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': isRaw ? 'application/zip' : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: (isRaw ? body : JSON.stringify(body)) as string }),
    });
    const text = await response.text();
    return { status: response.status, json: (text === '' ? null : JSON.parse(text)) as never };
  };
}

/** Every file below a folder but the database, with its size. */
function filesOf(dir: string): string[] {
  return (readdirSync(dir, { recursive: true }) as string[])
    .filter((file) => !/roc\.db|server\.(lock|pid)/.test(file))
    .map((file) => `${file} ${statSync(join(dir, file)).isFile() ? statSync(join(dir, file)).size : ''}`)
    .sort();
}

describe('roc serve', () => {
  it('says where it listens, first and alone on stdout, and ends with 0', async () => {
    const { program, url, dataDir } = await startServer();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(statSync(dataDir).isDirectory()).toBe(true);
    expect(statSync(join(dataDir, 'keys')).mode & 0o777).toBe(0o700);
    const end = await program.stop('SIGTERM');
    expect(end).toEqual({ exitCode: 0, signal: null });
    expect(program.stdout()).toBe(`{"event":"listening","url":"${url}"}\n`);
    for (const line of program.stderr().trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
    expect(program.stderr()).not.toContain(PASSWORD);
  });

  it('tells a person one line, and the password that it made, once', async () => {
    const dataDir = newDir();
    const start = async () => {
      const program = startRoc(['serve', '--listen', '127.0.0.1:0', '--data-dir', dataDir]);
      running.push(program);
      await program.waitFor(/roc listens on http/);
      await program.stop('SIGINT');
      return program;
    };
    const first = await start();
    expect(first.stdout()).toMatch(/^roc listens on http:\/\/127\.0\.0\.1:\d+\n$/);
    expect(first.stderr()).toMatch(/sign in as admin@localhost with password \S{20} \(shown this once\)/);
    expect((await start()).stderr()).not.toMatch(/password/);
  });

  it('refuses a port in use, and leaves the data folder to others', async () => {
    const { url } = await startServer();
    const dataDir = newDir();
    const again = () => runRoc(['serve', '--listen', new URL(url).host, '--data-dir', dataDir, '--json']);
    for (let n = 0; n < 2; n++) {
      const result = await again();
      expect(result.exitCode).toBe(2);
      expect(result.json()).toMatchObject({
        error: { code: 'ROC_PORT_IN_USE', hint: expect.stringContaining('--listen') },
      });
    }
  });

  it('refuses a data folder that cannot be written', async () => {
    const file = join(newDir(), 'file');
    writeFileSync(file, '');
    const result = await runRoc(['serve', '--listen', '127.0.0.1:0', '--data-dir', join(file, 'data')]);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toMatch(/cannot be written \(ENOTDIR\)[\s\S]*--data-dir/);
  });

  it('refuses a data folder that another server has, until that one is gone, however it went', async () => {
    const { program, dataDir } = await startServer();
    const second = await runRoc(['serve', '--listen', '127.0.0.1:0', '--data-dir', dataDir, '--json']);
    expect(second.exitCode).toBe(2);
    expect(second.json()).toMatchObject({ error: { code: 'ROC_DATA_DIR_UNUSABLE' } });
    expect(second.stdout).toContain(`process ${program.pid}`);
    const migrated = await runRoc(['migrate', '--data-dir', dataDir]);
    expect(migrated.exitCode).toBe(2);
    await program.stop('SIGKILL');
    await startServer([], dataDir);
  });

  it.each<[string, string[], RegExp]>([
    ['an address that is none', ['--listen', 'nonsense'], /HOST:PORT/],
    ['an address of another machine', ['--listen', '192.0.2.1:0'], /not an address of this machine/],
    ['a database of another kind', ['--database', 'postgres://x'], /sqlite:PATH/],
    ['blobs of another kind', ['--blobs', 'ftp://x'], /file:PATH/],
    ['a certificate without its key', ['--tls-cert', 'x'], /tls-key/],
    ['a certificate that is not there', ['--tls-cert', 'x', '--tls-key', 'y'], /x cannot be read/],
    ['an unknown flag', ['--bogus'], /bogus/],
  ])('refuses %s', async (_, args, says) => {
    const listen = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
    const result = await runRoc(['serve', ...listen, '--data-dir', newDir(), ...args]);
    expect(result.stderr).toMatch(says);
    expect(result.exitCode).toBe(2);
    expect(result.stdout).toBe('');
  });

  it('refuses keys that others may read', async () => {
    const { program, dataDir } = await startServer();
    await program.stop();
    for (const key of ['signing.json', 'master.key']) {
      chmodSync(join(dataDir, 'keys', key), 0o644);
      const result = await runRoc(['serve', '--listen', '127.0.0.1:0', '--data-dir', dataDir]);
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toContain(key);
      chmodSync(join(dataDir, 'keys', key), 0o600);
    }
  });

  it('warns of what is allowed but not wise', async () => {
    const { program } = await startServer(['--listen', `0.0.0.0:${await freePort()}`]);
    expect(program.stderr()).toMatch(/listening without TLS/);
    expect(program.stderr()).toMatch(/share a disk/);
  });

  it('ends at a signal: polls answered, streams ended, requests in flight finished', async () => {
    const { program, url, dataDir } = await startServer();
    const token = await signIn(url);
    const call = api(url, token);
    const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0', 'platforms: [windows]\n') });
    await call('PUT', '/robots/totals/versions/1.0.0/content', bytes);
    await call('POST', '/deployments', { robot: 'totals', version: '1.0.0' });
    const job = (await call('POST', '/jobs', { process: 'totals' })).json as { id: string };
    const stream = await fetch(`${url}/api/v1/jobs/${job.id}/events`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const told = stream.text();
    const runner = await startTestRunner({
      ok: (id, { token: by = null, ...request } = {}) =>
        createClient({ url, token: async () => by, userAgent: 'test' }).call(id, request as never),
      tokenOf: async () => token,
    });
    const held = api(url, runner.token)('POST', '/runner/poll', {
      ...{ sessionEpoch: runner.sessionEpoch, freeSlots: 1, waitMs: 25_000 },
    });
    // An upload whose second half comes only after the signal.
    const second = (await packedRobot({ 'robot.yaml': robotYaml('2.0.0') })).bytes;
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.write(
      `PUT /api/v1/robots/totals/versions/2.0.0/content HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/zip\r\nContent-Length: ${second.length}\r\n\r\n`,
    );
    socket.write(second.subarray(0, 100));
    await until('the upload to begin', () => filesOf(dataDir).some((file) => file.startsWith('incoming/')));
    const from = performance.now();
    program.child.kill('SIGTERM');
    expect(await told).toContain('event: state');
    expect(await held).toEqual({ status: 200, json: { jobs: [], drain: false } });
    socket.write(second.subarray(100));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(answer).toMatch(/^HTTP\/1\.1 201 /);
    expect(await program.ended).toEqual({ exitCode: 0, signal: null });
    expect(performance.now() - from).toBeLessThan(5000);
  });

  it('leaves with 130 at a second signal', async () => {
    const { program, url } = await startServer();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    const token = await signIn(url);
    socket.write(
      `PUT /api/v1/robots/totals/versions/2.0.0/content HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/zip\r\nContent-Length: 1000\r\n\r\nPK`,
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    program.child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(program.child.exitCode).toBeNull();
    program.child.kill('SIGINT');
    expect(await program.ended).toEqual({ exitCode: 130, signal: null });
  });

  it('takes none of the hostile packages, and keeps nothing of them', async () => {
    const { url, dataDir } = await startServer();
    const call = api(url, await signIn(url));
    const before = filesOf(dataDir);
    for (const { name, make } of HOSTILE_ARCHIVES) {
      const { status, json } = await call('PUT', '/robots/totals/versions/1.0.0/content', make());
      expect(status, name).toBe(422);
      expect(json, name).toMatchObject({ code: 'ROC_PACKAGE_INVALID' });
    }
    expect(filesOf(dataDir)).toEqual(before);
    expect(((await call('GET', '/robots')).json as { items: [] }).items).toEqual([]);
  });

  it('keeps nothing of a robot that can be read on its disk', async () => {
    const { program, url, dataDir } = await startServer();
    const call = api(url, await signIn(url));
    const secret = 'the-secret-formula-of-this-robot';
    const files = { 'robot.yaml': robotYaml('1.0.0'), 'main.js': `// ${secret}\n`.repeat(50) };
    const { bytes } = await packedRobot(files);
    expect((await call('PUT', '/robots/totals/versions/1.0.0/content', bytes)).status).toBe(201);
    await program.stop();
    const all = (readdirSync(dataDir, { recursive: true }) as string[]).filter((file) =>
      statSync(join(dataDir, file)).isFile(),
    );
    expect(all.some((file) => file.startsWith('blobs/'))).toBe(true);
    for (const file of all) {
      const content = readFileSync(join(dataDir, file));
      expect(content.includes(secret), file).toBe(false);
      expect(content.includes('main.js') && !file.startsWith('roc.db'), file).toBe(false);
      expect(content.includes(PASSWORD), file).toBe(false);
    }
  });
});

describe('roc serve --with-runner', () => {
  const startWithRunner = async () => {
    const server = await startServer(['--with-runner']);
    const call = api(server.url, await signIn(server.url));
    const runners = async () =>
      ((await call('GET', '/runners')).json as { items: { name: string; state: string }[] }).items;
    await until('the runner to be online', async () => (await runners())[0]?.state === 'online', {
      timeoutMs: 30_000,
    });
    return { ...server, call, runners };
  };
  /** Process ids of the runner that this server started. */
  const runnerPids = (dataDir: string) =>
    readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .filter((pid) => {
        try {
          const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
          return line.includes('runner\0start') && line.includes(dataDir);
        } catch {
          return false;
        }
      })
      .map(Number);

  it('runs a job, starts a runner that died again, and takes it along when it ends', async () => {
    const { program, call, dataDir, runners } = await startWithRunner();
    const main = "require('fs').writeFileSync(process.env.ROC_OUTPUT, JSON.stringify({ ok: true }))\n";
    const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0'), 'main.js': main });
    await call('PUT', '/robots/totals/versions/1.0.0/content', bytes);
    await call('POST', '/deployments', { robot: 'totals', version: '1.0.0' });
    const runJob = async () => {
      const job = (await call('POST', '/jobs', { process: 'totals' })).json as { id: string };
      const show = async () =>
        (await call('GET', `/jobs/${job.id}`)).json as { state: string; output: unknown };
      await until('the job to end', async () => (await show()).state === 'succeeded', { timeoutMs: 30_000 });
      expect((await show()).output).toEqual({ ok: true });
    };
    await runJob();
    const [first = 0, ...others] = runnerPids(dataDir);
    expect(others).toEqual([]);
    process.kill(first, 'SIGKILL');
    await until('another runner', () => runnerPids(dataDir).some((pid) => pid !== first), {
      timeoutMs: 30_000,
    });
    await runJob();
    expect(await runners()).toHaveLength(1);
    expect(await program.stop('SIGTERM', 30_000)).toEqual({ exitCode: 0, signal: null });
    expect(runnerPids(dataDir)).toEqual([]);
  });

  it('hands it neither password nor database, and it goes when the server is killed', async () => {
    const { program, dataDir } = await startWithRunner();
    const [pid = 0] = runnerPids(dataDir);
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    expect(environment).not.toContain(PASSWORD);
    expect(environment).not.toContain('ROC_ADMIN');
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain('rocreg_');
    await program.stop('SIGKILL');
    await until('the runner to go', () => runnerPids(dataDir).length === 0, { timeoutMs: 30_000 });
  });
});

describeWith('openssl', 'roc serve with TLS', () => {
  const handshake = (url: string, ca: string, maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
    new Promise<string>((resolve) => {
      const options = {
        ...{ host: '127.0.0.1', port: Number(new URL(url).port), ca, maxVersion },
        ...{ minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0' },
      };
      const socket = tlsConnect(options, () => {
        resolve(socket.getProtocol() ?? '');
        socket.destroy();
      });
      socket.on('error', () => resolve('refused'));
    });

  it('speaks TLS 1.2 and newer, says so to browsers, and warns of nothing', async () => {
    const { caFile, certFile, keyFile } = makeCertificates(newDir());
    const { url, program } = await startServer([
      '--tls-cert',
      certFile,
      '--tls-key',
      keyFile,
      '--listen',
      '0.0.0.0:0',
    ]);
    const ca = readFileSync(caFile, 'utf8');
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:/);
    expect(await handshake(url, ca, 'TLSv1.3')).toBe('TLSv1.3');
    expect(await handshake(url, ca, 'TLSv1.2')).toBe('TLSv1.2');
    expect(await handshake(url, ca, 'TLSv1.1')).toBe('refused');
    const headers = await new Promise<NodeJS.Dict<string | string[]>>((resolve, reject) => {
      httpsRequest(`${url}/healthz`, { ca }, (response) => resolve(response.resume().headers))
        .on('error', reject)
        .end();
    });
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
    expect(program.stderr()).not.toMatch(/without TLS/);
  });
});

describeWith('mysql', 'roc serve on MariaDB', () => {
  it('migrates, runs as two nodes on one database and one set of keys, and never prints the password', async () => {
    const mariadb = await startMariadb();
    try {
      const database = await mariadb.createDatabase();
      const migrated = await runRoc(['migrate', '--database', database, '--data-dir', newDir(), '--json']);
      expect(migrated.json<{ items: object[] }>().items.length).toBeGreaterThan(0);
      const shared = newDir();
      const places = ['--kms', `local:${shared}/master.key`, '--signing-keys', `file:${shared}/signing.json`];
      const args = ['--database', database, '--blobs', `file:${shared}`, ...places];
      const [one, two] = [await startServer(args), await startServer(args)];
      const token = await signIn(one.url);
      expect((await api(two.url, token)('GET', '/me')).status).toBe(200);
      const refused = await runRoc(['migrate', '--database', database.replace(/:\d+\//, ':1/'), '--json']);
      expect(refused.exitCode).toBe(5);
      expect(refused.json()).toMatchObject({ error: { code: 'ROC_UNAVAILABLE' } });
      const password = new URL(database).password;
      const printed = [one.program, two.program].map(({ stdout, stderr }) => stdout() + stderr());
      for (const text of [...printed, refused.stdout, refused.stderr]) expect(text).not.toContain(password);
    } finally {
      for (const program of running.splice(0)) await program.stop();
      await mariadb.stop();
    }
  });
});

describe('roc migrate', () => {
  it('brings a new database up to date, and finds nothing to do then', async () => {
    const dataDir = newDir();
    const first = await runRoc(['migrate', '--data-dir', dataDir, '--json']);
    expect(first.json<{ items: { version: number }[] }>().items.map(({ version }) => version)).toContain(1);
    const second = await runRoc(['migrate', '--data-dir', dataDir, '--json']);
    expect(second.json()).toEqual({ items: [] });
    expect(second.exitCode).toBe(0);
    expect((await runRoc(['migrate', '--data-dir', dataDir])).stdout).toBe('the schema is up to date\n');
  });
});
