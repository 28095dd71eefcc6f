/** Jobs and their log lines as people read them. */
import { formatDuration } from '../kernel/time.js';
import type { ReplyOf } from '../protocol/contracts.js';
import type { Field } from './fields.js';
import { printableLine } from './printable.js';

type Job = ReplyOf<'jobs.start'>;
type LogLine = ReplyOf<'jobs.logs'>['items'][number];

/** `running on ada-1, 40%: reading rows`, for a live line. */
export function jobStatus(job: Job): string {
  const where = job.runner === null ? '' : ` on ${job.runner}`;
  const again = job.attempt > 1 ? `, attempt ${job.attempt} of ${job.maxAttempts}` : '';
  return `${job.state}${where}${again}${progressText(job)}`;
}

/** How long the attempt took or has taken; null before it started. */
export function jobDuration(job: Job, now: number = Date.now()): string | null {
  if (job.startedAt === null) return null;
  const end = job.finishedAt === null ? now : Date.parse(job.finishedAt);
  return formatDuration(Math.max(0, end - Date.parse(job.startedAt)));
}

/** `job 01… succeeded in 1.2s`, the line that ends a wait. */
export function jobEnding(job: Job): string {
  const took = jobDuration(job);
  const why = job.error === null ? '' : `: ${errorLine(job.error)}`;
  return `job ${job.id} ${job.state}${took === null ? '' : ` in ${took}`}${why}`;
}

function errorLine(error: NonNullable<Job['error']>): string {
  const exit = error.exitCode === null ? '' : ` (exit code ${error.exitCode})`;
  return `${error.message}${exit}`;
}

/** One line of a robot: time in UTC, the stream where it is not plain output, the text; reported progress as `>`. */
export function logLineText(line: LogLine): string {
  const time = line.at.slice(11, 19);
  const [, percent, message] = line.stream === 'stdout' ? (PROGRESS.exec(line.text) ?? []) : [];
  if (percent !== undefined)
    return `${time} > ${Number(Number(percent).toFixed(1))}% ${printableLine(message ?? '')}`.trimEnd();
  const mark = { stdout: ' ', stderr: '!', system: '*' }[line.stream];
  return `${time} ${mark} ${printableLine(line.text)}`;
}

/** How a robot reports progress, as the runner reads it. */
const PROGRESS = /^::progress\s+(\d{1,3}(?:\.\d+)?)%?(?:\s+(.*))?$/;

export function jobFields(job: Job): Field[] {
  return [
    ['job', job.id],
    ['process', `${job.project}/${job.process}`],
    ['version', `${job.robot}@${job.version}`],
    ['environment', job.environment],
    ['state', `${job.state}${progressText(job)}`],
    ['attempt', `${job.attempt} of ${job.maxAttempts}`],
    ['pool', job.pool],
    ['runner', job.runner],
    ['created', `${job.createdAt} by ${job.createdBy}`],
    ['started', job.startedAt],
    ['finished', job.finishedAt],
    ['took', jobDuration(job) ?? undefined],
    ['retry of', job.retryOf ?? undefined],
    ['error', job.error === null ? undefined : errorLine(job.error)],
    ['input', json(job.input)],
    ['output', json(job.output)],
  ];
}

function progressText({ progress }: Job): string {
  if (progress === null) return '';
  const percent = progress.percent === null ? '' : `, ${Math.round(progress.percent)}%`;
  return `${percent}${progress.message === '' ? '' : `: ${progress.message}`}`;
}

function json(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}
