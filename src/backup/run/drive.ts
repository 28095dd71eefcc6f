/** Drives a run from whatever phase its journal says to the end; every step may be done again, so a crash costs nothing. */
import { isRocError, RocError } from '../../kernel/errors.js';
import { MINUTE, SECOND } from '../../kernel/time.js';
import type { Verdict } from '../results.js';
import { createPauses, type RunContext } from './context.js';
import { isPassing } from './faults.js';
import { testIdOf } from './names.js';
import { closeSession, type SessionSlot } from './session.js';
import { isAllowed, nextStep, type RunState } from './state.js';
import { awaitReachable } from './steps/await.js';
import { runChecks } from './steps/check.js';
import { cleanUp } from './steps/clean.js';
import { judgeRun } from './steps/judge.js';
import { preflight } from './steps/preflight.js';
import { requestRestore } from './steps/restore.js';
import { publishRun, signRun } from './steps/sign.js';
import { signInToCopy } from './steps/sign-in.js';
import type { Step } from './transitions.js';

const DO: Readonly<Record<Step, (context: RunContext, slot: SessionSlot) => Promise<void>>> = {
  preflight,
  restore: requestRestore,
  await: awaitReachable,
  'sign-in': signInToCopy,
  check: runChecks,
  judge: judgeRun,
  clean: cleanUp,
  sign: signRun,
  publish: publishRun,
};

/** So long a step meets faults that pass before they are taken for lasting. */
const PATIENCE = 15 * MINUTE;
/** Clocks that part by this much have jumped. */
const JUMP = 30 * SECOND;

export interface DriveOptions {
  /** Called before each step; throws where another has taken the run over. */
  readonly renew: () => Promise<void>;
  /** Ends, without cleaning up, once this holds: `--detach`. */
  readonly until?: ((state: RunState) => boolean) | undefined;
}

/** @throws RocError ROC_RESUMABLE where credentials have expired or AWS does not answer */
export async function drive(context: RunContext, { renew, until }: DriveOptions): Promise<RunState> {
  const { journal } = context;
  const slot: SessionSlot = { current: null };
  const drift = { ms: context.wallClock() - context.now() };
  try {
    for (let step = nextStep(journal.state); step !== null; step = nextStep(journal.state)) {
      if (until?.(journal.state)) return journal.state;
      await renew();
      noteJump(context, drift);
      if (!stoppedHere(context)) await attempt(context, slot, step);
    }
    return journal.state;
  } finally {
    await closeSession(slot);
  }
}

/** The steady clock stands still while a host sleeps, and the other jumps when it is set: either bends what is measured. */
function noteJump({ journal, now, wallClock }: RunContext, drift: { ms: number }): void {
  const ms = wallClock() - now();
  const jumped = ms - drift.ms;
  if (Math.abs(jumped) < JUMP) return;
  drift.ms = ms;
  if (isAllowed(journal.state.phase, { type: 'clock-jumped', ms: jumped }))
    journal.append({ type: 'clock-jumped', ms: Math.round(jumped) });
}

/** Ctrl-C leads to judgement and cleaning, where there is anything left to stop. */
function stoppedHere({ journal, signal }: RunContext): boolean {
  if (!signal.aborted || !isAllowed(journal.state.phase, { type: 'interrupted' })) return false;
  journal.append({ type: 'interrupted' });
  return true;
}

/** Does a step until it is done: what passes by itself is waited out, credentials are read anew once. */
async function attempt(context: RunContext, slot: SessionSlot, step: Step): Promise<void> {
  const { now, signal, journal, log } = context;
  const pause = createPauses(context);
  // Ctrl-C leads to cleaning, so it does not stop it.
  const stop = isAllowed(journal.state.phase, { type: 'interrupted' })
    ? signal
    : new AbortController().signal;
  let until = now() + PATIENCE;
  let isRenewed = false;
  context.onProgress(step);
  for (;;) {
    const began = now();
    try {
      return await DO[step](context, slot);
    } catch (error) {
      if (now() - began > PATIENCE / 3) until = now() + PATIENCE;
      const mayRenew: boolean = isExpired(error) && !isRenewed;
      if (stop.aborted || now() > until || !(mayRenew || isPassing(error))) {
        settle(context, error);
        return;
      }
      if (mayRenew) context.cloud.refreshCredentials();
      isRenewed ||= mayRenew;
      log.debug({ step, error: String(error) }, 'trying again');
    }
    await pause(stop);
  }
}

/** What went wrong before the verdict becomes part of it; what goes wrong after it waits for a `resume`. */
function settle({ journal, signal }: RunContext, error: unknown): void {
  const { phase, plan } = journal.state;
  const message = error instanceof Error ? error.message : String(error);
  if (isExpired(error)) throw resumable(plan.run, message, error);
  if (signal.aborted && isAllowed(phase, { type: 'interrupted' })) return;
  // A fault of the program itself, too: a copy that nobody takes away would cost money.
  const code = isRocError(error) ? error.code : 'ROC_UNEXPECTED';
  const failed = { type: 'failed', code, message, verdict: verdictOf(error), checks: [] } as const;
  const leftovers = [testIdOf(plan.run)];
  if (isAllowed(phase, failed)) journal.append(failed);
  else if (phase === 'cleaning' && !isPassing(error))
    journal.append({ type: 'cleanup-failed', leftovers, why: message });
  else throw resumable(plan.run, message, error);
}

function isExpired(error: unknown): boolean {
  return isRocError(error) && error.code === 'ROC_CREDENTIALS_MISSING';
}

function verdictOf(error: unknown): Verdict {
  if (!isRocError(error) || error.code !== 'ROC_CHECK_FAILED') return 'inconclusive';
  return error.details?.['verdict'] === 'inconclusive' ? 'inconclusive' : 'fail';
}

function resumable(run: string, why: string, cause: unknown): RocError {
  return new RocError('ROC_RESUMABLE', `run ${run} stands still: ${why}`, {
    hint: `Mend that, then go on with \`roc backup resume ${run}\`.`,
    cause,
    details: { run },
  });
}
