/**
 * `roc provision app-user`: gives the orchestrator a user of its own in the database, by the master's right. The host of
 * the duties runs it, so that no server ever reads the master's password; running it again changes nothing but a
 * password that the secret has changed.
 */
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { createConnection } from 'mysql2/promise';
import { RocError } from '../kernel/errors.js';
import type { DatabaseLogin } from './aws/secrets.js';

export interface AppUserRequest {
  /** As its certificate names it. */
  readonly host: string;
  readonly port: number;
  /** The way there, where it is not a connection of this host's own. */
  readonly stream?: (() => Duplex) | undefined;
  readonly database: string;
  /** PEM file of the authorities; those of the system, and of NODE_EXTRA_CA_CERTS, where it is left out. */
  readonly ca?: string | undefined;
  readonly master: DatabaseLogin;
  readonly app: DatabaseLogin;
}

export interface AppUserResult {
  readonly user: string;
  readonly database: string;
  readonly action: 'created' | 'updated';
  readonly grants: readonly string[];
}

/** Its own tables, whole: the server brings its schema up to date itself. Nothing of the server or of other schemas. */
const GRANTS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'ALTER', 'DROP', 'INDEX', 'REFERENCES'];

const CONNECT_LIMIT = 10_000;

/** @throws RocError ROC_INVALID_INPUT for names that are none, ROC_UNREACHABLE, ROC_FORBIDDEN */
export async function makeAppUser(request: AppUserRequest): Promise<AppUserResult> {
  const { app, master, database } = request;
  if (app.user === master.user)
    throw new RocError('ROC_INVALID_INPUT', 'the application may not be the master user', {
      hint: 'Give the secret of the application a username of its own.',
    });
  const account = `'${nameOf(app.user)}'@'%'`;
  const schema = `\`${nameOf(database)}\``;
  const connection = await connect(request);
  try {
    const [rows] = await connection.query('SELECT 1 FROM mysql.user WHERE user = ?', [app.user]);
    const isNew = Array.isArray(rows) && rows.length === 0;
    await connection.query(`CREATE DATABASE IF NOT EXISTS ${schema} CHARACTER SET utf8mb4`);
    await connection.query(`CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY ? REQUIRE SSL`, [
      app.password,
    ]);
    await connection.query(`ALTER USER ${account} IDENTIFIED BY ? REQUIRE SSL`, [app.password]);
    const [held] = await connection.query({ sql: `SHOW GRANTS FOR ${account}`, rowsAsArray: true });
    // This runs every hour beside the servers: for an account that is as it should be, no right goes even for a moment.
    if (!isAsGranted(held as string[][], schema)) {
      // What an earlier version of this list gave, and this one does not, goes.
      await connection.query(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${account}`);
      await connection.query(`GRANT ${GRANTS.join(', ')} ON ${schema}.* TO ${account}`);
    }
    return { user: app.user, database, action: isNew ? 'created' : 'updated', grants: GRANTS };
  } catch (cause) {
    throw refused(cause);
  } finally {
    await connection.end();
  }
}

/** Whether the rows of SHOW GRANTS say the list above and nothing else; `USAGE` is no right. */
function isAsGranted(rows: readonly (readonly string[])[], schema: string): boolean {
  const rights = rows
    .map(([row = '']) => row)
    .filter((row) => !row.startsWith('GRANT USAGE ON *.* TO ') || row.includes('WITH GRANT OPTION'));
  const [, list = '', rest = 'none'] = /^GRANT (.+) ON (\S+\.\* TO .+)$/.exec(rights[0] ?? '') ?? [];
  return (
    rights.length === 1 &&
    rest.startsWith(`${schema}.* TO `) &&
    !rest.includes('WITH GRANT OPTION') &&
    list.split(', ').sort().join() === [...GRANTS].sort().join()
  );
}

async function connect({ host, port, stream, ca, master }: AppUserRequest) {
  // The driver checks a certificate against a name, and against an address not at all.
  if (isIP(host) !== 0)
    throw new RocError('ROC_INVALID_INPUT', `${host} is an address, and the certificate carries a name`, {
      hint: 'Pass the endpoint of the database as RDS names it.',
    });
  const authorities = ca === undefined ? undefined : await readAuthorities(ca);
  try {
    return await createConnection({
      host,
      port,
      user: master.user,
      password: master.password,
      connectTimeout: CONNECT_LIMIT,
      ...(stream === undefined ? {} : { stream }),
      ssl: {
        minVersion: 'TLSv1.2',
        rejectUnauthorized: true,
        verifyIdentity: true,
        ...(authorities === undefined ? {} : { ca: authorities }),
      },
    });
  } catch (cause) {
    throw unreachable(cause, host, port);
  }
}

// An account cannot be a parameter of a statement: only plain names go into one.
function nameOf(text: string): string {
  if (/^[A-Za-z0-9_]{1,32}$/.test(text)) return text;
  throw new RocError('ROC_INVALID_INPUT', `"${text}" is no name for a user or a database here`, {
    hint: 'Use up to 32 letters, digits and underscores.',
  });
}

async function readAuthorities(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new RocError('ROC_NOT_FOUND', `${file} cannot be read`, {
      hint: 'Check the path given to --ca.',
      cause,
    });
  }
}

function unreachable(cause: unknown, host: string, port: number): RocError {
  const code = String((cause as { code?: unknown }).code ?? '');
  if (code === 'ER_ACCESS_DENIED_ERROR')
    return new RocError('ROC_FORBIDDEN', `the database at ${host} refused the master's password`, {
      hint: 'It may just have been rotated: run it again in a minute.',
      cause,
    });
  const text = cause instanceof Error ? cause.message : code;
  return new RocError('ROC_UNREACHABLE', `no trusted connection to ${host}:${port}: ${text}`, {
    hint: 'Check the security groups, the name, and the authorities given by --ca.',
    cause,
  });
}

// The statement, and with it the password, stays out of the message.
function refused(cause: unknown): RocError {
  const code = String((cause as { code?: unknown }).code ?? 'an error');
  return new RocError('ROC_FORBIDDEN', `the database refused to make the user (${code})`, {
    hint: 'The master must be allowed to create users and to grant what it grants.',
    cause: new TypeError(code),
  });
}
