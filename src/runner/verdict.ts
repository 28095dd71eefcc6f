/** What the runner does about a call that failed: one table from the server's answer to the next step. */
import { isRocError, type RocError } from '../kernel/errors.js';

/**
 * `retry`: the server or the network is not well, try again later. `session`: another session took over, open a new
 * one. `stale`: this job is no longer ours. `canceled`: it is ours still, to be reported as canceled. `refused`: the
 * same request will never be accepted. `leave`: this runner cannot go on at all.
 */
export type Verdict = 'retry' | 'session' | 'stale' | 'canceled' | 'refused' | 'leave';

/** What a call is about decides what the same status means. */
export type CallKind = 'agent' | 'job';

export function verdictOf(error: unknown, kind: CallKind): Verdict {
  if (!isRocError(error)) return 'retry';
  const status = statusOf(error);
  // Asking again brings the same damaged bytes.
  if (error.code === 'ROC_BLOB_CORRUPT') return 'refused';
  if (error.code === 'ROC_DATA_DIR_UNUSABLE' || error.code === 'ROC_PACKAGE_INVALID') return 'refused';
  if (status === null) return 'retry';
  // A proxy, a firewall or a load balancer without nodes knows nothing of runners and leases, whatever it answers.
  const isForeign = error.details?.['isRoc'] === false;
  if (isForeign) return kind === 'job' && JOB_VERDICTS[status] === 'refused' ? 'refused' : 'retry';
  if (status === 426) return 'leave';
  // A token that is refused is traded anew before this; only a refused key is final.
  if (error.details?.['identityRefused'] === true) return 'leave';
  if (kind === 'job' && error.code === 'ROC_CANCELING') return 'canceled';
  if (kind === 'job') return JOB_VERDICTS[status] ?? 'retry';
  return status === 410 ? 'session' : 'retry';
}

/** The HTTP status that an error came with, or null where no answer came at all. */
export function statusOf(error: RocError): number | null {
  const status = error.details?.['status'];
  return typeof status === 'number' ? status : null;
}

const JOB_VERDICTS: Readonly<Record<number, Verdict>> = {
  400: 'refused',
  404: 'stale',
  409: 'stale',
  410: 'stale',
  412: 'stale',
  413: 'refused',
  415: 'refused',
  422: 'refused',
};
