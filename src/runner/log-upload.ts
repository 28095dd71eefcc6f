/** Sends an attempt's log while it grows: one request at a time, each with all that gathered meanwhile. */
import type { JobControl } from './job-control.js';
import type { JobLog, LogLine } from './job-log.js';
import { keepTrying } from './keep-trying.js';
import type { Link } from './link.js';
import type { Timing } from './timing.js';
import { verdictOf } from './verdict.js';

export interface LogUploadOptions {
  readonly log: JobLog;
  readonly job: JobControl;
  readonly link: Link;
  readonly timing: Timing;
  /** Ends the upload where it stands: the agent is leaving. */
  readonly signal: AbortSignal;
  readonly warn: (message: string) => void;
}

/** Lines that come within this time of the last request go together; live enough for a person who watches. */
const GATHER_MS = 150;

/** Resolves when the log is finished and sent, when the job is no longer ours, or when the signal aborts. */
export async function uploadLog(options: LogUploadOptions): Promise<void> {
  const { log, job, timing, signal } = options;
  while (!signal.aborted && !job.killing.aborted) {
    const lines = log.next();
    if (lines.length === 0) {
      if (log.finished.aborted) return;
      await log.changed();
      continue;
    }
    if (!(await sendLines(lines, options))) {
      // What will never be sent must not hold the robot back. An agent that leaves keeps it for the next one.
      if (!signal.aborted) log.close(false);
      return;
    }
    log.taken();
    if (!log.isBehind) await timing.sleep(GATHER_MS, log.finished);
  }
}

/** False where nothing more can be sent. */
async function sendLines(lines: readonly LogLine[], options: LogUploadOptions): Promise<boolean> {
  const { job, link, timing, signal, warn } = options;
  const post = async (batch: readonly LogLine[]) => {
    const body = { epoch: job.epoch, lines: [...batch] };
    const send = () => link.call('runner.logs', { params: { id: job.jobId }, body, signal });
    return (await keepTrying(send, { kind: 'job', timing, signal })).nextSeq;
  };
  try {
    const nextSeq = await post(lines).catch((error: unknown) => {
      if (verdictOf(error, 'job') !== 'refused') throw error;
      // The server takes no gaps in the numbers: the lines that it will not have are told by their place.
      warn(`the server refused ${lines.length} log lines of job ${job.jobId}`);
      return post(lines.map(withoutText));
    });
    if (nextSeq > (lines.at(-1)?.seq ?? 0)) return true;
    warn(`the server lost log lines of job ${job.jobId}; the rest of its log is not sent`);
  } catch (error) {
    if (!signal.aborted && verdictOf(error, 'job') !== 'refused') job.stop('lost');
  }
  return false;
}

function withoutText({ seq, at }: LogLine): LogLine {
  return { seq, at, stream: 'system', text: 'a line that the server refused' };
}
