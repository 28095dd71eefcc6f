/** Asks for work for as many slots as are free, holds the question open, and never asks in a hot loop. */
import { SECOND } from '../kernel/time.js';
import type { ReplyOf } from '../protocol/contracts.js';
import { backoffMs, DEFAULT_BACKOFF } from './backoff.js';
import type { JobTable } from './job-table.js';
import { pollWaitMs } from './lease.js';
import type { Link } from './link.js';
import type { JobOffer } from './package-cache.js';
import type { Session, SessionTerms } from './session.js';
import { sessionLoop } from './session-loop.js';
import type { Timing } from './timing.js';

export interface PollOptions {
  readonly link: Link;
  readonly session: Session;
  readonly jobs: JobTable;
  readonly timing: Timing;
  readonly slots: number;
  /** Ends the loop: no new jobs are wanted. */
  readonly signal: AbortSignal;
  /** Why this host can do no work at present, or null. */
  readonly obstacle: () => string | null;
  /** Takes an offer in hand. @param sentAt when the poll was sent that brought it */
  readonly accept: (offer: JobOffer, sentAt: number) => void;
  /** After each answer. @returns whether to go on */
  readonly onAnswer: (reply: ReplyOf<'runner.poll'>) => boolean;
  readonly onFailure: (error: unknown) => void;
}

/** An answer without jobs that comes sooner than asked is followed by a pause that grows. */
const EARLY_PAUSE = { firstMs: 100, mostMs: 5 * SECOND };

/** How soon a host that can do no work is looked at again. */
const HINDERED_PAUSE = { firstMs: SECOND, mostMs: 15 * SECOND };

/** Returns when the signal aborts or `onAnswer` says so. @throws what a server says that will not have this runner */
export async function pollLoop(options: PollOptions): Promise<void> {
  const { jobs, timing, slots, signal, onAnswer } = options;
  let early = 0;
  let hindered = 0;
  await sessionLoop({ ...options, backoff: DEFAULT_BACKOFF }, async (terms) => {
    const freeSlots = slots - jobs.running();
    if (freeSlots <= 0) {
      await jobs.changed();
      return true;
    }
    hindered = options.obstacle() === null ? 0 : hindered + 1;
    if (hindered > 0) {
      await timing.sleep(backoffMs(hindered, timing.random(), HINDERED_PAUSE), signal);
      return true;
    }
    const { reply, wasEarly } = await poll(terms, freeSlots, options);
    if (!onAnswer(reply)) return false;
    early = wasEarly ? early + 1 : 0;
    if (reply.drain) await timing.sleep(terms.heartbeatMs, signal);
    else if (early > 0) await timing.sleep(backoffMs(early, timing.random(), EARLY_PAUSE), signal);
    return true;
  });
}

async function poll({ sessionEpoch, leaseMs }: SessionTerms, freeSlots: number, options: PollOptions) {
  const { link, timing, signal, obstacle, accept } = options;
  const waitMs = pollWaitMs(leaseMs);
  const sentAt = timing.mono();
  const reply = await link.call('runner.poll', {
    body: { sessionEpoch, freeSlots, waitMs },
    timeoutMs: waitMs + link.timeoutMs,
    signal,
  });
  // What is more than was asked for, or can no longer be done, is left to the server, which gives it to another soon.
  const most = reply.jobs.length > 0 && obstacle() !== null ? 0 : freeSlots;
  for (const offer of reply.jobs.slice(0, most)) accept(offer, sentAt);
  const wasEarly = reply.jobs.length === 0 && timing.mono() - sentAt < Math.max(waitMs * 0.9, SECOND / 10);
  return { reply, wasEarly };
}
