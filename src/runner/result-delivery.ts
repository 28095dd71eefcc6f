/** Brings a spooled result to the server: for as long as it takes, and only for as long as it is wanted. */
import { randomUUID } from 'node:crypto';
import { isRocError } from '../kernel/errors.js';
import type { JobControl } from './job-control.js';
import { keepTrying } from './keep-trying.js';
import type { Link } from './link.js';
import { failureOf } from './outcome.js';
import { forgetResult, type SpooledResult, spoolResult } from './result-spool.js';
import type { StateDir } from './state-dir.js';
import type { Timing } from './timing.js';
import { verdictOf } from './verdict.js';

/**
 * `accepted`: the server has it. `stale`: the job is another's by now. `refused`: the server will never take it.
 * `kept`: it waits on disk for the next agent.
 */
export type Delivery = 'accepted' | 'stale' | 'refused' | 'kept';

export interface DeliveryOptions {
  readonly state: StateDir;
  readonly link: Link;
  readonly timing: Timing;
  /** Aborts when the agent leaves. */
  readonly signal: AbortSignal;
}

export async function deliverResult(
  result: SpooledResult,
  job: JobControl,
  options: DeliveryOptions,
): Promise<Delivery> {
  const delivery = await send(result, job, options);
  if (delivery !== 'kept') await forgetResult(options.state, result);
  return delivery;
}

async function send(result: SpooledResult, job: JobControl, options: DeliveryOptions): Promise<Delivery> {
  const { link, timing, signal } = options;
  const body = { epoch: result.epoch, resultId: result.resultId, ...result.completion };
  const attempt = async () => {
    // The heartbeat learned it first: nobody waits for this result any more.
    if (job.reason === 'lost') return 'stale' as const;
    await link.call('runner.complete', { params: { id: result.jobId }, body, signal });
    return 'accepted' as const;
  };
  try {
    return await keepTrying(attempt, { kind: 'job', timing, signal });
  } catch (error) {
    if (signal.aborted) return 'kept';
    switch (verdictOf(error, 'job')) {
      case 'stale':
        return 'stale';
      case 'refused':
        return sendRefusal(result, error, job, options);
      default:
        return 'kept';
    }
  }
}

// The server will never take this result, whatever is wrong with it; that the attempt ended it must still learn.
async function sendRefusal(
  result: SpooledResult,
  error: unknown,
  job: JobControl,
  options: DeliveryOptions,
): Promise<Delivery> {
  if (result.completion.error?.kind === 'runner') return 'refused';
  const why = isRocError(error) ? error.message : 'it is not valid';
  const refused = {
    ...result,
    resultId: randomUUID(),
    completion: failureOf('runner', `the server did not take the result: ${why}`),
  };
  spoolResult(options.state, refused);
  return send(refused, job, options);
}
