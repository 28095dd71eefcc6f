/** Asks a job to stop: at once where nobody works on it, else through its runner. */
import { RocError } from '../../kernel/errors.js';
import { afterCancel } from '../decide/cancel.js';
import { type JobHead, lockJob } from '../store/job-heads.js';
import { deleteReady, lockReadyOf } from '../store/job-ready.js';
import { deleteScheduled, lockScheduledOf } from '../store/job-scheduled.js';
import { getJob, type Job } from '../store/jobs.js';
import { found } from '../store/rows.js';
import type { Tx } from '../store/store.js';
import { transition } from './transition.js';

/** @throws RocError ROC_NOT_FOUND, ROC_CONFLICT when the job has ended */
export async function cancel(tx: Tx, tenantId: string, jobId: string): Promise<Job> {
  const job = await lockWhole(tx, tenantId, jobId);
  const to = afterCancel(job.state);
  if (to === 'ended') throw alreadyEnded(job);
  if (to === 'canceling') await transition(tx, [job], { to, event: 'cancel_requested' });
  if (to === 'canceled') {
    await deleteReady(tx, [jobId]);
    await deleteScheduled(tx, [jobId]);
    await transition(tx, [job], { to, event: 'finished', detail: 'canceled before it ran' });
  }
  return getJob(tx, tenantId, jobId);
}

/** Locks in the order that claims and promotions do: the waiting row first, then the job. */
export async function lockWhole(tx: Tx, tenantId: string, jobId: string): Promise<JobHead> {
  await lockReadyOf(tx, jobId);
  await lockScheduledOf(tx, jobId);
  const job = await lockJob(tx, jobId);
  return found(
    job?.tenant_id === tenantId ? job : undefined,
    `job ${jobId}`,
    'Look for it with `roc jobs list`.',
  );
}

function alreadyEnded(job: JobHead): RocError {
  return new RocError('ROC_CONFLICT', `job ${job.id} has ended: ${job.state}`, {
    hint: 'There is nothing left to cancel.',
  });
}
