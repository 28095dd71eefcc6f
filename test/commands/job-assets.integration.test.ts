/** Assets on their whole way, with the built server and a runner that is a program of its own. */
import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectPath } from '../helpers/project.js';
import { type RunningRoc, startRunningRoc } from '../helpers/running-roc.js';

const [DEV_KEY, PROD_KEY] = ['dev-key-5f2c9a71', 'prod-key-93be04d8'];

interface Finished {
  readonly id: string;
  readonly state: string;
  readonly output: { readonly statement: object; readonly signature: string } | null;
  readonly error: { readonly kind: string; readonly message: string } | null;
}

let server: RunningRoc;
beforeAll(async () => {
  server = await startRunningRoc();
  await ok('robots', 'publish', projectPath('examples', 'signed-statement'));
  for (const environment of ['dev', 'prod'])
    await ok('deploy', 'signed-statement@1.0.0', '--to', environment);
  await ok('assets', 'set', 'company', 'Maderas del Sur');
});
afterAll(() => server.stop());

async function ok(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await server.roc(args);
  expect(exitCode, `${args.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}

async function setKey(environment: string, input: string): Promise<void> {
  const args = ['assets', 'set', 'statement-key', '--secret', '--in', environment];
  const { exitCode, stderr } = await server.roc(args, { input });
  expect(exitCode, stderr).toBe(0);
}

const grant = (environment: string) =>
  ok('assets', 'grant', 'statement-key', '--process', 'signed-statement', '--in', environment);

async function run(environment: string, input: object = {}): Promise<Finished> {
  const flags = ['--in', environment, '--input', JSON.stringify(input), '--wait', '--json'];
  return (await server.roc(['jobs', 'start', 'signed-statement', ...flags])).json<Finished>();
}

/** Whether a text is in any file below a folder. */
function isOnDisk(dir: string, text: string): boolean {
  return readdirSync(dir).some((name) => {
    const path = join(dir, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return isOnDisk(path, text);
    return stat?.isFile() === true && readFileSync(path).includes(text);
  });
}

describe('a robot that needs a secret', () => {
  it('fails before it starts where there is none, and says which', async () => {
    const { state, error } = await run('dev');
    expect(state).toBe('failed');
    expect(error).toMatchObject({ kind: 'assets' });
    expect(error?.message).toBe('the asset default/statement-key does not exist for dev');
  });

  it('fails before it starts where it was not given to its process, and says how to', async () => {
    await setKey('dev', DEV_KEY);
    const { error } = await run('dev');
    expect(error?.kind).toBe('assets');
    expect(error?.message).toContain('roc assets grant statement-key --process signed-statement --in dev');
  });

  it('gets that of its own environment, and of no other', async () => {
    await setKey('prod', PROD_KEY);
    await grant('dev');
    expect((await run('prod')).error?.kind).toBe('assets');
    await grant('prod');
    for (const [environment, key] of [['dev', DEV_KEY] as const, ['prod', PROD_KEY] as const]) {
      const { state, output } = await run(environment);
      expect(state).toBe('succeeded');
      const statement = JSON.stringify(output?.statement);
      expect(statement).toContain('Maderas del Sur');
      expect(output?.signature).toBe(createHmac('sha256', key).update(statement).digest('hex'));
    }
  });

  it('cannot have it in the log, and leaves it on no disk', async () => {
    const { id, state } = await run('prod', { careless: true });
    expect(state).toBe('succeeded');
    const log = await ok('jobs', 'logs', id);
    expect(log).toContain('signed with ***');
    expect(log).not.toContain(PROD_KEY);
    for (const key of [DEV_KEY, PROD_KEY]) expect(isOnDisk(server.dir, key)).toBe(false);
  });

  it('left an event for each delivery: who, what, for which job, and no value', async () => {
    const listed = await ok('audit', 'list', '--action', 'asset.deliver', '--json');
    const { items } = JSON.parse(listed) as { items: { after: Record<string, unknown> }[] };
    expect(items.map(({ after }) => after['environment'])).toEqual(['prod', 'prod', 'dev']);
    expect(items[0]).toMatchObject({
      actor: { kind: 'runner', name: 'one' },
      target: { kind: 'asset', name: 'statement-key' },
      after: { process: 'default/signed-statement', robot: 'signed-statement', version: '1.0.0' },
    });
    expect(listed).not.toMatch(/dev-key|prod-key/);
    expect(await ok('audit', 'verify')).toMatch(/verdict +pass/);
  });

  it('gets it no longer once it was taken back', async () => {
    await ok('assets', 'revoke', 'statement-key', '--process', 'signed-statement', '--in', 'prod');
    expect((await run('prod')).error?.kind).toBe('assets');
    expect((await run('dev')).state).toBe('succeeded');
  });
});
