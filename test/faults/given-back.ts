/** How long the jobs of a runner that went away took to be given back: from the history of jobs. Pure. */

/** An event of a job's history; `detail` of a lease is the runner's name. */
export interface HistoryEvent {
  readonly type: string;
  readonly detail: string | null;
  /** Epoch milliseconds of the database's clock. */
  readonly at: number;
}

export interface Departure {
  readonly runner: string;
  /** Epoch milliseconds of the same host's clock. */
  readonly at: number;
}

/** The job is no longer the runner's: `lost` and `released` because of roc, the others by a result. */
const LEASE_ENDS: ReadonlySet<string> = new Set(['lost', 'released', 'requeued', 'held', 'finished']);

/** Milliseconds from each departure to the end of each lease that the runner then held and never came back to. */
export function givenBackMs(
  histories: Iterable<readonly HistoryEvent[]>,
  departures: readonly Departure[],
): number[] {
  const found: number[] = [];
  for (const history of histories) {
    for (const { runner, at } of departures) {
      const before = history.filter((event) => event.at <= at);
      const leased = before.findLastIndex(({ type }) => type === 'leased');
      const ended = before.findLastIndex(({ type }) => LEASE_ENDS.has(type));
      if (leased === -1 || ended > leased || before[leased]?.detail !== runner) continue;
      const end = history.slice(before.length).find(({ type }) => LEASE_ENDS.has(type));
      if (end?.type === 'lost' || end?.type === 'released') found.push(end.at - at);
    }
  }
  return found;
}
