import { writeFileSync } from 'node:fs';
import { createServer, connect as dial } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../helpers/parts.js';
import { runRoc, startRoc } from '../helpers/roc.js';
import { type SpawnedGateway, spawnGateway } from '../helpers/ssm-gateway/spawn-gateway.js';
import { upload } from '../helpers/ssm-gateway/transfers.js';
import { patternSha256 } from '../helpers/ssm-gateway/workload.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

const TARGET = 'i-0123456789abcdef0';

describeWith(['python3', 'botocore'], 'the session commands', () => {
  let gateway: SpawnedGateway;
  let dir: string;
  beforeAll(async () => {
    gateway = await spawnGateway();
    dir = makeTempDir('bastion');
  });
  afterAll(async () => {
    // Requests that AWS would not know, and everything the agents complained of.
    expect((await gateway.command('stats')).complaints).toEqual([]);
    await gateway.stop();
    removeDir(dir);
  });
  const roc = (...args: string[]) => runRoc(['bastion', ...args], { env: gateway.env });

  it('list: those that answer first', async () => {
    const { targets, items } = (await roc('list', '--json')).json<{
      targets: Record<string, unknown>[];
      items: unknown[];
    }>();
    expect(items).toEqual(targets);
    expect(targets.map(({ name }) => name)).toEqual(['api', 'bastion', 'desk', 'old']);
    expect(targets[0]).toMatchObject({
      instanceId: 'i-0123456789abcdef1',
      name: 'api',
      platform: 'Amazon Linux 2',
      agentVersion: '3.3.987.0',
      ping: 'Online',
      az: 'us-east-1a',
    });
    expect((await roc('list')).stdout).toMatch(/^INSTANCE +NAME +STATE +SESSIONS/);
  });

  it.each([
    'api',
    '10.0.1.11',
    'ip-10-0-1-11.ec2.internal',
    'i-0123456789abcdef1',
    'Name=ap*',
    'tag:Name=api,Env=prod',
  ])('list %s: one target, however it is named', async (expression) => {
    const { items } = (await roc('list', expression, '--json')).json<{ items: { name: string }[] }>();
    expect(items.map(({ name }) => name)).toEqual(['api']);
  });

  it('exec: output, standard error and exit code of the remote command', async () => {
    const result = await roc('exec', TARGET, '--', 'printf out; printf err >&2; exit 42');
    expect(result).toMatchObject({ exitCode: 42, stdout: expect.stringMatching(/^out(err)?$/) });
    expect((await roc('exec', TARGET, '--', 'printf', '%s|', 'a b', '$HOME', "it's")).stdout).toBe(
      "a b|$HOME|it's|",
    );
    expect((await roc('exec', TARGET, '--', 'head -c 300000 /dev/zero | tr "\\0" x')).stdout).toHaveLength(
      300_000,
    );
  });

  it('exec on a tag: every instance, its lines named, 3 when one fails', async () => {
    const good = await roc('exec', 'Env=prod', '--', 'echo hello');
    expect(good.exitCode).toBe(0);
    expect(good.stdout.trim().split('\n').sort()).toEqual(['api: hello', 'bastion: hello']);
    const bad = await roc('exec', 'Env=prod', '--json', '--', 'exit 7');
    expect(bad.exitCode).toBe(3);
    expect(bad.json<{ items: unknown[] }>().items).toMatchObject([{ exitCode: 7 }, { exitCode: 7 }]);
  });

  it('forward: several ports at once until it is told to end', async () => {
    const destination = `127.0.0.1:${gateway.workloadPort}`;
    const program = startRoc(
      ['bastion', 'forward', TARGET, '--to', destination, '--to', destination, '--json'],
      { env: gateway.env },
    );
    await program.waitFor(/\}\s*\{.*\}\s/s);
    const ports = program
      .stdout()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { localPort: number; event: string });
    expect(ports).toHaveLength(2);
    for (const { localPort } of ports) {
      const socket = dial(localPort, '127.0.0.1');
      expect(await upload(socket, 1_000_000)).toBe(patternSha256(1_000_000));
    }
    expect(await program.stop('SIGINT')).toEqual({ exitCode: 0, signal: null });
  });

  it('socks: names and addresses through the instance', async () => {
    const program = startRoc(['bastion', 'socks', TARGET, '--local', '0', '--json'], { env: gateway.env });
    const { port } = JSON.parse((await program.waitFor(/\{.*\}/))[0]) as { port: number };
    for (const host of ['localhost', '127.0.0.1']) {
      const socket = dial(port, '127.0.0.1');
      const name = Buffer.from(host);
      const address = host === 'localhost' ? [3, name.length, ...name] : [1, 127, 0, 0, 1];
      socket.write(Buffer.from([5, 1, 0]));
      socket.write(Buffer.from([5, 1, 0, ...address, gateway.workloadPort >> 8, gateway.workloadPort & 255]));
      const head = await readExactly(socket, 12);
      expect([...head]).toEqual([5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
      expect(await upload(socket, 200_000)).toBe(patternSha256(200_000));
    }
    await program.stop('SIGINT');
  });

  it('ssh-proxy: bytes in, bytes out, unchanged', async () => {
    const data = Buffer.concat([Buffer.from('echo\n'), Buffer.from([0, 10, 13, 10, 255, 10])]);
    const program = startRoc(['bastion', 'ssh-proxy', TARGET, String(gateway.workloadPort)], {
      env: gateway.env,
      input: 'open',
    });
    program.child.stdin?.write(data);
    const chunks: Buffer[] = [];
    program.child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    await program.waitFor(/\n/);
    await new Promise((resolve) => setTimeout(resolve, 200));
    program.child.stdin?.end();
    expect(await program.ended).toEqual({ exitCode: 0, signal: null });
    expect(Buffer.concat(chunks)).toEqual(data.subarray(5));
  });

  it('takes the target from the stack, and from roc.yaml before it', async () => {
    const outputs = makeTempDir('stack');
    writeFileSync(join(outputs, 'roc.yaml'), 'bastion: {}\n');
    await import('node:fs').then(({ mkdirSync }) => mkdirSync(join(outputs, '.roc')));
    writeFileSync(
      join(outputs, '.roc/stack-outputs.json'),
      JSON.stringify({ bastionInstanceId: 'i-0123456789abcdef9', region: 'us-east-1' }),
    );
    const env = { ...gateway.env, AWS_REGION: undefined };
    const doctor = await runRoc(['bastion', 'doctor', '--json'], { env, cwd: outputs });
    expect(doctor.json()).toMatchObject({ target: 'i-0123456789abcdef9' });
    writeFileSync(join(outputs, 'roc.yaml'), 'bastion:\n  target: i-0123456789abcdef8\n');
    const configured = await runRoc(['bastion', 'doctor', '--json'], { env, cwd: outputs });
    expect(configured.json()).toMatchObject({ target: 'i-0123456789abcdef8' });
    removeDir(outputs);
  });

  it.each<[string, string[], number, RegExp]>([
    ['no terminal', ['connect', TARGET], 2, /needs a terminal[\s\S]*bastion exec/],
    ['nobody to choose', ['doctor'], 4, /Which instance\?[\s\S]*Name the TARGET/],
    ['no such instance', ['doctor', 'nosuch'], 2, /no instance matches "nosuch"/],
    ['two instances', ['ssh-proxy', 'Env=prod'], 2, /matches 2 instances: i-\w+ \(\w+\), i-/],
    ['no command', ['exec', TARGET], 2, /no command is named[\s\S]*after --/],
    ['a bad destination', ['forward', TARGET, '--to', 'db:x'], 2, /"db:x" is no destination/],
    [
      'too many local ports',
      ['forward', TARGET, '--to', 'a:1', '--local', '1', '--local', '2'],
      2,
      /2 local ports for 1/,
    ],
    ['no database', ['db', TARGET], 2, /no database is named/],
  ])('%s: a clear error', async (_, args, exitCode, message) => {
    const result = await roc(...args);
    expect(result.stderr).toMatch(message);
    expect(result.exitCode).toBe(exitCode);
    expect(result.stderr).not.toMatch(/ at .*\.js/);
  });

  it('a port in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const result = await roc('forward', TARGET, '--to', '80', '--local', String(port));
    expect(result.stderr).toMatch(new RegExp(`port ${port} on 127.0.0.1 is in use[\\s\\S]*--local`));
    expect(result.exitCode).toBe(2);
    server.close();
  });

  it('no credentials', async () => {
    const env = { ...gateway.env, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    const result = await runRoc(['bastion', 'exec', TARGET, '--', 'true'], { env });
    expect(result.stderr).toMatch(/no valid AWS credentials/);
    expect(result.exitCode).toBe(5);
  });

  it('an endpoint that does not answer', async () => {
    const result = await runRoc(['bastion', 'exec', TARGET, '--', 'true'], {
      env: { ...gateway.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
    });
    expect(result.stderr).toMatch(/ssm:StartSession: the endpoint did not answer/);
    expect(result.exitCode).toBe(5);
  });
});

function readExactly(socket: import('node:net').Socket, length: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const onReadable = () => {
      const bytes = socket.read(length) as Buffer | null;
      if (bytes === null) return;
      socket.off('readable', onReadable);
      resolve(bytes);
    };
    socket.on('readable', onReadable);
  });
}
