/** One robot's whole way, from the shell: every program here is the built roc, as a user runs it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeRobot } from '../helpers/robot-folder.js';
import { type RunningRoc, startRunningRoc } from '../helpers/running-roc.js';
import { until } from '../helpers/until.js';

const MAIN = `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
const input = JSON.parse(readFileSync(process.env.ROC_INPUT, 'utf8')) ?? {};
console.log('version VERSION');
for (let i = 1; i <= (input.steps ?? 2); i++) {
  console.log('step ' + i);
  await new Promise((resolve) => setTimeout(resolve, 50));
}
if (input.fail) { console.error('no luck'); process.exit(7); }
writeFileSync(process.env.ROC_OUTPUT, JSON.stringify({ version: 'VERSION', steps: input.steps ?? 2 }));
`;

interface Finished {
  readonly id: string;
  readonly state: string;
  readonly version: string;
  readonly output: unknown;
  readonly error: { readonly message: string; readonly exitCode: number } | null;
}

let server: RunningRoc;
beforeAll(async () => {
  server = await startRunningRoc();
  for (const version of ['1.0.0', '1.1.0']) {
    const published = await server.roc(['robots', 'publish', robot(version), '--json']);
    expect(published.json()).toMatchObject({ robot: 'steps', version, created: true });
  }
});
afterAll(() => server.stop());

function robot(version: string, more = ''): string {
  return writeRobot(join(server.dir, `steps-${version}`), {
    'robot.yaml': `name: steps\nversion: ${version}\nentrypoint: [node, main.mjs]\nidempotent: true\ntimeout: 60s\n`,
    'main.mjs': MAIN.replaceAll('VERSION', version) + more,
  });
}

async function run(input: object, ...flags: string[]) {
  const args = ['jobs', 'start', 'steps', '--input', JSON.stringify(input), '--wait', '--json', ...flags];
  const result = await server.roc(args);
  return { ...result, job: result.json<Finished>() };
}

describe('a robot', () => {
  it('is published once: the same again changes nothing, other content is refused', async () => {
    const again = await server.roc(['robots', 'publish', robot('1.0.0')]);
    expect(again).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('already published, unchanged'),
    });
    const changed = await server.roc(['robots', 'publish', robot('1.0.0', '// changed\n')]);
    expect(changed.exitCode).toBe(4);
    robot('1.0.0');
    const { items } = (await server.roc(['robots', 'versions', 'steps', '--json'])).json<{
      items: unknown[];
    }>();
    expect(items).toHaveLength(2);
  });

  it('is deployed, run to its end, and rolled back', async () => {
    for (const version of ['1.0.0', '1.1.0'])
      expect((await server.roc(['deploy', `steps@${version}`, '--to', 'dev'])).exitCode).toBe(0);
    const first = await run({ steps: 1 });
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.job).toMatchObject({
      state: 'succeeded',
      version: '1.1.0',
      output: { version: '1.1.0', steps: 1 },
    });
    const back = await server.roc(['rollback', 'steps', '--in', 'dev', '--reason', 'test']);
    expect(back.stdout).toContain('back from 1.1.0 to 1.0.0');
    expect((await run({ steps: 1 })).job).toMatchObject({ version: '1.0.0', output: { version: '1.0.0' } });
  });

  it('that fails ends with 3, and its log says why', async () => {
    const { exitCode, job } = await run({ steps: 1, fail: true });
    expect(exitCode).toBe(3);
    expect(job).toMatchObject({ state: 'failed', output: null, error: { exitCode: 7 } });
    const log = await server.roc(['jobs', 'logs', job.id]);
    expect(log.stdout).toMatch(/ {3}step 1\n.* ! no luck\n/);
  });

  it('shows its log while a person waits', async () => {
    const { stdout, stderr } = await server.roc(['jobs', 'start', 'steps', '--wait']);
    expect(JSON.parse(stdout)).toEqual({ version: '1.0.0', steps: 2 });
    expect(stderr).toMatch(/step 1\n.*step 2\n.*succeeded in /s);
  });

  it('starts once for one key', async () => {
    const start = () => server.roc(['jobs', 'start', 'steps', '--key', 'only-once', '--json']);
    const [first, second] = [await start(), await start()];
    expect(second.json<Finished>().id).toBe(first.json<Finished>().id);
  });

  it('is refused where it, its version or its input are not known', async () => {
    for (const args of [
      ['jobs', 'start', 'nothing'],
      ['deploy', 'steps@9.9.9'],
      ['robots', 'show', 'steps@9.9.9'],
      ['jobs', 'show', '01JZ0000000000000000000000'],
    ])
      expect((await server.roc([...args, '--json'])).exitCode, args.join(' ')).toBe(2);
  });
});

describe('a running job', () => {
  const long = ['jobs', 'start', 'steps', '--input', '{"steps":1000}'];

  it('goes on when the waiting is interrupted, and ends when it is cancelled', async () => {
    const waiting = server.start([...long, '--wait']);
    await waiting.waitFor(/step 2/);
    const id = /job (\w{26})/.exec(waiting.stderr())?.[1] ?? '';
    expect(await waiting.stop('SIGINT')).toMatchObject({ exitCode: 130 });
    expect(waiting.stderr()).toContain(`stopped waiting; job ${id} goes on`);
    expect((await server.roc(['jobs', 'show', id, '--json'])).json<Finished>().state).toBe('running');
    const following = server.start(['jobs', 'logs', id, '-f', '--json']);
    await following.waitFor(/step 3/);
    expect((await server.roc(['jobs', 'cancel', id])).exitCode).toBe(0);
    expect(await following.ended).toMatchObject({ exitCode: 0 });
    expect((await server.roc(['jobs', 'show', id, '--json'])).json<Finished>().state).toBe('canceled');
    for (const line of following.stdout().trimEnd().split('\n'))
      expect(JSON.parse(line)).toHaveProperty('seq');
  });

  it('is followed until Ctrl-C, which is no error', async () => {
    const { id } = (await server.roc([...long, '--json'])).json<Finished>();
    const following = server.start(['jobs', 'logs', id, '-f']);
    await following.waitFor(/step 2/);
    expect(await following.stop('SIGINT')).toMatchObject({ exitCode: 0 });
    await server.roc(['jobs', 'cancel', id]);
  });

  it('is followed across a restart of the server, each line once', async () => {
    const { id } = (
      await server.roc(['jobs', 'start', 'steps', '--input', '{"steps":80}', '--json'])
    ).json<Finished>();
    const following = server.start(['jobs', 'logs', id, '-f']);
    await following.waitFor(/step 5\n/);
    await server.restart();
    expect(await following.ended).toMatchObject({ exitCode: 0 });
    expect(following.stderr()).toContain('warning: connection lost, trying again');
    const lines = following.stdout().split('\n');
    expect(new Set(lines).size).toBe(lines.length);
    const last = (await server.roc(['jobs', 'show', id, '--json'])).json<Finished>();
    expect(last.state).toBe('succeeded');
  });
});

describe('a session', () => {
  const file = () => join(server.dir, 'home', '.config', 'roc', 'session.json');

  it('outlives its access token, also when many shells notice at once', async () => {
    const before = JSON.parse(readFileSync(file(), 'utf8')) as { refreshToken: string };
    writeFileSync(file(), JSON.stringify({ ...before, expiresAt: '2020-01-01T00:00:00.000Z' }));
    const shells = await Promise.all(Array.from({ length: 6 }, () => server.roc(['whoami', '--json'])));
    for (const { exitCode, stdout } of shells) expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
    const after = JSON.parse(readFileSync(file(), 'utf8')) as { refreshToken: string };
    expect(after.refreshToken).not.toBe(before.refreshToken);
    // Had the old token been sent twice, the server would have ended the session.
    writeFileSync(file(), JSON.stringify({ ...after, expiresAt: '2020-01-01T00:00:00.000Z' }));
    expect((await server.roc(['whoami'])).exitCode).toBe(0);
  });

  it('ends for good when one signs out', async () => {
    const home = join(server.dir, 'home-2');
    mkdirSync(home);
    const login = ['login', '--url', server.url, '--email', 'admin@localhost', '--password-stdin'];
    const input = 'correct horse battery staple\n';
    expect((await server.roc(login, { home, input })).exitCode).toBe(0);
    const kept = join(home, '.config', 'roc', 'session.json');
    const { accessToken } = JSON.parse(readFileSync(kept, 'utf8')) as { accessToken: string };
    expect((await server.roc(['logout'], { home })).exitCode).toBe(0);
    const env = { ROC_URL: server.url, ROC_TOKEN: accessToken };
    await until(
      'the token is refused',
      async () => (await server.roc(['whoami'], { home, env })).exitCode === 5,
    );
    expect((await server.roc(login, { home, input: 'wrong\n' })).exitCode).toBe(5);
  });
});

describe('runners and places', () => {
  it('are listed, and a drained runner takes nothing more', async () => {
    const { items } = (await server.roc(['runners', 'list', '--json'])).json<{ items: { name: string }[] }>();
    expect(items).toHaveLength(1);
    const name = items[0]?.name ?? '';
    expect((await server.roc(['runners', 'drain', name])).stdout).toContain('draining');
    const { id } = (await server.roc(['jobs', 'start', 'steps', '--json'])).json<Finished>();
    const why = (await server.roc(['jobs', 'why', id, '--json'])).json<{
      waiting: boolean;
      reasons: unknown[];
    }>();
    expect(why.waiting).toBe(true);
    expect(why.reasons.length).toBeGreaterThan(0);
    await server.roc(['jobs', 'cancel', id]);
  });

  it('are created and told apart', async () => {
    expect((await server.roc(['projects', 'create', 'payroll'])).exitCode).toBe(0);
    expect((await server.roc(['projects', 'create', 'payroll'])).exitCode).toBe(4);
    const token = await server.roc(['runners', 'token', '--json']);
    expect(Object.keys(token.json<object>())).toEqual(expect.arrayContaining(['token', 'expiresAt']));
  });
});
