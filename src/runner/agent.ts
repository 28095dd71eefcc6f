/** The agent: polls, beats and runs jobs until it is told to stop, then ends in good order. */
import { setMaxListeners } from 'node:events';
import { isRocError, RocError } from '../kernel/errors.js';
import { SECOND } from '../kernel/time.js';
import type { JobOutcome } from './events.js';
import { heartbeatLoop } from './heartbeat-loop.js';
import type { JobContext } from './job-context.js';
import { pollLoop } from './poll-loop.js';
import { createReachability, type Reachability } from './reachability.js';
import { spooledResults } from './result-spool.js';
import { createSession, type Session } from './session.js';
import { obstacleIn } from './state-dir.js';
import { statusOf } from './verdict.js';
import { createWakeUp, type WakeUp } from './wake-up.js';
import { openWorkshop, type Workshop } from './workshop.js';

export interface AgentOptions {
  readonly context: Omit<JobContext, 'leaving' | 'onProgress'>;
  /** Takes one job, then ends. */
  readonly once: boolean;
  /** How long robots may go on after the first interrupt. */
  readonly drainTimeoutMs: number;
  /** The first interrupt. */
  readonly signal: AbortSignal;
}

export interface AgentEnd {
  readonly jobs: number;
  readonly lastOutcome: JobOutcome | null;
}

const SHUTDOWN_GRACE = 5 * SECOND;
const FAREWELL_TIMEOUT = 3 * SECOND;

/** @throws RocError where the server will not have this runner, or wants a newer one */
export async function runAgent(options: AgentOptions): Promise<AgentEnd> {
  const agent = assemble(options);
  const { shop, session, context } = agent;
  let fatal: unknown = null;
  const fail = (error: unknown) => {
    fatal ??= error;
    giveUp(agent);
  };
  const forget = drainOnInterrupt(agent, options);
  await adoptResults(agent);
  const beats = beat(agent).catch(fail);
  await takeJobs(agent, options.once).catch(fail);
  await finishJobs(agent, Math.min(SHUTDOWN_GRACE, options.drainTimeoutMs));
  agent.quitting.abort();
  forget();
  await beats;
  // Leaving would end the lease of a result that the next agent is to deliver.
  if (fatal === null && shop.tally().kept === 0) await session.leave(FAREWELL_TIMEOUT);
  context.emit({ event: 'stopped' });
  if (fatal !== null) throw asFarewell(fatal);
  const { jobs, lastOutcome } = shop.tally();
  return { jobs, lastOutcome };
}

interface Agent {
  readonly context: JobContext;
  readonly shop: Workshop;
  readonly session: Session;
  readonly reach: Reachability;
  readonly news: WakeUp;
  /** No new jobs. */
  readonly draining: AbortController;
  /** No more time for robots. */
  readonly late: AbortController;
  /** No more time for results: what is not delivered stays on disk. */
  readonly leaving: AbortController;
  /** No more heartbeats. */
  readonly quitting: AbortController;
}

function assemble({ context: shared }: AgentOptions): Agent {
  const news = createWakeUp();
  const quitting = new AbortController();
  const leaving = new AbortController();
  const context = { ...shared, leaving: leaving.signal, onProgress: news.ring };
  const shop = openWorkshop(context);
  const reach = createReachability(shared.emit);
  const { link, facts, timing } = shared;
  const { jobs } = shop;
  const session = createSession({
    link,
    facts,
    jobs,
    timing,
    signal: quitting.signal,
    onFailure: reach.failed,
  });
  const [draining, late] = [new AbortController(), new AbortController()];
  // Each job listens to them while it runs; Node takes more than ten listeners for a leak.
  setMaxListeners(0, quitting.signal, leaving.signal, draining.signal);
  return { context, shop, session, reach, news, draining, late, leaving, quitting };
}

/** @returns how to take the listener away */
function drainOnInterrupt(
  { shop, context, draining, late, quitting }: Agent,
  options: AgentOptions,
): () => void {
  const { signal, drainTimeoutMs } = options;
  const onInterrupt = () => {
    draining.abort();
    context.emit({ event: 'draining', running: shop.jobs.running(), by: 'signal' });
    shop.jobs.freed();
    void context.timing.sleep(drainTimeoutMs, quitting.signal).then(() => {
      late.abort();
      shop.jobs.freed();
    });
  };
  if (signal.aborted) onInterrupt();
  else signal.addEventListener('abort', onInterrupt, { once: true });
  return () => signal.removeEventListener('abort', onInterrupt);
}

async function adoptResults({ shop, session, context }: Agent): Promise<void> {
  const results = await spooledResults(context.state);
  if (results.length === 0) return;
  context.emit({ event: 'results-found', results: results.length });
  // All of them must be in hand before the session is opened with what is in hand.
  const asked = Promise.resolve()
    .then(session.terms)
    .catch(() => undefined);
  for (const result of results) shop.adopt(result, asked);
}

function beat({ context, shop, session, reach, news, quitting }: Agent): Promise<void> {
  return heartbeatLoop({
    link: context.link,
    session,
    jobs: shop.jobs,
    timing: context.timing,
    signal: quitting.signal,
    news: news.next,
    onAnswer: (isDraining) => reach.answered(isDraining, shop.jobs.running()),
    onFailure: reach.failed,
  });
}

function takeJobs({ context, shop, session, reach, draining }: Agent, once: boolean): Promise<void> {
  const { link, facts, timing, identity, emit } = context;
  const { name, pool, url } = identity;
  void session.terms().then(
    () => emit({ event: 'waiting', name, pool, slots: facts.slots, url }),
    () => undefined,
  );
  return pollLoop({
    link,
    session,
    jobs: shop.jobs,
    timing,
    slots: once ? 1 : facts.slots,
    signal: draining.signal,
    obstacle: watchObstacle(context),
    accept: shop.accept,
    onAnswer: ({ drain }) => {
      reach.answered(drain, shop.jobs.running());
      return !once || (shop.tally().jobs === 0 && !drain);
    },
    onFailure: reach.failed,
  });
}

/** Told when it comes and when it is gone, not each time that it is looked for. */
function watchObstacle({ state, emit }: JobContext): () => string | null {
  let known: string | null = null;
  return () => {
    const now = obstacleIn(state);
    if (now !== null && known === null) emit({ event: 'warning', message: `takes no jobs: ${now}` });
    if (now === null && known !== null) emit({ event: 'warning', message: 'takes jobs again' });
    known = now;
    return now;
  };
}

/** Robots end by themselves, or when there is no more time are ended; then results have as long as robots had. */
async function finishJobs(agent: Agent, graceMs: number): Promise<void> {
  const { shop, session, draining, late, leaving } = agent;
  const { jobs } = shop;
  if (draining.signal.aborted && jobs.running() > 0) await session.drain(FAREWELL_TIMEOUT);
  while (jobs.all().length > 0 && !late.signal.aborted) await jobs.changed();
  for (const job of jobs.all()) if (!job.over.aborted) job.stop('shutdown', graceMs);
  while (jobs.running() > 0) await jobs.changed();
  leaving.abort();
  await shop.settled();
}

/** The server will not hear of this runner: nothing it runs can be its own any more. */
function giveUp({ shop, draining, late, leaving }: Agent): void {
  draining.abort();
  late.abort();
  leaving.abort();
  for (const job of shop.jobs.all()) job.stop('lost');
  shop.jobs.freed();
}

function asFarewell(error: unknown): unknown {
  if (!isRocError(error) || statusOf(error) !== 426) return error;
  return new RocError('ROC_REFUSED', `the server wants a newer runner: ${error.message}`, {
    hint: error.hint || 'Install the server’s version of roc on this host and start the runner again.',
    cause: error,
  });
}
