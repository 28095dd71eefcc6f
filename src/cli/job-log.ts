/** A job's log lines: those stored so far, or on and on until the job ends. */
import { isRocError } from '../kernel/errors.js';
import type { Client } from '../protocol/client.js';
import { followJob, type LogLine } from './follow-job.js';
import { interruptible } from './interrupt.js';
import { logLineText } from './job-text.js';
import { readPages } from './pages.js';

/** The stored lines in order, read page by page. */
export async function* storedLines(
  client: Client,
  id: string,
  attempt: number | undefined,
): AsyncGenerator<LogLine, void, undefined> {
  const request = { params: { id }, query: { attempt }, limit: Number.POSITIVE_INFINITY };
  for await (const page of readPages(client, 'jobs.logs', request)) yield* page.items;
}

/** Prints lines for people, with a heading where a new attempt begins. */
export function createLogPrinter(log: (text: string) => void): (line: LogLine) => void {
  let attempt = 1;
  return (line) => {
    if (line.attempt !== attempt) log(`--- attempt ${line.attempt} ---`);
    attempt = line.attempt;
    log(logLineText(line));
  };
}

export interface FollowLogOptions {
  readonly attempt: number | undefined;
  readonly print: (line: LogLine) => void;
  readonly warn: (text: string) => void;
}

/** Prints lines until the job ends; the first Ctrl-C, or a reader that went away, ends it cleanly. */
export async function followLog(client: Client, id: string, options: FollowLogOptions): Promise<void> {
  const { signal, dispose } = interruptible();
  let isCut = false;
  try {
    for await (const item of followJob(client, id, { signal })) {
      if (item.type === 'cut' && !isCut) options.warn('connection lost, trying again');
      isCut = item.type === 'cut';
      if (item.type !== 'log') continue;
      if (options.attempt === undefined || item.line.attempt === options.attempt) options.print(item.line);
    }
  } catch (error) {
    if (!isRocError(error) || error.code !== 'ROC_INTERRUPTED') throw error;
  } finally {
    dispose();
  }
}
