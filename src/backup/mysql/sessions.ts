/** A few sessions that work is spread over; one that is lost is replaced, and its piece of work done again. */
import { isRocError } from '../../kernel/errors.js';
import type { Connector, SqlConnection } from '../ports.js';
import { openSession } from './session.js';

const MAX_TRIES = 3;

export interface Sessions {
  /** Runs read-only work on a free session; again on a new one where the connection was lost under it. */
  use<T>(work: (sql: SqlConnection) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** At most `size` sessions, opened when they are first needed. */
export function openSessions(connector: Pick<Connector, 'connect'>, size: number): Sessions {
  const idle: SqlConnection[] = [];
  const waiting: (() => void)[] = [];
  let busy = 0;

  const acquire = async (): Promise<SqlConnection> => {
    while (busy >= size) await new Promise<void>((resolve) => waiting.push(resolve));
    busy++;
    try {
      return idle.pop() ?? (await openSession(connector));
    } catch (error) {
      free();
      throw error;
    }
  };
  const free = () => {
    busy--;
    waiting.shift()?.();
  };
  const once = async <T>(work: (sql: SqlConnection) => Promise<T>): Promise<T> => {
    const sql = await acquire();
    try {
      const result = await work(sql);
      idle.push(sql);
      return result;
    } catch (error) {
      // After an error its state is not known: a time limit may still stand, a result be on its way.
      await sql.close();
      throw error;
    } finally {
      free();
    }
  };
  return {
    async use(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(work);
        } catch (error) {
          if (attempt === MAX_TRIES || !isRocError(error) || error.code !== 'ROC_UNREACHABLE') throw error;
        }
      }
    },
    async close() {
      await Promise.all(idle.splice(0).map((sql) => sql.close()));
    },
  };
}

/** Runs `work` on each item, `width` at a time, and gives results in the order of the items. */
export async function* inParallel<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  width: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const running: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const next = work(item);
      // Awaited in order below: one that fails before its turn must not count as unhandled.
      next.catch(() => {});
      running.push(next);
      if (running.length >= width) yield await (running.shift() as Promise<R>);
    }
    while (running.length > 0) yield await (running.shift() as Promise<R>);
  } finally {
    await Promise.allSettled(running);
  }
}
