/**
 * Connections that a failover leaves behind. The host at the other end may be gone without a word: TCP would go on for a
 * quarter of an hour. Or it is a replica now, which still answers what is read and refuses what is written.
 */
import { type RawBuilder, sql } from 'kysely';
import type { HoldingConnection } from './held-statements.js';

/** Begins a statement that may take its time; no more than a comment to a database. */
const MARK = '/* unhurried */ ';

/** For a change of a table, which takes as long as the table is large. */
export function unhurried<T>(statement: RawBuilder<T>): RawBuilder<T> {
  return sql`${sql.raw(MARK)}${statement}`;
}

/** Which connections were made before something showed that they are not to be relied on. */
export interface Trust {
  /** From now on no connection is used that was made before. */
  lose(): void;
  /** Counts the losses: a connection is as good as the number it was made under is new. */
  readonly losses: number;
  /** Each gives up a statement that waits for its answer. */
  readonly waiting: Set<() => void>;
}

export function createTrust(): Trust {
  let losses = 0;
  return {
    lose: () => {
      losses++;
    },
    get losses() {
      return losses;
    },
    waiting: new Set(),
  };
}

/** ER_OPTION_PREVENTS_STATEMENT (`--read-only`), ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE. */
const READ_ONLY = new Set<unknown>([1290, 1792, 1836]);

/**
 * Gives a connection up that does not answer within so many milliseconds, or that refuses what is written; and with it
 * those that were made before.
 */
export function watchAnswers(
  connection: HoldingConnection,
  trust: Trust,
  answerMs: number,
): HoldingConnection {
  const giveUp = () => {
    trust.lose();
    connection.destroy();
    // Without this its socket would wait for the other side to say farewell.
    (connection as { stream?: { destroy?: () => void } }).stream?.destroy?.();
  };
  const query = (text: string, parameters: unknown[], done: (error: unknown, result: unknown) => void) => {
    const end = (error: unknown, result: unknown) => {
      if (!trust.waiting.delete(expire)) return;
      clearTimeout(timer);
      done(error, result);
    };
    const expire = () => {
      giveUp();
      end(silence(answerMs), undefined);
    };
    trust.waiting.add(expire);
    const timer = text.startsWith(MARK) ? undefined : setTimeout(expire, answerMs);
    connection.query(text, parameters, (error: unknown, result: unknown) => {
      if (READ_ONLY.has((error as { errno?: unknown } | null)?.errno)) giveUp();
      end(error, result);
    });
  };
  return {
    query: query as HoldingConnection['query'],
    release: () => connection.release(),
    destroy: () => connection.destroy(),
  };
}

function silence(ms: number): Error {
  const text = `the database did not answer within ${ms} ms`;
  return Object.assign(new TypeError(text), { code: 'PROTOCOL_SEQUENCE_TIMEOUT', fatal: true });
}
