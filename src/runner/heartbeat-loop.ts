/** The beat that keeps leases: renews every job in hand, learns what to stop, never pauses longer than it must. */
import { SECOND } from '../kernel/time.js';
import type { ReplyOf } from '../protocol/contracts.js';
import type { JobControl } from './job-control.js';
import type { JobTable } from './job-table.js';
import type { Link } from './link.js';
import type { Session, SessionTerms } from './session.js';
import { sessionLoop } from './session-loop.js';
import type { Timing } from './timing.js';

export interface HeartbeatOptions {
  readonly link: Link;
  readonly session: Session;
  readonly jobs: JobTable;
  readonly timing: Timing;
  /** Ends the loop. */
  readonly signal: AbortSignal;
  /** Resolves when a robot reported progress that people may be watching. */
  readonly news: (unless: AbortSignal) => Promise<void>;
  readonly onAnswer: (isDraining: boolean) => void;
  readonly onFailure: (error: unknown) => void;
}

/** A beat that failed is tried again soon: the lease goes on running out. */
const RETRY = { firstMs: 250, mostMs: 5 * SECOND };
/** Progress makes beats come sooner, but no closer than this. */
const NEWS_SPACING = SECOND;
/** As many jobs as one beat may carry. */
const MOST_JOBS = 256;

/** @throws what a server says that will not have this runner any more */
export function heartbeatLoop(options: HeartbeatOptions): Promise<void> {
  return sessionLoop({ ...options, backoff: RETRY }, async (terms) => {
    await beat(terms, options);
    await pauseBetween(terms.heartbeatMs, options);
    return true;
  });
}

async function beat({ sessionEpoch, heartbeatMs }: SessionTerms, options: HeartbeatOptions): Promise<void> {
  const { link, jobs, timing, signal, onAnswer } = options;
  const sentAt = timing.mono();
  const reply = await link.call('runner.heartbeat', {
    body: { sessionEpoch, jobs: runningFirst(jobs.all()).slice(0, MOST_JOBS).map(asBeat) },
    timeoutMs: Math.min(link.timeoutMs, heartbeatMs),
    signal,
  });
  obey(reply, sentAt, jobs);
  onAnswer(reply.drain);
}

function obey(reply: ReplyOf<'runner.heartbeat'>, sentAt: number, jobs: JobTable): void {
  for (const ref of reply.renewed) jobs.find(ref)?.renewed(sentAt);
  for (const { graceMs, ...ref } of reply.cancel) jobs.find(ref)?.stop('cancel', graceMs);
  for (const ref of reply.lost) jobs.find(ref)?.stop('lost');
}

async function pauseBetween(heartbeatMs: number, { timing, signal, news }: HeartbeatOptions): Promise<void> {
  const rest = new AbortController();
  const end = () => rest.abort();
  void news(rest.signal).then(end);
  signal.addEventListener('abort', end, { once: true });
  const spacing = Math.min(NEWS_SPACING, heartbeatMs);
  await timing.sleep(spacing, signal);
  if (!signal.aborted) await timing.sleep(heartbeatMs - spacing, rest.signal);
  signal.removeEventListener('abort', end);
  end();
}

function runningFirst(jobs: readonly JobControl[]): JobControl[] {
  return [...jobs].sort((a, b) => Number(a.over.aborted) - Number(b.over.aborted));
}

function asBeat({ jobId, epoch, progress }: JobControl) {
  return { jobId, epoch, ...(progress === null ? {} : { progress }) };
}
