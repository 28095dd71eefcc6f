/** Work that an answer must not wait for, since its time would tell something: bounded in number, ended before the server is. */
import type { Log } from '../../kernel/log.js';

export interface Errands {
  /** Begins it soon; where too much is under way it is dropped, and the log says so. */
  run(name: string, work: () => Promise<void>): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

const AT_ONCE = 50;

export function createErrands(log: Log): Errands {
  const underWay = new Set<Promise<void>>();
  return {
    run: (name, work) => {
      if (underWay.size >= AT_ONCE) return log.warn({ errand: name }, 'too much is under way: dropped');
      const errand = new Promise<void>((resolve) => setImmediate(resolve))
        .then(work)
        .catch((error: unknown) => log.error({ err: error, errand: name }, 'an errand failed'))
        .finally(() => underWay.delete(errand));
      underWay.add(errand);
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
