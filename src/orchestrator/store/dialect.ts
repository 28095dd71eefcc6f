/** Every difference between SQLite and MySQL that the store meets, and nothing else. */
import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';

export interface Dialect {
  readonly name: 'sqlite' | 'mysql';
  /** The database's clock, epoch milliseconds. */
  readonly now: RawBuilder<number>;
  /** Locks the rows that a query finds until the transaction ends. SQLite has one writer: nothing to lock. */
  lock<DB, TB extends keyof DB, O>(query: SelectQueryBuilder<DB, TB, O>): SelectQueryBuilder<DB, TB, O>;
  /** Ends a SELECT that locks what it finds until the transaction ends. */
  readonly forUpdate: RawBuilder<unknown>;
  /** As forUpdate, passing over rows that another transaction holds. */
  readonly skipLocked: RawBuilder<unknown>;
  /** Follows a table's name: the planner may pick no other index, since a scan would lock all that it passes. */
  useIndex(name: string): RawBuilder<unknown>;
  /** As useIndex, for the primary key. */
  readonly usePrimaryKey: RawBuilder<unknown>;
  /** Joins a table to those before it, read in this order: an index of the first keeps the rows in its order. */
  readonly joinInOrder: RawBuilder<unknown>;
  /**
   * Deletes rows by their key. Given a list of keys and a small table, MySQL would read all rows, and so wait for
   * those that others have locked; it heeds no hint there, but the order of a join.
   */
  deleteByKeys(table: string, key: string, values: readonly string[]): RawBuilder<unknown>;
  /** Appended to CREATE TABLE: engine, and text compared byte by byte as SQLite does. */
  readonly tableOptions: string;
  /** Finds an index by table and name; MySQL has no CREATE INDEX IF NOT EXISTS. */
  indexExists(table: string, index: string): RawBuilder<{ found: number }>;
  tableExists(table: string): RawBuilder<{ found: number }>;
  /** A table's columns in their order, each with its place in the primary key (from 1; 0: not in it). */
  columnsOf(table: string): RawBuilder<{ name: string; position: number }>;
  /** Begins an INSERT that leaves alone what is there under the same key. */
  readonly insertMissing: RawBuilder<unknown>;
  columnExists(table: string, column: string): RawBuilder<{ found: number }>;
  /** For a session that changes tables: as long as it takes, but never long in the way of others; and its end. */
  readonly beforeDdl: readonly RawBuilder<unknown>[];
  readonly afterDdl: readonly RawBuilder<unknown>[];
  /** A unique or primary key refused the row. */
  isDuplicate(error: unknown): boolean;
  /** The database has looked at a statement and refused it: nothing that came after it was done. */
  isRefusal(error: unknown): boolean;
  /** A deadlock, lock time-out or busy database: the whole transaction may be tried again. */
  isTransient(error: unknown): boolean;
  /** What keeps the database from being used at all, in words, or null for any other error. */
  outage(error: unknown): string | null;
}

export const sqliteDialect: Dialect = {
  name: 'sqlite',
  now: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
  lock: (query) => query,
  forUpdate: sql``,
  skipLocked: sql``,
  useIndex: (name) => sql`indexed by ${sql.id(name)}`,
  usePrimaryKey: sql``,
  joinInOrder: sql`cross join`,
  deleteByKeys: (table, key, values) =>
    sql`delete from ${sql.table(table)} where ${sql.id(key)} in (${sql.join(values)})`,
  tableOptions: '',
  indexExists: (table, index) =>
    sql`select count(*) as found from sqlite_master where type = 'index' and tbl_name = ${table} and name = ${index}`,
  tableExists: (table) =>
    sql`select count(*) as found from sqlite_master where type = 'table' and name = ${table}`,
  columnExists: (table, column) =>
    sql`select count(*) as found from pragma_table_info(${table}) where name = ${column}`,
  columnsOf: (table) => sql`select name, pk as position from pragma_table_info(${table}) order by cid`,
  insertMissing: sql`insert or ignore`,
  beforeDdl: [],
  afterDdl: [],
  isDuplicate: (error) => /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/.test(codeOf(error)),
  isRefusal: (error) => /^SQLITE_(BUSY|LOCKED|CONSTRAINT|MISMATCH|TOOBIG)/.test(codeOf(error)),
  isTransient: (error) => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error)),
  outage: (error) => matchOutage(SQLITE_OUTAGES, error),
};

export const mysqlDialect: Dialect = {
  name: 'mysql',
  now: sql<number>`cast(unix_timestamp(now(3)) * 1000 as signed)`,
  lock: (query) => query.forUpdate(),
  forUpdate: sql`for update`,
  skipLocked: sql`for update skip locked`,
  useIndex: (name) => sql`force index (${sql.id(name)})`,
  usePrimaryKey: sql`force index (primary)`,
  joinInOrder: sql`straight_join`,
  deleteByKeys: (table, key, values) => {
    const chosen = sql.join(
      values.map((value) => sql`select ${value} as id`),
      sql` union all `,
    );
    return sql`delete ${sql.table(table)} from (${chosen}) as chosen
      straight_join ${sql.table(table)} on ${sql.ref(`${table}.${key}`)} = chosen.id`;
  },
  tableOptions: ' engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin',
  indexExists: (table, index) =>
    sql`select count(*) as found from information_schema.statistics where table_schema = database() and table_name = ${table} and index_name = ${index}`,
  tableExists: (table) =>
    sql`select count(*) as found from information_schema.tables where table_schema = database() and table_name = ${table}`,
  columnExists: (table, column) =>
    sql`select count(*) as found from information_schema.columns where table_schema = database() and table_name = ${table} and column_name = ${column}`,
  columnsOf: (table) => sql`select c.column_name as name, coalesce(k.ordinal_position, 0) as position
    from information_schema.columns c left join information_schema.key_column_usage k
      on k.table_schema = c.table_schema and k.table_name = c.table_name and k.column_name = c.column_name
      and k.constraint_name = 'PRIMARY'
    where c.table_schema = database() and c.table_name = ${table} order by c.ordinal_position`,
  insertMissing: sql`insert ignore`,
  // MariaDB's limit of a statement counts for ALTER TABLE, too; MySQL's does not, and it has no such variable.
  beforeDdl: [
    sql`set @roc_statement_limit = 0 /*M!100101 + @@session.max_statement_time */`,
    sql`set session lock_wait_timeout = 5 /*M!100101 , max_statement_time = 0 */`,
  ],
  afterDdl: [
    sql`set session lock_wait_timeout = default /*M!100101 , max_statement_time = @roc_statement_limit */`,
  ],
  isDuplicate: (error) => codeOf(error) === 'ER_DUP_ENTRY',
  // Classes of SQLSTATE: cardinality, data, constraint, rollback, access; a lock time-out has the general one.
  isRefusal: (error) =>
    /^(21|22|23|40|42)/.test(String((error as { sqlState?: unknown } | null)?.sqlState)) ||
    codeOf(error) === 'ER_LOCK_WAIT_TIMEOUT',
  isTransient: (error) => /^ER_LOCK_(DEADLOCK|WAIT_TIMEOUT)$/.test(codeOf(error)),
  // What ends the connection is an outage whatever its name; some of the driver's have none.
  outage: (error) =>
    matchOutage(MYSQL_OUTAGES, error) ??
    ((error as { fatal?: unknown } | null)?.fatal === true ? 'the database does not answer' : null),
};

type Outages = readonly (readonly [codes: RegExp, words: string])[];

const SQLITE_OUTAGES: Outages = [
  [/^(SQLITE_FULL|ENOSPC)/, 'the disk of the database is full'],
  [/^(SQLITE_(CANTOPEN|IOERR|READONLY|NOTADB|CORRUPT)|EIO)/, 'the database file cannot be read or written'],
];

const MYSQL_OUTAGES: Outages = [
  [/^ER_ACCESS_DENIED_ERROR$/, 'the database refuses the user or its password'],
  [
    /^ER_(BAD_DB_ERROR|DBACCESS_DENIED_ERROR)$/,
    'the database is unknown to its server, or closed to this user',
  ],
  [
    /^(ER_(CON_COUNT_ERROR|TOO_MANY_USER_CONNECTIONS|USER_LIMIT_REACHED|HOST_IS_BLOCKED)|POOL_EXHAUSTED)$/,
    'the database has no connection left',
  ],
  [
    /^(HANDSHAKE_|CERT_|ERR_TLS|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/,
    'the TLS connection to the database failed',
  ],
  // 1969 is MariaDB's own, for which the driver has no name.
  [/^(ER_QUERY_TIMEOUT|1969)$/, 'a statement of the database took too long'],
  [
    /^(READ_ONLY_DATABASE|ER_(OPTION_PREVENTS_STATEMENT|READ_ONLY_MODE|CANT_EXECUTE_IN_READ_ONLY_TRANSACTION))$/,
    'the database takes no writes: it is a replica, or became one in a failover',
  ],
  [
    /^ER_(DISK_FULL|RECORD_FILE_FULL|TRANS_CACHE_FULL|LOCK_TABLE_FULL|OUTOFMEMORY|OUT_OF_RESOURCES)$/,
    'the database has run out of disk or memory',
  ],
  // 1927 is MariaDB's own ER_CONNECTION_KILLED.
  [
    /^(E(?!R_)[A-Z_]+|PROTOCOL_[A-Z_]+|POOL_[A-Z]+|ER_(SERVER_SHUTDOWN|SHUTDOWN_COMPLETE|SERVER_ISNT_AVAILABLE|QUERY_INTERRUPTED|SESSION_WAS_KILLED|CLIENT_INTERACTION_TIMEOUT|NET_(READ_[A-Z]+|ERROR_ON_WRITE|WRITE_INTERRUPTED))|1927)$/,
    'the database does not answer',
  ],
];

function matchOutage(outages: Outages, error: unknown): string | null {
  const code = codeOf(error);
  return outages.find(([codes]) => codes.test(code))?.[1] ?? null;
}

function codeOf(error: unknown): string {
  const { code, errno } = (error ?? {}) as { code?: unknown; errno?: unknown };
  return typeof code === 'string' ? code : String(errno ?? '');
}
