/** Results that arrive while others are being written are written together: one commit for many, each answered by itself. */
import type { JobState } from '../../protocol/job-states.js';
import { afterOutcome } from '../decide/attempt-end.js';
import { createTogether, takeDistinct, type Waiting } from '../dispatch/together.js';
import { eachJob } from '../store/job-heads.js';
import { deleteLeases, findHeldJobs, type HeldJob, listClaims, staleLease } from '../store/job-leases.js';
import { insertResults, listAnswered } from '../store/job-results.js';
import { toJson } from '../store/rows.js';
import type { Store, Tx } from '../store/store.js';
import { type Completion, complete } from './complete.js';
import { factsOf } from './end-attempt.js';
import { transition } from './transition.js';

export type Complete = (completion: Completion) => Promise<Answer>;

/** Transactions at a time: while one waits for the disk, the other is made ready. */
const LANES = 2;
const BATCH = 100;
/** Longer outputs go alone: a statement must stay well below what the database takes in one packet. */
const SMALL_OUTPUT = 16 * 1024;

/**
 * A single completion costs what it always did; under load the cost of a commit is shared. The answers, and what is
 * refused, are those of {@link complete}.
 */
export function createCompleter(store: Store): Complete {
  return createTogether<Completion, Answer>({
    lanes: LANES,
    enough: BATCH,
    take: (waiting) => takeDistinct(waiting, BATCH, ({ jobId }) => jobId),
    round: (batch) => finish(store, batch),
  });
}

interface Answer {
  readonly state: JobState;
}

type Report = Waiting<Completion, Answer>;

/** Never rejects: each of them is told its own end. */
async function finish(store: Store, batch: readonly Report[]): Promise<void> {
  const plain = batch.map(({ asked }) => asked).filter(isPlain);
  // What keeps all of them from being written together must not decide about any of them.
  const states =
    plain.length < 2
      ? new Map<string, JobState>()
      : await store.transaction((tx) => succeedAll(tx, plain)).catch(() => new Map<string, JobState>());
  const rest = batch.map(({ asked }) => asked).filter(({ jobId }) => !states.has(jobId));
  const known = rest.length < 2 ? null : await knownClaims(store, rest).catch(() => null);
  const answers = batch.map(async ({ asked: completion, resolve, reject }) => {
    const state = states.get(completion.jobId);
    if (state !== undefined) resolve({ state });
    else if (known !== null && !known.has(completion)) reject(staleLease(completion));
    else await complete(store, completion).then(resolve, reject);
  });
  await Promise.all(answers);
}

/**
 * Those that are held, or were answered before; the others need no transaction each to be refused. Leases are read
 * first: what ends between the two reads has its result by the second.
 */
async function knownClaims(
  store: Store,
  completions: readonly Completion[],
): Promise<ReadonlySet<Completion>> {
  const ids = completions.map(({ jobId }) => jobId);
  const claims = [...(await listClaims(store, ids)), ...(await listAnswered(store, ids))];
  const known = new Set(claims.map(({ jobId, epoch }) => `${jobId} ${epoch}`));
  return new Set(completions.filter(({ jobId, epoch }) => known.has(`${jobId} ${epoch}`)));
}

/** What most results are: a success with a short output, which leads to one state and one event, whatever the job. */
function isPlain({ outcome, error, output }: Completion): boolean {
  if (outcome !== 'succeeded' || error !== null) return false;
  return output === undefined || toJson(output).length <= SMALL_OUTPUT;
}

interface Success {
  readonly held: HeldJob;
  readonly completion: Completion;
}

/** The states of those that were held; the others are not touched. */
async function succeedAll(tx: Tx, completions: readonly Completion[]): Promise<Map<string, JobState>> {
  const states = new Map<string, JobState>();
  const byFormerState = new Map<JobState, Success[]>();
  const byJob = new Map(completions.map((completion) => [completion.jobId, completion]));
  for (const held of await findHeldJobs(tx, completions)) {
    const completion = byJob.get(held.job.id);
    if (completion === undefined) continue;
    const { state } = held.job;
    byFormerState.set(state, [...(byFormerState.get(state) ?? []), { held, completion }]);
    states.set(held.job.id, afterOutcome(factsOf(held.job), 'succeeded', tx.random()).to);
  }
  for (const alike of byFormerState.values()) await succeedAlike(tx, alike);
  return states;
}

async function succeedAlike(tx: Tx, successes: readonly Success[]): Promise<void> {
  const each = <T>(value: (success: Success) => T) =>
    eachJob(new Map(successes.map((success) => [success.held.job.id, value(success)])));
  await deleteLeases(
    tx,
    successes.map(({ held }) => held.lease),
  );
  await transition(
    tx,
    successes.map(({ held }) => held.job),
    {
      ...{ to: 'succeeded', event: 'finished', detail: null },
      set: {
        output: each(({ completion }) => toJson(completion.output)),
        error: null,
        progress: each(({ held }) => held.lease.progress),
        log_lines: each(({ held }) => held.lease.log_lines),
        log_bytes: each(({ held }) => held.lease.log_bytes),
      },
    },
  );
  await insertResults(
    tx,
    successes.map(({ completion }) => ({ ...completion, state: 'succeeded' })),
  );
}
