/** Signed-in MySQL connections over a way that somebody else opened, each with its TLS identity proved by the real name. */
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise';
import { RocError } from '../../kernel/errors.js';
import type { Connector, ConnectorOptions, SqlConnection, SqlRow, SqlValue } from '../ports.js';
import { connectError, queryError } from './sql-errors.js';

const SIGN_IN_LIMIT = 20_000;
/** What the client waits on top of the server's own limit of a statement. */
const GRACE = 5_000;

/**
 * Every connection goes through `way`, and its certificate must be signed by `ca` and carry `way.host`; there is no
 * option to look away, and no other address that could be put in the endpoint's place.
 */
export function createConnector(options: ConnectorOptions): Connector {
  return {
    async connect() {
      const { connection, stream } = await signIn(options, 'verify');
      try {
        return await wrap(connection, stream, options.signal);
      } catch (error) {
        connection.destroy();
        throw connectError(error, options.way.host);
      }
    },
    acceptsPlaintext: () => acceptsPlaintext(options),
    close: () => options.way.close(),
  };
}

/** @throws RocError ROC_UNREACHABLE where neither a welcome nor a refusal came */
async function acceptsPlaintext(options: ConnectorOptions): Promise<boolean> {
  try {
    const { connection } = await signIn(options, 'plain');
    connection.destroy();
    return true;
  } catch (error) {
    // A refusal is what is hoped for; silence says nothing about TLS.
    if (error instanceof RocError && REFUSALS.has(error.code)) return false;
    throw error;
  }
}

const REFUSALS: ReadonlySet<RocError['code']> = new Set(['ROC_CREDENTIALS_MISSING', 'ROC_REFUSED']);

async function signIn(
  { way, signIn: who, ca, database, signal }: ConnectorOptions,
  mode: 'verify' | 'plain',
): Promise<{ connection: Connection; stream: Duplex }> {
  signal?.throwIfAborted();
  const stream = await way.connect();
  // mysql2 adds its own listener; one that is gone by then would end the process.
  stream.on('error', () => {});
  const onAbort = () => stream.destroy();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const connection = await createConnection({
      host: way.host,
      port: way.port,
      user: who.user,
      password: await who.password(),
      stream,
      ...(database === undefined ? {} : { database }),
      ...(mode === 'plain' ? {} : verifiedTls(ca, who.auth === 'iam')),
      ...FIXED,
    });
    return { connection, stream };
  } catch (error) {
    stream.destroy();
    throw connectError(error, way.host);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

const FIXED: ConnectionOptions = {
  charset: 'utf8mb4_bin',
  connectTimeout: SIGN_IN_LIMIT,
  multipleStatements: false,
  timezone: 'Z',
  // Numbers as the server writes them: a double or a 64-bit integer read by JavaScript would be another one.
  typeCast: (field) => field.string('utf8'),
};

function verifiedTls(ca: string, isToken: boolean): ConnectionOptions {
  return {
    ssl: { ca, rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' },
    // A token of RDS travels as it is, so only where the identity is proved first.
    ...(isToken ? { enableCleartextPlugin: true } : {}),
  };
}

async function wrap(
  connection: Connection,
  stream: Duplex,
  signal: AbortSignal | undefined,
): Promise<SqlConnection> {
  connection.on('error', () => {});
  // A count of a large table takes long; who stops the run does not wait for it. Only a stream that closes under
  // mysql2 makes a statement in flight fail.
  const onAbort = () => stream.destroy();
  signal?.addEventListener('abort', onAbort, { once: true });
  const limit = await statementLimit(connection);
  return {
    tls: tlsFacts(connection),
    async query(sql, values = [], { timeoutMs } = {}) {
      try {
        if (timeoutMs !== undefined) await connection.query(limit(timeoutMs));
        const [rows] = await connection.query({
          sql,
          values: [...values],
          ...(timeoutMs === undefined ? {} : { timeout: timeoutMs + GRACE }),
        });
        if (timeoutMs !== undefined) await connection.query(limit(0));
        return Array.isArray(rows) ? (rows as SqlRow[]) : [];
      } catch (error) {
        throw queryError(error);
      }
    },
    async close() {
      signal?.removeEventListener('abort', onAbort);
      await connection.end().catch(() => connection.destroy());
    },
  };
}

/** The statement that limits those after it: MariaDB counts seconds, MySQL milliseconds; 0 is no limit. */
async function statementLimit(connection: Connection): Promise<(ms: number) => string> {
  const [rows] = await connection.query('SELECT VERSION() AS version');
  const version = String((rows as Record<string, SqlValue>[])[0]?.['version'] ?? '');
  return /mariadb/i.test(version)
    ? (ms) => `SET SESSION max_statement_time = ${ms / 1000}`
    : (ms) => `SET SESSION max_execution_time = ${Math.ceil(ms)}`;
}

function tlsFacts(connection: Connection): SqlConnection['tls'] {
  // Not declared by mysql2: the promise wrapper keeps the connection, and that its socket.
  const { connection: inner } = connection as unknown as { connection: { stream: TLSSocket } };
  const certificate = inner.stream.getPeerCertificate();
  const nameOf = (value: { CN?: string | string[] } | undefined) => [value?.CN ?? []].flat().join(', ');
  return {
    protocol: inner.stream.getProtocol() ?? '',
    cipher: inner.stream.getCipher().name,
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
  };
}
