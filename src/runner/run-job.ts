/** One job on this runner: its attempt, its log on the way, its result on disk and then at the server. */
import { randomUUID } from 'node:crypto';
import { runAttempt } from './attempt.js';
import type { JobOutcome } from './events.js';
import type { JobContext } from './job-context.js';
import type { JobControl } from './job-control.js';
import { type JobLog, openJobLog } from './job-log.js';
import { uploadLog } from './log-upload.js';
import { type Completion, failureOf } from './outcome.js';
import type { JobOffer } from './package-cache.js';
import { type Delivery, deliverResult } from './result-delivery.js';
import { logPath, type SpooledResult, spoolResult } from './result-spool.js';
import type { Timing } from './timing.js';

/**
 * Runs it; what fails becomes the job's failure, never the agent's.
 * @param onOver called when the robot is gone and its slot is free
 * @returns what became of the result, once the server has it, or wants none, or the agent leaves; null without one
 */
export async function runJob(
  offer: JobOffer,
  job: JobControl,
  context: JobContext,
  onOver: (outcome: JobOutcome) => void,
): Promise<Delivery | null> {
  const { timing, emit } = context;
  const startedAt = timing.mono();
  const log = tryOpenLog(job, context);
  const upload = startUpload(log, job, context);
  void watchFence(job, timing);
  const completion =
    log === null
      ? failureOf('runner', 'the runner cannot write to its state folder')
      : await runAttempt({ offer, job, log, context });
  log?.finish();
  const outcome = completion?.outcome ?? silentOutcome(job);
  const message = completion?.error?.message ?? null;
  const durationMs = Math.round(timing.mono() - startedAt);
  const { jobId, attempt, process } = offer;
  emit({ event: 'job-ended', jobId, attempt, process, outcome, message, durationMs });
  onOver(outcome);
  return report(completion === null ? null : trySpool(job, completion, context), job, log, upload, context);
}

/** A result that an agent before this one left: its log again from the start, then itself. */
export async function resumeResult(
  result: SpooledResult,
  job: JobControl,
  context: JobContext,
): Promise<Delivery | null> {
  const log = tryOpenLog(job, context);
  log?.finish();
  const delivery = await report(result, job, log, startUpload(log, job, context), context);
  const { outcome } = result.completion;
  if (delivery === 'accepted') context.emit({ event: 'result-delivered', jobId: job.jobId, outcome });
  return delivery;
}

async function report(
  result: SpooledResult | null,
  job: JobControl,
  log: JobLog | null,
  upload: Promise<void>,
  context: JobContext,
): Promise<Delivery | null> {
  const { state, link, timing, leaving, emit } = context;
  if (log !== null && log.dropped > 0)
    emit({
      event: 'warning',
      message: `${log.dropped} lines of job ${job.jobId} were lost: the disk took no more`,
    });
  if (result === null) {
    log?.close(false);
    await upload;
    return null;
  }
  await upload;
  const delivery = await deliverResult(result, job, { state, link, timing, signal: leaving });
  log?.close(delivery === 'kept');
  const message = DROPPED[delivery];
  if (message !== undefined) emit({ event: 'result-dropped', jobId: job.jobId, message });
  return delivery;
}

const DROPPED: Partial<Record<Delivery, string>> = {
  stale: 'the job is no longer this runner’s',
  refused: 'the server will not take it',
};

function startUpload(log: JobLog | null, job: JobControl, context: JobContext): Promise<void> {
  if (log === null) return Promise.resolve();
  const { link, timing, leaving, emit } = context;
  const warn = (message: string) => emit({ event: 'warning', message });
  return uploadLog({ log, job, link, timing, signal: leaving, warn }).catch(() => {
    log.close(false);
    warn(`the log of job ${job.jobId} cannot be read back; the rest of it is lost`);
  });
}

/** Ends the robot while the lease still lasts, unless it is renewed before. */
async function watchFence(job: JobControl, timing: Timing): Promise<void> {
  while (!job.over.aborted) {
    const left = job.fencedAt - timing.mono();
    if (left <= 0) return job.stop('fenced');
    await timing.sleep(left, job.over);
  }
}

// A disk that takes no result must not keep the server from getting it: only a crash would lose it now.
function trySpool(job: JobControl, completion: Completion, { state, emit }: JobContext): SpooledResult {
  const result = { jobId: job.jobId, epoch: job.epoch, resultId: randomUUID(), completion };
  try {
    spoolResult(state, result);
  } catch {
    emit({ event: 'warning', message: `the result of job ${job.jobId} could not be kept on disk` });
  }
  return result;
}

function tryOpenLog(job: JobControl, { state }: JobContext): JobLog | null {
  try {
    return openJobLog(logPath(state, job));
  } catch {
    return null;
  }
}

function silentOutcome({ reason }: JobControl): JobOutcome {
  return reason === 'fenced' || reason === 'shutdown' ? reason : 'lost';
}
