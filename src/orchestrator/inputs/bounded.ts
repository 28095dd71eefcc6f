/** Runs a function for so long and no longer: for code whose cost somebody else decides, such as a robot's schema. */
import { createContext, Script } from 'node:vm';
import { RocError } from '../../kernel/errors.js';

const CALL = new Script('work()');
const sandbox: { work: () => void } = { work: () => {} };
const CONTEXT = createContext(sandbox);

/**
 * Runs synchronous work and stops it when its time is over, also inside a regular expression.
 * @throws RocError ROC_INVALID_INPUT when the time is over
 */
export function bounded<T>(work: () => T, limitMs: number, what: string): T {
  const results: T[] = [];
  sandbox.work = () => {
    results.push(work());
  };
  try {
    CALL.runInContext(CONTEXT, { timeout: limitMs });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw cause;
    throw new RocError('ROC_INVALID_INPUT', `${what} took more than ${limitMs} ms and was given up`, {
      hint: 'Simplify the patterns and references of the inputs schema, or send less input.',
      cause,
    });
  } finally {
    sandbox.work = () => {};
  }
  return results[0] as T;
}
