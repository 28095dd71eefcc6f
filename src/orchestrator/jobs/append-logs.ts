/** Stores the log lines of a lease: each once, without gaps, up to what a job may write. */
import { acceptLines, LOG_LIMITS, type LogLimits, type LogLine } from '../decide/log-lines.js';
import { type LeaseClaim, lockLease, updateLease } from '../store/job-leases.js';
import { insertLogLines } from '../store/job-logs.js';
import type { Store } from '../store/store.js';

/**
 * @returns the number that the next batch begins with; lower than the batch's end where lines were missing
 * @throws RocError ROC_STALE_LEASE
 */
export function appendLogs(
  store: Store,
  claim: LeaseClaim,
  lines: readonly LogLine[],
  limits: LogLimits = LOG_LIMITS,
): Promise<{ nextSeq: number }> {
  return store.transaction(async (tx) => {
    const lease = await lockLease(tx, claim);
    const before = { nextSeq: lease.next_log_seq, lines: lease.log_lines, bytes: lease.log_bytes };
    const { store: kept, state } = acceptLines(before, lines, limits);
    if (state.nextSeq === before.nextSeq) return { nextSeq: state.nextSeq };
    await insertLogLines(tx, claim.jobId, lease.attempt, kept);
    await updateLease(tx, lease, {
      next_log_seq: state.nextSeq,
      log_lines: state.lines,
      log_bytes: state.bytes,
    });
    return { nextSeq: state.nextSeq };
  });
}
