/** /healthz: this process answers. /readyz: what it stands on answers too. */
import { isRocError, RocError } from '../../kernel/errors.js';
import { SECOND } from '../../kernel/time.js';

/** One thing the server stands on; rejects while it cannot be used. */
export type ReadinessCheck = () => Promise<void>;
export type ReadinessChecks = Readonly<Record<'database' | 'blobs' | 'keys', ReadinessCheck>>;

export interface Readiness {
  readonly verdict: 'ready' | 'not-ready';
  readonly checks: Readonly<Record<string, { verdict: 'pass' | 'fail'; message?: string }>>;
}

const CHECK_WITHIN_MS = 5 * SECOND;

/** Asks all checks at once; one that hangs has failed. */
export async function readiness(checks: ReadinessChecks): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        await within(check(), CHECK_WITHIN_MS);
        return [name, { verdict: 'pass' }] as const;
      } catch (error) {
        // An own message is written to be read; another one may carry addresses or SQL.
        const message = isRocError(error) ? error.message : 'it does not work';
        return [name, { verdict: 'fail', message }] as const;
      }
    }),
  );
  const isReady = results.every(([, { verdict }]) => verdict === 'pass');
  return { verdict: isReady ? 'ready' : 'not-ready', checks: Object.fromEntries(results) };
}

async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const error = new RocError('ROC_TIMEOUT', `no answer within ${ms / SECOND} s`);
    timer = setTimeout(() => reject(error), ms);
  });
  await Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
}
