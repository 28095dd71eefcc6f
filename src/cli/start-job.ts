/** Starts a job, and says how to start it at most once where the answer got lost. */
import { isRocError, RocError } from '../kernel/errors.js';
import type { Client } from '../protocol/client.js';
import type { BodyOf } from '../protocol/contracts.js';
import type { Job } from './follow-job.js';

/** @throws RocError with the key in its hint where nobody knows whether the job started */
export async function startJob(client: Client, body: BodyOf<'jobs.start'>, key: string): Promise<Job> {
  try {
    return await client.call('jobs.start', { body, idempotencyKey: key });
  } catch (error) {
    if (!isRocError(error) || !['ROC_UNREACHABLE', 'ROC_TIMEOUT'].includes(error.code)) throw error;
    throw new RocError(error.code, error.message, {
      hint: `${error.hint ?? ''} The job may have started: the same command with --key ${key} starts it once.`,
      cause: error,
    });
  }
}
