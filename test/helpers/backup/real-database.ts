/** MariaDB servers on data folders that can be copied: what stands behind the instances and snapshots of the RDS proxy. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import { freePort } from '../free-port.js';
import { installDatabase } from '../mariadb.js';
import { type Program, startProgram } from '../program.js';
import { findProgram } from '../programs.js';

export interface RealDatabase {
  readonly port: number;
  readonly dataDir: string;
  /** Runs statements as the administrator, over the socket that only the host has. */
  execute(...statements: string[]): Promise<void>;
  query<Row>(sql: string): Promise<Row[]>;
  /** A copy of the data as it is now: the server is stopped for it and started again. */
  copyTo(dir: string): Promise<void>;
  /** The data of a copy instead of its own. */
  restoreFrom(dir: string): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Holds ca.pem, server.pem and server.key. */
  readonly certificates: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
  readonly requireTls?: boolean;
}

const RUN_AS = userInfo().uid === 0 ? ['--user=root'] : [];

export async function initialiseData(dataDir: string): Promise<void> {
  // Two that are installed at once would stumble over each other's temporary tables in the shared folder.
  const tmp = join(dataDir, '../install-tmp');
  for (const folder of [dataDir, tmp]) mkdirSync(folder, { recursive: true });
  await installDatabase([
    `--datadir=${dataDir}`,
    `--tmpdir=${tmp}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--innodb-log-file-size=8M',
    ...RUN_AS,
  ]);
}

/** Starts a server on `dataDir`; everything else it needs goes into `dir`. */
export async function startDatabase(
  dir: string,
  dataDir: string,
  options: ServerOptions,
): Promise<RealDatabase> {
  mkdirSync(join(dir, 'tmp'), { recursive: true });
  const socketPath = join(dir, 's.sock');
  const init = join(dir, 'init.sql');
  writeFileSync(
    init,
    "CREATE OR REPLACE USER roc_admin@localhost IDENTIFIED BY '';\nGRANT ALL ON *.* TO roc_admin@localhost WITH GRANT OPTION;\n",
  );
  const { certificates } = options;
  const args = [
    '--no-defaults',
    ...RUN_AS,
    `--datadir=${dataDir}`,
    `--tmpdir=${join(dir, 'tmp')}`,
    `--socket=${socketPath}`,
    `--pid-file=${join(dir, 'mysql.pid')}`,
    `--init-file=${init}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    '--skip-log-bin',
    '--innodb-buffer-pool-size=32M',
    '--innodb-log-file-size=8M',
    `--ssl-ca=${certificates.caFile}`,
    `--ssl-cert=${certificates.certFile}`,
    `--ssl-key=${certificates.keyFile}`,
    `--require-secure-transport=${options.requireTls === false ? 'OFF' : 'ON'}`,
  ];
  const port = await freePort();
  const launch = async (): Promise<Program> => {
    const started = startProgram(findProgram('mariadbd') ?? 'mariadbd', [...args, `--port=${port}`], {
      cwd: dir,
    });
    await started.waitFor(/ready for connections/, 60_000);
    return started;
  };
  let program = await launch();
  const withConnection = async <T>(use: (connection: Connection) => Promise<T>): Promise<T> => {
    const connection = await createConnection({ socketPath, user: 'roc_admin' });
    try {
      return await use(connection);
    } finally {
      await connection.end();
    }
  };
  return {
    port,
    dataDir,
    execute: (...statements) =>
      withConnection(async (connection) => {
        for (const statement of statements) await connection.query(statement);
      }),
    query: <Row>(sql: string) =>
      withConnection(async (connection) => (await connection.query(sql))[0] as Row[]),
    async copyTo(target) {
      await program.stop('SIGTERM', 30_000);
      cpSync(dataDir, target, { recursive: true });
      program = await launch();
    },
    async restoreFrom(copy) {
      await program.stop('SIGTERM', 30_000);
      rmSync(dataDir, { recursive: true });
      cpSync(copy, dataDir, { recursive: true });
      program = await launch();
    },
    async stop() {
      await program.stop('SIGTERM', 30_000);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
