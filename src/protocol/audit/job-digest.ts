/** What stands in the audit chain for the whole history of one job. */
import { canonicalSha256 } from '../../kernel/canonical-json.js';

/** An event of a job as it is stored; times are epoch milliseconds. */
export interface DigestedJobEvent {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly attempt: number;
  readonly epoch: number;
  readonly state: string;
  readonly detail: string | null;
  readonly at: number;
}

/** SHA-256 over the canonical JSON of a job's events, oldest first, lower-case hex. */
export function digestOfJob(jobId: string, events: readonly DigestedJobEvent[]): string {
  return canonicalSha256({ job: jobId, events });
}
