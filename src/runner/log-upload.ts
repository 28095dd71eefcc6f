/** Sends an attempt's log while it grows: one request at a time, each with all that gathered meanwhile. */
import type { JobControl } from './job-control.js';
import type { JobLog } from './job-log.js';
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
  /** The server will never take these lines; they are left out. */
  readonly onRefused: (lines: number) => void;
}

/** Lines that come within this time of the last request go together; live enough for a person who watches. */
const GATHER_MS = 150;

/** Resolves when the log is finished and sent, when the job is no longer ours, or when the signal aborts. */
export async function uploadLog({
  log,
  job,
  link,
  timing,
  signal,
  onRefused,
}: LogUploadOptions): Promise<void> {
  while (!signal.aborted && !job.killing.aborted) {
    const lines = log.next();
    if (lines.length === 0) {
      if (log.finished.aborted) return;
      await log.changed();
      continue;
    }
    const body = { epoch: job.epoch, lines: [...lines] };
    const send = () => link.call('runner.logs', { params: { id: job.jobId }, body, signal });
    try {
      await keepTrying(send, { kind: 'job', timing, signal });
    } catch (error) {
      if (signal.aborted) return;
      const verdict = verdictOf(error, 'job');
      if (verdict !== 'refused') {
        job.stop('lost');
        return;
      }
      // The same lines would be refused for ever, and all behind them would wait for ever.
      onRefused(lines.length);
    }
    log.taken();
    await timing.sleep(GATHER_MS, log.finished);
  }
}
