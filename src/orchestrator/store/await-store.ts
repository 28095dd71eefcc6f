/** Opens the store as soon as its database can be reached: a node that starts during an outage waits for its end. */
import { setTimeout as delay } from 'node:timers/promises';
import { isRocError, RocError } from '../../kernel/errors.js';
import { SECOND } from '../../kernel/time.js';
import { type OpenStoreOptions, openStore } from './open.js';
import type { Store } from './store.js';

export interface AwaitOptions {
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Resolves after so many milliseconds, or rejects when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const FIRST_PAUSE_MS = SECOND / 2;
const LONGEST_PAUSE_MS = 5 * SECOND;
const TELL_EVERY_MS = 30 * SECOND;

/**
 * Only an absence is waited for. A wrong password, an unknown database or a name that does not exist are told at once.
 * @throws RocError as {@link openStore}; ROC_INTERRUPTED when the signal aborts first
 */
export async function awaitStore(
  options: OpenStoreOptions,
  { signal, sleep = sleepUnless }: AwaitOptions,
): Promise<Store> {
  let [pause, waited, told] = [FIRST_PAUSE_MS, 0, 0];
  for (;;) {
    try {
      return await openStore(options);
    } catch (error) {
      if (!isAbsence(error)) throw error;
      if (waited >= told) {
        options.log.warn(
          { err: error, waitedMs: waited },
          'the database does not answer yet: waiting for it',
        );
        told = waited + TELL_EVERY_MS;
      }
    }
    await sleep(pause, signal).catch((cause: unknown) => {
      throw new RocError('ROC_INTERRUPTED', 'stopped before the database answered', {
        hint: 'Start it again once the database is there.',
        cause,
      });
    });
    waited += pause;
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

const ABSENCES =
  /^(E(CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH|NETUNREACH|PIPE|AI_AGAIN)|PROTOCOL_(CONNECTION_LOST|SEQUENCE_TIMEOUT)|READ_ONLY_DATABASE|ER_SERVER_SHUTDOWN|ER_CON_COUNT_ERROR)$/;

function isAbsence(error: unknown): boolean {
  if (!isRocError(error) || error.code !== 'ROC_UNAVAILABLE') return false;
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === 'string' && ABSENCES.test(code);
}

function sleepUnless(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal });
}
