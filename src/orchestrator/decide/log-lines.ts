/** Which of the log lines that a runner sends are stored: in order, once, and no more than a job may write. */

export interface LogLine {
  readonly seq: number;
  readonly at: number;
  readonly stream: 'stdout' | 'stderr' | 'system';
  readonly text: string;
}

export interface LogState {
  /** The next number expected of this attempt. */
  readonly nextSeq: number;
  /** Stored so far for the job, all attempts together. */
  readonly lines: number;
  readonly bytes: number;
}

export interface LogLimits {
  readonly lines: number;
  readonly bytes: number;
}

export const LOG_LIMITS: LogLimits = { lines: 100_000, bytes: 64 * 1024 * 1024 };

export interface LogDecision {
  readonly store: readonly LogLine[];
  readonly state: LogState;
}

/**
 * Repeated lines are passed over and a gap ends the batch: the runner sends on from `state.nextSeq`. The line that
 * meets the limit becomes a marker; those after it count as received, so that the runner does not send them for ever.
 */
export function acceptLines(state: LogState, batch: readonly LogLine[], limits: LogLimits): LogDecision {
  const store: LogLine[] = [];
  let { nextSeq, lines, bytes } = state;
  for (const line of batch) {
    if (line.seq < nextSeq) continue;
    if (line.seq > nextSeq) break;
    nextSeq += 1;
    if (isFull({ lines, bytes }, limits)) continue;
    const size = Buffer.byteLength(line.text);
    const isLast = isFull({ lines: lines + 1, bytes: bytes + size }, limits);
    store.push(isLast ? truncationMarker(line, limits) : line);
    lines += 1;
    bytes += size;
  }
  return { store, state: { nextSeq, lines, bytes } };
}

function isFull(used: { lines: number; bytes: number }, limits: LogLimits): boolean {
  return used.lines >= limits.lines || used.bytes >= limits.bytes;
}

function truncationMarker(line: LogLine, limits: LogLimits): LogLine {
  const mebibytes = Math.round(limits.bytes / (1024 * 1024));
  return {
    ...line,
    stream: 'system',
    text: `log cut here: a job may write ${limits.lines} lines or ${mebibytes} MiB, what follows is not kept`,
  };
}
