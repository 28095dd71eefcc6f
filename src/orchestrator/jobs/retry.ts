/** Runs a job again: a held one goes on, an ended one is started anew as another job. */
import { RocError } from '../../kernel/errors.js';
import { isTerminal } from '../../protocol/job-states.js';
import { insertReady } from '../store/job-ready.js';
import { getJob, type Job } from '../store/jobs.js';
import type { Tx } from '../store/store.js';
import { lockWhole } from './cancel.js';
import { type CheckInput, enqueue } from './enqueue.js';
import { transition } from './transition.js';

export interface RetryArgs {
  readonly tenantId: string;
  readonly jobId: string;
  readonly createdBy: string;
  readonly checkInput: CheckInput;
}

/**
 * A held job keeps its version and its attempts. A new job takes what is deployed now: who retries after a bad
 * release has been rolled back does not want that release again.
 * @throws RocError ROC_NOT_FOUND, ROC_CONFLICT while the job is at work or waits, and what enqueue throws
 */
export async function retry(tx: Tx, args: RetryArgs): Promise<Job> {
  const head = await lockWhole(tx, args.tenantId, args.jobId);
  if (head.state === 'held') {
    const change = { to: 'queued', event: 'retried', detail: args.createdBy } as const;
    const set = { error: null, run_at: await tx.now() };
    await insertReady(tx, await transition(tx, [head], { ...change, set }));
    return getJob(tx, args.tenantId, args.jobId);
  }
  if (!isTerminal(head.state)) {
    throw new RocError(
      'ROC_CONFLICT',
      `job ${args.jobId} is ${head.state}; only an ended or held job is run again`,
      {
        hint: 'Wait for its end, or cancel it first.',
      },
    );
  }
  const { project, process, environment, input, priority } = await getJob(tx, args.tenantId, args.jobId);
  return enqueue(tx, { ...args, project, process, environment, input, priority, retryOf: args.jobId });
}
