/** `npm start` as the README says it, in a folder of its own. */
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../helpers/free-port.js';
import { type Program, startProgram } from '../helpers/program.js';
import { projectPath } from '../helpers/project.js';
import { cleanEnv } from '../helpers/roc.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { until } from '../helpers/until.js';

let dir: string;
beforeEach(() => {
  dir = makeTempDir('start');
});
afterEach(() => removeDir(dir));

const file = (...parts: string[]) => join(dir, '.roc', ...parts);

function start(port: number, args: readonly string[] = [], env: Record<string, string> = {}): Program {
  return startProgram(process.execPath, [projectPath('scripts/start.mjs'), ...args], {
    cwd: dir,
    env: { ...cleanEnv(dir), ROC_PORT: String(port), ...env },
  });
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** As Linux tells it; other systems tell nothing. */
function childrenOf(pid: number): number[] {
  const list = `/proc/${pid}/task/${pid}/children`;
  return existsSync(list) ? readFileSync(list, 'utf8').trim().split(' ').map(Number) : [];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('npm start', () => {
  it('shows a job that succeeds, and does so again on the data that it left', async () => {
    const port = await freePort();
    const first = start(port, ['--exit']);
    expect(await first.ended, first.stderr()).toMatchObject({ exitCode: 0 });
    expect(first.stdout()).toContain('$ roc robots publish ');
    expect(first.stdout()).toContain('output: {"months":');
    expect(first.stderr()).toMatch(/job \w{26} succeeded in /);
    expect(first.stderr()).toContain('invoices are good');
    expect(await isFree(port)).toBe(true);

    const password = readFileSync(file('keys', 'admin-password'), 'utf8').trim();
    expect(password.length).toBeGreaterThanOrEqual(20);
    expect(statSync(file('keys', 'admin-password')).mode & 0o777).toBe(0o600);
    expect(`${first.stdout()}${first.stderr()}${readFileSync(file('serve.log'), 'utf8')}`).not.toContain(
      password,
    );

    const again = start(port, [], { ROC_START_EXIT: '1' });
    expect(await again.ended, again.stderr()).toMatchObject({ exitCode: 0 });
    expect(again.stdout()).toContain('already published, unchanged');
    expect(again.stdout()).toContain('is deployed to dev already');
    expect(again.stderr()).toMatch(/job \w{26} succeeded in /);
  });

  it('goes on until Ctrl-C, which ends every process of it', async () => {
    const port = await freePort();
    const program = start(port);
    await program.waitFor(/Ctrl-C stops all of it/, 60_000);
    const serve = Number(readFileSync(file('server.pid'), 'utf8'));
    expect(await isFree(port)).toBe(false);
    // The terminal sends it to everybody and npm passes it on: twice the same.
    program.child.kill('SIGINT');
    program.child.kill('SIGINT');
    expect(await program.ended).toMatchObject({ exitCode: 0 });
    expect(program.stdout()).toMatch(/stopped\n$/);
    expect(await isFree(port)).toBe(true);
    expect(() => process.kill(serve, 0)).toThrow('ESRCH');
  });

  it('leaves nothing running where it is killed', async () => {
    const port = await freePort();
    const program = start(port);
    await program.waitFor(/job \w{26} running/, 60_000);
    const children = childrenOf(program.pid);
    expect(children.length).toBe(process.platform === 'linux' ? 2 : 0);
    program.child.kill('SIGKILL');
    await program.ended;
    const isGone = () => children.every((pid) => !isAlive(pid));
    await until('all have ended', async () => isGone() && (await isFree(port)), { timeoutMs: 40_000 });
  });

  it('does not start the robot whose program is not here, and says why', async () => {
    const bin = join(dir, 'bin');
    mkdirSync(bin);
    symlinkSync(process.execPath, join(bin, 'node'));
    const program = start(await freePort(), ['--exit'], { PATH: bin });
    expect(await program.ended, program.stderr()).toMatchObject({ exitCode: 0 });
    expect(program.stdout()).toContain('deployed default/bank-reconciliation@1.0.0 to dev');
    expect(program.stdout()).toContain(
      'bank-reconciliation is deployed, not started: python3 was not found on this host',
    );
    expect(program.stdout()).not.toContain('$ roc jobs start bank-reconciliation');
  });

  it('says what to do where the port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    const program = start(port, ['--exit']);
    expect(await program.ended).toMatchObject({ exitCode: 2 });
    expect(program.stderr()).toContain('ROC_PORT=7171 npm start');
    server.close();
  });

  it('does not guess the password of a server that another start made', async () => {
    mkdirSync(file(), { recursive: true });
    writeFileSync(file('roc.db'), '');
    const program = start(await freePort(), ['--exit']);
    expect(await program.ended).toMatchObject({ exitCode: 2 });
    expect(program.stderr()).toContain('set ROC_ADMIN_PASSWORD to it');
  });
});
