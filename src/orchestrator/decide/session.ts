/** What a runner may go on with when it opens a session: leases it still knows of; all others end. */

export interface LeaseFacts {
  readonly jobId: string;
  readonly epoch: number;
  readonly isStarted: boolean;
}

export interface JobRef {
  readonly jobId: string;
  readonly epoch: number;
}

export interface SessionDecision<L extends LeaseFacts> {
  readonly adopt: readonly L[];
  /** Never begun: back to the queue, attempt not counted. */
  readonly release: readonly L[];
  /** Begun, but the runner has no such child any more: lost. */
  readonly lose: readonly L[];
  /** What the runner holds without a lease: to be killed. */
  readonly abandon: readonly JobRef[];
}

export function decideSession<L extends LeaseFacts>(
  leases: readonly L[],
  running: readonly JobRef[],
): SessionDecision<L> {
  const known = new Set(running.map(keyOf));
  const leased = new Set(leases.map(keyOf));
  const gone = leases.filter((lease) => !known.has(keyOf(lease)));
  return {
    adopt: leases.filter((lease) => known.has(keyOf(lease))),
    release: gone.filter(({ isStarted }) => !isStarted),
    lose: gone.filter(({ isStarted }) => isStarted),
    abandon: running.filter((ref) => !leased.has(keyOf(ref))),
  };
}

function keyOf({ jobId, epoch }: JobRef): string {
  return `${jobId}:${epoch}`;
}
