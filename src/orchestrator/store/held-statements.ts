/**
 * Fewer packets for a transaction: its BEGIN, and writes whose answer nobody reads, travel with the statement that comes
 * next. All run in the order in which they were given. What goes wrong with one is told by the one that it travelled
 * with, at the latest by COMMIT, and so keeps the transaction from being committed as it always did.
 */
import { CompiledQuery, type MysqlPoolConnection, type MysqlQueryResult, type RawBuilder, sql } from 'kysely';

/** Begins a statement that may be held; no more than a comment to a database. */
const MARK = '/* held */ ';

/** For a write whose answer is not read. Not for one whose refusal is an answer: that comes a statement later. */
export function held<T>(statement: RawBuilder<T>): RawBuilder<T> {
  return sql`${sql.raw(MARK)}${statement}`;
}

/** As {@link held}, for a statement that is text already. */
export function heldText(text: string, parameters: readonly unknown[]): CompiledQuery {
  return CompiledQuery.raw(`${MARK}${text}`, [...parameters]);
}

interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

type Done = (error: unknown, result: MysqlQueryResult) => void;

/** Characters: a packet must stay far below what a server takes (16 MB by default). */
const MOST_HELD = 1024 * 1024;

const NO_ANSWER = { insertId: 0, affectedRows: 0, changedRows: 0 };

/** What is used of a connection of mysql2. */
export type HoldingConnection = MysqlPoolConnection & { destroy(): void };

/** @param connection takes several statements in one packet */
export function holdStatements(connection: HoldingConnection): MysqlPoolConnection {
  /** Null outside a transaction, where nothing may be held: nothing would come after it. */
  let waiting: Statement[] | null = null;
  let isBegun = false;
  let size = 0;
  const send = (statement: Statement, done: Done) => {
    const all = [...(waiting ?? []), statement];
    const text = all.map((one) => one.text).join(';');
    const parameters = all.flatMap((one) => one.parameters);
    if (waiting !== null) [waiting, isBegun, size] = [[], true, 0];
    connection.query(text, parameters, (error, result) => {
      if (error === null || error === undefined) done(null, answerOfLast(result, all.length));
      else done(error, result);
    });
  };
  // A connection that cannot undo its work must not be used again; what went wrong before is what is told.
  const rollBack = (statement: Statement, done: Done) => {
    const isUnsent = waiting !== null && !isBegun;
    waiting = null;
    if (isUnsent) return done(null, NO_ANSWER);
    send(statement, (error) => {
      if (error !== null) connection.destroy();
      done(null, NO_ANSWER);
    });
  };
  const query = (text: string, parameters: unknown[], done: Done) => {
    const statement = { text, parameters };
    if (text === 'begin') {
      [waiting, isBegun, size] = [[statement], false, 0];
      return done(null, NO_ANSWER);
    }
    if (text === 'rollback') return rollBack(statement, done);
    if (waiting === null) return send(statement, done);
    if (text === 'commit') {
      const isEmpty = !isBegun && waiting.length === 1;
      if (isEmpty) done(null, NO_ANSWER);
      else send(statement, done);
      waiting = null;
      return;
    }
    if (!text.startsWith(MARK)) return send(statement, done);
    size += sizeOf(statement);
    if (size > MOST_HELD) return send(statement, done);
    waiting.push(statement);
    done(null, NO_ANSWER);
  };
  return { query: query as MysqlPoolConnection['query'], release: () => connection.release() };
}

function sizeOf({ text, parameters }: Statement): number {
  return parameters.reduce<number>(
    (sum, one) => sum + (typeof one === 'string' ? one.length : 0),
    text.length,
  );
}

/** mysql2 answers several statements with a list, one with its answer. */
function answerOfLast(result: MysqlQueryResult, count: number): MysqlQueryResult {
  return count === 1 ? result : ((result as unknown[]).at(-1) as MysqlQueryResult);
}
