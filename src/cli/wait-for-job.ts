/** `--wait`: shows a job's log and progress until it ended; Ctrl-C stops the waiting, not the job. */
import { isRocError, RocError } from '../kernel/errors.js';
import type { Client } from '../protocol/client.js';
import { isTerminal } from '../protocol/job-states.js';
import { followJob, type Job } from './follow-job.js';
import { interruptible } from './interrupt.js';
import { jobEnding, jobStatus, logLineText } from './job-text.js';
import { startProgress } from './progress.js';

/**
 * Waits for the end of a job and returns it as the server then shows it.
 * @throws RocError ROC_INTERRUPTED (exit 130) after Ctrl-C, with how to take up again
 */
export async function waitForJob(client: Client, started: Job, options: { quiet: boolean }): Promise<Job> {
  const { signal, dispose } = interruptible();
  const progress = startProgress(`job ${started.id} ${jobStatus(started)}`, options);
  progress.line(`job ${started.id} ${jobStatus(started)}`);
  let last = started;
  try {
    for await (const news of followJob(client, started.id, { signal })) {
      if (news.type === 'log') progress.line(logLineText(news.line));
      if (news.type === 'cut') progress.update(`job ${started.id}: connection lost, trying again`);
      if (news.type !== 'state') continue;
      progress.update(`job ${started.id} ${jobStatus(news.job)}`);
      // How it ended is said below, with how long it took; leased is a matter of milliseconds.
      if (news.job.state !== last.state && isWorthALine(news.job.state))
        progress.line(`job ${started.id} ${jobStatus(news.job)}`);
      if (news.job.state === 'held' && last.state !== 'held') progress.line(heldNote(started.id));
      last = news.job;
    }
    // Taken up again after a cut, the stream may end without telling the last state once more.
    const job = isTerminal(last.state)
      ? last
      : await client.call('jobs.show', { params: { id: started.id }, signal });
    progress.done(jobEnding(job));
    return job;
  } catch (error) {
    progress.done(`job ${started.id}: no longer waiting`);
    throw isRocError(error) && error.code === 'ROC_INTERRUPTED' ? detached(started.id) : error;
  } finally {
    dispose();
  }
}

function heldNote(id: string): string {
  return `it waits for a person: \`roc jobs show ${id}\` says why, then \`roc jobs retry\` or \`roc jobs cancel\``;
}

function isWorthALine(state: Job['state']): boolean {
  return !isTerminal(state) && state !== 'leased';
}

function detached(id: string): RocError {
  return new RocError('ROC_INTERRUPTED', `stopped waiting; job ${id} goes on`, {
    hint: `Follow it with \`roc jobs logs ${id} -f\`, stop it with \`roc jobs cancel ${id}\`.`,
  });
}

/** The finished job as `--wait --json` prints it (DESIGN §5). */
export function finishedJob(job: Job) {
  const { id, process, version, state, attempt, output, error, startedAt, finishedAt } = job;
  return { id, process, version, state, attempt, output: output ?? null, error, startedAt, finishedAt };
}
