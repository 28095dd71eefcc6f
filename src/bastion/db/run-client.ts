/** Runs the mariadb or mysql client on a local port, with the password in a file of its own that is removed at the end. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RocError } from '../../kernel/errors.js';
import { type ClientFlavour, type LocalPort, optionFile } from './client-options.js';
import type { SignIn } from './sign-in.js';

export interface RunClientOptions {
  readonly signIn: SignIn;
  readonly local: LocalPort;
  readonly caFile?: string | undefined;
}

/** Resolves with the client's exit code. */
export async function runClient({ signIn, local, caFile }: RunClientOptions): Promise<number> {
  const client = await findClient();
  // Ctrl-C is for the client: it ends a query there, and must not take the tunnel away.
  const ignore = () => {};
  const dir = await mkdtemp(join(tmpdir(), 'roc-db-'));
  const file = join(dir, 'client.cnf');
  try {
    await writeFile(file, optionFile(signIn, local, client.flavour, caFile), { mode: 0o600 });
    const database = signIn.database === null ? [] : [signIn.database];
    process.on('SIGINT', ignore);
    const child = spawn(client.program, [`--defaults-extra-file=${file}`, ...database], {
      stdio: 'inherit',
    });
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
    });
  } finally {
    process.off('SIGINT', ignore);
    await rm(dir, { recursive: true, force: true });
  }
}

async function findClient(): Promise<{ program: string; flavour: ClientFlavour }> {
  for (const program of ['mariadb', 'mysql']) {
    try {
      const { stdout } = await promisify(execFile)(program, ['--version']);
      return { program, flavour: /mariadb/i.test(stdout) ? 'mariadb' : 'mysql' };
    } catch {
      // The next one, or the error below.
    }
  }
  throw new RocError('ROC_NOT_FOUND', 'neither mariadb nor mysql is on the PATH', {
    hint: 'Install a client, or leave --client out and use the DSN.',
  });
}
