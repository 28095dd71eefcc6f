/** `roc scale watch`: looks every poll, changes at most one thing a look, and lets go of the lease when it ends. */
import { isoTime, SECOND } from '../kernel/time.js';
import type { ControllerParts } from './controller-parts.js';
import type { MonthlyCost } from './metrics/watched.js';
import { type Report, tick } from './tick.js';

export interface WatchOptions {
  readonly cost: MonthlyCost;
  /** Aborts at the first interrupt. */
  readonly signal: AbortSignal;
  /** Ends early when `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds of a clock that nobody sets. */
  readonly elapsed: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly onEvent: (event: WatchEvent) => void;
}

export interface StartEvent {
  readonly event: 'start';
  readonly at: string;
  readonly group: string;
  readonly pollSeconds: number;
  readonly controller: string;
  readonly policy: string;
  readonly policyHash: string;
  readonly cost: MonthlyCost;
}

export interface EndEvent {
  readonly event: 'end';
  readonly at: string;
  readonly says: string;
}

export type WatchEvent = StartEvent | Report | EndEvent;

/** While an instance comes to rest there is something new every few seconds. */
const BUSY_POLL = 10 * SECOND;
/** More than this between the wall's clock and the steady one, and somebody has set the clock. */
const JUMP = 30 * SECOND;

/** Resolves when `signal` has aborted and the lease is given back. Never throws for what AWS or a server does. */
export async function watch(parts: ControllerParts, options: WatchOptions): Promise<void> {
  const { signal, onEvent, random } = options;
  const poll = parts.policy.timing.poll;
  const doubtOf = clockWatch(parts.now, options.elapsed);
  onEvent({
    ...{ event: 'start', at: isoTime(parts.now()), group: parts.place.name, pollSeconds: poll / SECOND },
    ...{ controller: parts.lease.id, policy: parts.loaded.file, policyHash: parts.loaded.sha256 },
    cost: options.cost,
  });
  let fullAt = options.elapsed();
  let isBusy = false;
  while (!signal.aborted) {
    const isFull = options.elapsed() >= fullAt;
    // Two controllers that started together do not ask together for ever.
    if (isFull) fullAt = options.elapsed() + poll * (0.9 + 0.2 * random());
    const report = await tick(parts, { isFull, doubt: doubtOf() });
    onEvent(report);
    // A look that could not read the lease tells nothing of what had begun before it.
    if (report.role !== 'unknown') isBusy = report.isBusy;
    const rest = fullAt - options.elapsed();
    await options.sleep(Math.max(0, isBusy ? Math.min(rest, BUSY_POLL) : rest), signal);
  }
  onEvent({ event: 'end', at: isoTime(parts.now()), says: await leave(parts, isBusy) });
}

/** Puts back what is half done, so that nothing stays drained when nobody watches, and gives the lease away. */
async function leave(parts: ControllerParts, wasBusy: boolean): Promise<string> {
  const last = await tick(parts, { isFull: false, doubt: null, stop: 'roc scale watch is ending' });
  const isBusy = last.role === 'unknown' ? wasBusy : last.isBusy;
  const lease = await parts.lease.release().then(
    () => 'the lease is free',
    () => 'the lease could not be given back and runs out by itself',
  );
  return isBusy
    ? `ended; ${last.says}; what had begun is for the next controller, and ${lease}`
    : `ended; ${lease}`;
}

function clockWatch(now: () => number, elapsed: () => number): () => string | null {
  let [wall, steady] = [now(), elapsed()];
  return () => {
    const jump = now() - wall - (elapsed() - steady);
    [wall, steady] = [now(), elapsed()];
    return Math.abs(jump) > JUMP ? `the clock jumped by ${Math.round(jump / SECOND)} s` : null;
  };
}
