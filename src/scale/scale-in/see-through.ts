/** One scale-in looked at until it is over, for a command after which nobody may come. */
import { isRocError, RocError } from '../../kernel/errors.js';
import { MINUTE, SECOND } from '../../kernel/time.js';
import type { ControllerParts } from '../controller-parts.js';
import { faultWords } from '../fault-words.js';
import type { LeaseRecord, ScaleIn } from '../lease/record.js';
import { WRITE_LIMIT } from '../lease/write-limit.js';
import { type CarriedOn, carryOn } from './carry-on.js';
import { leftBehind, wayBack } from './left-behind.js';
import { type Agreed, reconsider } from './reconsider.js';

export interface SeeThroughOptions {
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onProgress: (says: string) => void;
}

/** A scale-in that this controller has in its lease. */
export interface Begun {
  readonly record: LeaseRecord;
  readonly operation: ScaleIn;
  /** When demand was last looked at; null where another run began it. */
  readonly askedAt: number | null;
}

/** Between two looks at an instance that comes to rest. */
const LOOK = 5 * SECOND;
/** What fails is tried again for so long, and no longer than the lease is surely ours. */
const PATIENCE = 2 * MINUTE;

/**
 * Goes on every few seconds. Demand is looked at again at each poll, as `watch` does; where it has come back, where
 * the switch is off, or where `signal` aborts, it is undone.
 * @throws RocError ROC_RESUMABLE where it could neither be ended nor undone, ROC_STALE_LEASE where another took over
 */
export async function seeThrough(
  parts: ControllerParts,
  options: SeeThroughOptions,
  begun: Begun,
  agreed: Agreed,
): Promise<CarriedOn> {
  let at = begun;
  // Once there is a reason it stays one, also where the undo has to be tried again.
  let stop: string | null = null;
  const stopOf = async ({ after, step }: ScaleIn): Promise<string | null> => {
    if (options.signal.aborted) return 'roc scale apply was interrupted';
    const isDue = at.askedAt === null || parts.now() - at.askedAt >= parts.policy.timing.poll;
    if (step === 'undoing' || !isDue) return null;
    at = { ...at, askedAt: parts.now() };
    return (await reconsider(parts, agreed, after)).stop;
  };
  const look = async (): Promise<CarriedOn> => {
    const record = await stillOurs(parts, at.operation);
    if (record.operation === null) return overAlready(parts, record, at.operation);
    at = { ...at, record, operation: record.operation };
    stop ??= await stopOf(at.operation);
    return carryOn(parts, record, at.operation, stop ?? undefined);
  };
  for (;;) {
    const went = await patiently(parts, options, look).catch((error: unknown) => giveUp(parts, at, error));
    options.onProgress(went.progress.says);
    const { record } = went;
    if (record.operation === null) return went;
    at = { ...at, record, operation: record.operation };
    await options.sleep(LOOK, options.signal);
  }
}

/** What a network or a service of a bad minute does is tried again; what nobody may is not. */
async function patiently<T>(
  parts: ControllerParts,
  { sleep, signal, onProgress }: SeeThroughOptions,
  look: () => Promise<T>,
): Promise<T> {
  const until = parts.now() + PATIENCE;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      const hasTime = parts.now() < until && parts.lease.remaining() >= WRITE_LIMIT + LOOK;
      if (!hasTime || isFinal(error)) throw error;
      onProgress(`${faultWords(error)}; tried again`);
      await sleep(LOOK, signal.aborted ? new AbortController().signal : signal);
    }
  }
}

function isFinal(error: unknown): boolean {
  return isRocError(error) && (error.exitCode === 2 || error.exitCode === 4);
}

async function stillOurs({ lease }: ControllerParts, { instanceId }: ScaleIn): Promise<LeaseRecord> {
  const standing = await lease.refresh();
  if (standing.role === 'holder') return standing.record;
  if (standing.role === 'observer') throw new RocError('ROC_REFUSED', standing.why);
  throw new RocError('ROC_STALE_LEASE', `the lease was lost: ${standing.holder} holds it and acts now`, {
    hint: `It ends or undoes the scale-in of ${instanceId}; nothing is to be done.`,
  });
}

/** The answer to the last write of the lease was lost, not the write. */
async function overAlready(
  { fleet }: ControllerParts,
  record: LeaseRecord,
  operation: ScaleIn,
): Promise<CarriedOn> {
  const isDone = (await fleet.group()).desired <= operation.after;
  const says = isDone ? `${operation.instanceId} ends` : `${operation.instanceId} stays`;
  return { record, progress: { operation, state: isDone ? 'done' : 'undone', says } };
}

/** The last thing to try: all of it back. */
async function giveUp(parts: ControllerParts, at: Begun, error: unknown): Promise<CarriedOn> {
  if (isRocError(error) && error.code === 'ROC_STALE_LEASE') throw error;
  // A look may have gone several steps before it failed.
  const record = (await parts.lease.look().catch(() => null)) ?? at.record;
  const operation = record.operation ?? at.operation;
  try {
    parts.lease.guard(WRITE_LIMIT);
    return await carryOn(parts, record, operation, `a step could not be taken: ${faultWords(error)}`);
  } catch (second) {
    parts.log.debug({ err: second }, 'the undo failed too');
    throw new RocError('ROC_RESUMABLE', `${faultWords(error)}; ${leftBehind(operation)}`, {
      ...{ hint: wayBack(operation), cause: error },
      details: { instanceId: operation.instanceId, group: operation.group },
    });
  }
}
