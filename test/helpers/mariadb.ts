/** A MariaDB server of one test's own: temporary data folder, free port, nothing of the host's configuration. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { makeCertificates } from './certificates.js';
import { freePort } from './free-port.js';
import { type Program, startProgram } from './program.js';
import { findProgram } from './programs.js';
import { makeTempDir, removeDir } from './temp-dir.js';

export interface Mariadb {
  /** `mysql://user:password@host:port/DATABASE` */
  url(database: string): string;
  /** The authority that signed its certificate, where it was started with `tls`. */
  readonly caFile: string | null;
  /** Of its newest process; null for a server that is not ours. */
  readonly pid: number | null;
  /** Makes an empty database (utf8mb4) and gives its URL. */
  createDatabase(): Promise<string>;
  /** Runs one statement as the administrator. */
  execute(sql: string): Promise<void>;
  /** `kill -9` and start again on the same data and port; refused for a server that is not ours. */
  crashAndRestart(): Promise<void>;
  /** Ends the server and removes its data; of a server that is not ours, drops what was made in it. */
  stop(): Promise<void>;
}

export interface MariadbOptions {
  /** Refuses connections without TLS. Needs an own server, so ROC_TEST_MYSQL_URL is passed over. */
  readonly tls?: boolean;
  /** Names that its certificate carries besides localhost. */
  readonly names?: readonly string[];
  /** With `tls`: connections without it are taken, too. */
  readonly plaintext?: boolean;
  /** The test crashes or reconfigures the server, so ROC_TEST_MYSQL_URL is passed over (needs the part `mariadbd`). */
  readonly own?: boolean;
  /** More server options: `--innodb-lock-wait-timeout=1`. */
  readonly args?: readonly string[];
}

/** Starts a server, or uses the one that ROC_TEST_MYSQL_URL names (an administrator's URL). */
export async function startMariadb(options: MariadbOptions = {}): Promise<Mariadb> {
  const given = process.env['ROC_TEST_MYSQL_URL'];
  const needsOwn = options.tls || options.own || options.args;
  return given && !needsOwn ? useServer(given) : startServer(options);
}

function useServer(adminUrl: string): Mariadb {
  const made: string[] = [];
  const url = (database: string) => Object.assign(new URL(adminUrl), { pathname: `/${database}` }).href;
  const execute = (sql: string) => executeAt(adminUrl, null, sql);
  return {
    url,
    caFile: null,
    pid: null,
    execute,
    createDatabase: async () => {
      const name = databaseName();
      await execute(createSql(name));
      made.push(name);
      return url(name);
    },
    crashAndRestart: () =>
      Promise.reject(new TypeError('the server of ROC_TEST_MYSQL_URL is not ours to crash')),
    stop: async () => {
      for (const name of made) await execute(`DROP DATABASE IF EXISTS ${name}`);
    },
  };
}

async function startServer(options: MariadbOptions): Promise<Mariadb> {
  const dir = makeTempDir('mariadb');
  try {
    const setup = await install(dir, options);
    const { port, program } = await launch(dir, setup);
    return serverHandle(dir, setup, port, program);
  } catch (error) {
    removeDir(dir);
    throw error;
  }
}

interface Setup {
  readonly password: string;
  readonly caFile: string | null;
  readonly args: readonly string[];
}

async function install(dir: string, options: MariadbOptions): Promise<Setup> {
  const password = randomBytes(12).toString('hex');
  const runAs = userInfo().uid === 0 ? ['--user=root'] : [];
  // Two that are installed at once would stumble over each other's temporary tables in the shared folder.
  mkdirSync(join(dir, 'tmp'));
  const folders = [`--datadir=${join(dir, 'data')}`, `--tmpdir=${join(dir, 'tmp')}`];
  await installDatabase([...folders, '--auth-root-authentication-method=normal', ...runAs]);
  const init = join(dir, 'init.sql');
  writeFileSync(
    init,
    `CREATE OR REPLACE USER roc@'%' IDENTIFIED BY '${password}';\nGRANT ALL ON *.* TO roc@'%' WITH GRANT OPTION;\n`,
    { mode: 0o600 },
  );
  const certificates = options.tls ? makeCertificates(dir, options.names) : null;
  const tls = certificates
    ? [
        `--ssl-ca=${certificates.caFile}`,
        `--ssl-cert=${certificates.certFile}`,
        `--ssl-key=${certificates.keyFile}`,
        `--require-secure-transport=${options.plaintext ? 'OFF' : 'ON'}`,
      ]
    : [];
  return {
    password,
    caFile: certificates?.caFile ?? null,
    args: [
      '--no-defaults',
      ...runAs,
      `--datadir=${join(dir, 'data')}`,
      `--tmpdir=${join(dir, 'tmp')}`,
      `--socket=${join(dir, 'mysql.sock')}`,
      `--pid-file=${join(dir, 'mysql.pid')}`,
      `--init-file=${init}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      '--skip-log-bin',
      '--transaction-isolation=READ-COMMITTED',
      '--character-set-server=utf8mb4',
      '--innodb-buffer-pool-size=64M',
      '--innodb-log-file-size=48M',
      '--max-connections=200',
      ...tls,
      ...(options.args ?? []),
    ],
  };
}

/** Makes the system tables; not synchronously, since then no time-out of a test could fire. */
export async function installDatabase(args: readonly string[]): Promise<void> {
  await promisify(execFile)('mariadb-install-db', ['--no-defaults', ...args], {
    timeout: 100_000,
    killSignal: 'SIGKILL',
  });
}

// Somebody may take the free port between the asking and the start: then another is tried.
async function launch(
  dir: string,
  setup: Setup,
  fixedPort?: number,
): Promise<{ port: number; program: Program }> {
  for (let attempt = 1; ; attempt++) {
    const port = fixedPort ?? (await freePort());
    const program = startProgram(findProgram('mariadbd') ?? 'mariadbd', [...setup.args, `--port=${port}`], {
      cwd: dir,
    });
    try {
      await program.waitFor(/ready for connections/, 60_000);
      return { port, program };
    } catch (error) {
      await program.stop('SIGKILL').catch(() => {});
      if (attempt === 3 || !/Address already in use/.test(program.stderr())) throw error;
    }
  }
}

function serverHandle(dir: string, setup: Setup, port: number, first: Program): Mariadb {
  let program = first;
  const url = (database: string) => `mysql://roc:${setup.password}@127.0.0.1:${port}/${database}`;
  const execute = (sql: string) => executeAt(url(''), setup.caFile, sql);
  const removeWithUs = () => removeDir(dir);
  process.once('exit', removeWithUs);
  return {
    url,
    caFile: setup.caFile,
    get pid() {
      return program.pid;
    },
    execute,
    createDatabase: async () => {
      const name = databaseName();
      await execute(createSql(name));
      return url(name);
    },
    crashAndRestart: async () => {
      await program.stop('SIGKILL');
      ({ program } = await launch(dir, setup, port));
    },
    stop: async () => {
      await program.stop('SIGTERM', 20_000);
      removeDir(dir);
      process.off('exit', removeWithUs);
    },
  };
}

async function executeAt(adminUrl: string, caFile: string | null, sql: string): Promise<void> {
  const ssl = caFile === null ? {} : { ssl: { ca: readFileSync(caFile, 'utf8') } };
  const connection = await createConnection({ uri: adminUrl, ...ssl });
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}

function databaseName(): string {
  return `roc_${randomBytes(6).toString('hex')}`;
}

function createSql(name: string): string {
  return `CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;
}
