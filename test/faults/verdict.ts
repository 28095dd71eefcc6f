/** Joins what the client was promised, what the robots did and what the database says. Pure. */
import type { LedgerLine } from './ledger.js';

/** A job as the database has it when all is over. */
export interface JobAccount {
  readonly id: string;
  readonly state: string;
  readonly version: string;
  /** The epoch whose result the job has. */
  readonly epoch: number;
  /** How often it came to an end. */
  readonly finished: number;
  /** Epochs that were leased, and of them those that were given up: lost, released or requeued. */
  readonly leased: readonly number[];
  /** What its robot gave out: for which job and epoch it did. */
  readonly output: { readonly job: string; readonly epoch: number } | null;
}

export interface Verdict {
  readonly accepted: number;
  /** Accepted, but not in the database, not at an end, or without a robot that finished. */
  readonly lost: readonly string[];
  /** At an end more or less than once. */
  readonly notOnce: readonly string[];
  /** Jobs that more than one robot worked on, each under an epoch of its own. */
  readonly repeated: readonly string[];
  /** Robots that started under an epoch that was never leased, or twice under one: nothing explains them. */
  readonly unexplained: readonly string[];
  /** Robots that ran another version than the one pinned when the job was accepted. */
  readonly wrongVersion: readonly string[];
  /** Succeeded with the output of another job or another epoch, or with none. */
  readonly wrongOutput: readonly string[];
  /** In the database, but nobody was told that they were accepted, and not under a key that was ever sent. */
  readonly unasked: readonly string[];
  /** The longest time that two robots of one job ran at once, milliseconds. */
  readonly overlapMs: number;
}

const GOOD = 'succeeded';

export function judge(
  accepted: readonly string[],
  ledger: readonly LedgerLine[],
  jobs: readonly JobAccount[],
  versionOf: ReadonlyMap<string, string> = new Map(),
): Verdict {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const runs = runsByJob(ledger);
  const known = new Set(accepted);
  const isLost = (id: string) => {
    const job = byId.get(id);
    const didFinish = (runs.get(id) ?? []).some(({ end, epoch }) => end !== null && epoch === job?.epoch);
    return job === undefined || job.state !== GOOD || !didFinish;
  };
  const all = [...runs.entries()];
  return {
    accepted: accepted.length,
    lost: accepted.filter(isLost),
    notOnce: jobs.filter(({ finished }) => finished !== 1).map(({ id }) => id),
    repeated: all.filter(([, robots]) => robots.length > 1).map(([id]) => id),
    unexplained: all
      .filter(([id, robots]) => {
        const epochs = robots.map(({ epoch }) => epoch);
        const leased = byId.get(id)?.leased ?? [];
        return new Set(epochs).size < epochs.length || !epochs.every((epoch) => leased.includes(epoch));
      })
      .map(([id]) => id),
    wrongVersion: all
      .filter(([id, robots]) => {
        const pinned = versionOf.get(id) ?? byId.get(id)?.version;
        return robots.some(({ version }) => version !== pinned) || byId.get(id)?.version !== pinned;
      })
      .map(([id]) => id),
    wrongOutput: jobs
      .filter(
        ({ id, state, epoch, output }) => state === GOOD && !(output?.job === id && output.epoch === epoch),
      )
      .map(({ id }) => id),
    unasked: jobs.filter(({ id }) => !known.has(id)).map(({ id }) => id),
    overlapMs: Math.max(0, ...all.map(([, robots]) => longestOverlap(robots) / 1e6)),
  };
}

interface RobotRun {
  readonly epoch: number;
  readonly version: string;
  readonly start: number;
  /** Null where it was killed before it could say so. */
  readonly end: number | null;
}

function runsByJob(ledger: readonly LedgerLine[]): Map<string, RobotRun[]> {
  const runs = new Map<string, RobotRun[]>();
  for (const { job, epoch, version, phase, at } of ledger) {
    const robots = runs.get(job) ?? [];
    if (phase === 'start') runs.set(job, [...robots, { epoch, version, start: at, end: null }]);
    else {
      const open = robots.findIndex((robot) => robot.epoch === epoch && robot.end === null);
      // An end without its start is a robot that nothing explains.
      const ended =
        open === -1 ? { epoch, version, start: at, end: at } : { ...(robots[open] as RobotRun), end: at };
      runs.set(job, open === -1 ? [...robots, ended] : robots.with(open, ended));
    }
  }
  return runs;
}

// A robot that was killed has no end: only those that both finished are known to have run side by side.
function longestOverlap(robots: readonly RobotRun[]): number {
  let longest = 0;
  for (const [i, a] of robots.entries())
    for (const b of robots.slice(i + 1))
      if (a.end !== null && b.end !== null)
        longest = Math.max(longest, Math.min(a.end, b.end) - Math.max(a.start, b.start));
  return longest;
}
