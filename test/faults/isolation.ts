/** Somebody who looks at the transactions that the database has open, all the time: at which isolation do they run? */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';

export interface IsolationWatch {
  /** @returns what was seen that must not be, each once */
  stop(): Promise<string[]>;
}

/** MariaDB makes this table anew ten times a second. */
const EVERY_MS = 100;
// The database has transactions of its own, of thread 0.
const OTHERS = `select distinct trx_isolation_level as level from information_schema.innodb_trx
  where trx_mysql_thread_id > 0 and trx_isolation_level <> 'READ COMMITTED'`;

/**
 * Whether the gaps that another isolation locks lead to a deadlock within one run is chance; the isolation itself is
 * not. The server's own default is READ COMMITTED, so another one was asked for by a node.
 * @param database URL of an administrator; it may be away for a while, as databases are here
 */
export function watchIsolation(database: string): IsolationWatch {
  const seen = new Set<string>();
  let isOver = false;
  const watch = async () => {
    let connection: Connection | null = null;
    while (!isOver) {
      try {
        connection ??= await createConnection({ uri: database });
        const [rows] = await connection.query<RowDataPacket[]>(OTHERS);
        for (const { level } of rows) seen.add(`a transaction ran at ${level}`);
      } catch {
        connection?.destroy();
        connection = null;
      }
      await sleep(EVERY_MS);
    }
    connection?.destroy();
  };
  const watching = watch();
  return {
    stop: async () => {
      isOver = true;
      await watching;
      return [...seen];
    },
  };
}
