/** Reads `sqlite:PATH` and `mysql://user[:password]@host[:port]/database`, with the few options each may carry. */
import { RocError } from '../../kernel/errors.js';
import { SECOND } from '../../kernel/time.js';

export interface SqliteUrl {
  readonly kind: 'sqlite';
  readonly path: string;
  /** `full` (default): a commit is on disk before it is answered. `normal`: a power cut may take the newest commits. */
  readonly synchronous: 'full' | 'normal';
}

export interface MysqlUrl {
  readonly kind: 'mysql';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  /** `verify` checks the server's certificate and name; only a loopback host defaults to `off`. */
  readonly tls: 'verify' | 'off';
  /** PEM file of the authority to trust instead of the system's. */
  readonly caFile: string | undefined;
  readonly connections: number;
  /** Milliseconds after which a statement is given up by the server (SELECTs on MySQL, all on MariaDB). */
  readonly statementMs: number;
  readonly auth: 'password' | 'iam' | { readonly secret: string };
}

/** @throws RocError ROC_CONFIG_INVALID; the message never holds the password */
export function parseDatabaseUrl(text: string): SqliteUrl | MysqlUrl {
  if (text.startsWith('sqlite:')) return parseSqlite(text.slice('sqlite:'.length));
  if (text.startsWith('mysql:')) return parseMysql(text);
  throw invalid(`the database URL starts with "${text.split(':')[0]?.slice(0, 20)}:"`);
}

function parseSqlite(rest: string): SqliteUrl {
  const [path = '', query = ''] = rest.split('?', 2);
  if (path === '') throw invalid('the sqlite URL names no file');
  const options = readOptions(query, { synchronous: /^(full|normal)$/ });
  return { kind: 'sqlite', path, synchronous: options['synchronous'] === 'normal' ? 'normal' : 'full' };
}

function parseMysql(text: string): MysqlUrl {
  const url = URL.canParse(text) ? new URL(text) : null;
  const database = decodeURIComponent(url?.pathname.slice(1) ?? '');
  if (
    url === null ||
    url.hostname === '' ||
    url.username === '' ||
    !/^[A-Za-z0-9_$-]{1,64}$/.test(database)
  ) {
    throw invalid('the mysql URL lacks its user, host or database');
  }
  const options = readOptions(url.search.slice(1), {
    tls: /^(verify|off)$/,
    ca: /^.+$/,
    connections: /^[1-9]\d{0,2}$/,
    'statement-seconds': /^[1-9]\d{0,2}$/,
    auth: /^(password|iam|secretsmanager:.+)$/,
  });
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  const tls = options['tls'] ?? (isLoopback && options['ca'] === undefined ? 'off' : 'verify');
  const auth = authOf(options['auth'] ?? 'password');
  if (auth !== 'password' && url.password !== '')
    throw invalid('the mysql URL holds a password, but its option "auth" says that it comes from elsewhere');
  if (auth === 'iam' && tls === 'off') throw invalid('a sign-in by IAM is only made over TLS');
  return {
    kind: 'mysql',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    database,
    tls: tls === 'off' ? 'off' : 'verify',
    caFile: options['ca'],
    connections: Number(options['connections'] ?? 10),
    statementMs: Number(options['statement-seconds'] ?? 30) * SECOND,
    auth,
  };
}

function authOf(text: string): MysqlUrl['auth'] {
  if (text === 'iam' || text === 'password') return text;
  return { secret: text.slice('secretsmanager:'.length) };
}

function readOptions(query: string, known: Readonly<Record<string, RegExp>>): Record<string, string> {
  const options = Object.fromEntries(new URLSearchParams(query));
  for (const [name, value] of Object.entries(options)) {
    const pattern = known[name];
    if (pattern === undefined) throw invalid(`the database URL has an unknown option "${name}"`);
    if (!pattern.test(value)) throw invalid(`the database URL's option "${name}" has a bad value`);
  }
  return options;
}

function invalid(message: string): RocError {
  return new RocError('ROC_CONFIG_INVALID', message, {
    hint: 'Write sqlite:PATH[?synchronous=full|normal] or mysql://user[:password]@host[:port]/database[?tls=verify|off&ca=FILE&connections=N&statement-seconds=N&auth=iam|secretsmanager:ARN].',
  });
}
