/** What must hold of the tables of jobs between any two transactions. */
import type { Selectable } from 'kysely';
import type {
  JobEventTable,
  JobLeaseTable,
  JobLogTable,
  JobReadyTable,
  JobResultTable,
  JobScheduledTable,
  JobTable,
} from '../../../src/orchestrator/store/job-tables.js';
import type { Reader } from '../../../src/orchestrator/store/store.js';
import { canFollow, isTerminal } from '../../../src/protocol/job-states.js';

/** Every broken rule as a sentence; empty when all hold. */
export async function brokenInvariants({ db }: Reader): Promise<string[]> {
  // One snapshot: the server may still be at the commit of a client that is gone.
  const tables = await db.transaction().setIsolationLevel('repeatable read').execute(readTables);
  return [
    ...orphans(tables),
    ...gapsInLogs(tables),
    ...tables.jobs.flatMap((job) =>
      [...placeOf(job, tables), ...historyOf(job, tables)]
        .filter(([holds]) => !holds)
        .map(([, text]) => `${job.id} (${job.state}): ${text}`),
    ),
  ];
}

interface Tables {
  readonly jobs: readonly Selectable<JobTable>[];
  readonly ready: readonly Selectable<JobReadyTable>[];
  readonly scheduled: readonly Selectable<JobScheduledTable>[];
  readonly leases: readonly Selectable<JobLeaseTable>[];
  readonly events: readonly Selectable<JobEventTable>[];
  readonly results: readonly Selectable<JobResultTable>[];
  readonly logs: readonly Selectable<JobLogTable>[];
}

type Rule = readonly [holds: boolean, text: string];

async function readTables(db: Reader['db']): Promise<Tables> {
  return {
    jobs: await db.selectFrom('job').selectAll().execute(),
    ready: await db.selectFrom('job_ready').selectAll().execute(),
    scheduled: await db.selectFrom('job_scheduled').selectAll().execute(),
    leases: await db.selectFrom('job_lease').selectAll().execute(),
    events: await db.selectFrom('job_event').selectAll().orderBy('job_id').orderBy('seq').execute(),
    results: await db.selectFrom('job_result').selectAll().execute(),
    logs: await db
      .selectFrom('job_log')
      .selectAll()
      .orderBy('job_id')
      .orderBy('attempt')
      .orderBy('seq')
      .execute(),
  };
}

/** A job is in exactly the small table that its state says. */
function placeOf(job: Selectable<JobTable>, { ready, scheduled, leases }: Tables): Rule[] {
  const isOwn = ({ job_id }: { job_id: string }) => job_id === job.id;
  const readyRow = ready.find(isOwn);
  const lease = leases.find(isOwn);
  const isAtWork = ['leased', 'running', 'canceling'].includes(job.state);
  const keys = ['tenant_id', 'pool_id', 'lane', 'priority'] as const;
  return [
    [(readyRow !== undefined) === (job.state === 'queued'), 'ready row'],
    [readyRow === undefined || keys.every((key) => readyRow[key] === job[key]), 'ready row is another'],
    [scheduled.some(isOwn) === (job.state === 'scheduled'), 'scheduled row'],
    [(lease !== undefined) === isAtWork, 'lease'],
    [lease === undefined || lease.epoch === job.epoch, 'lease of another epoch'],
    [lease === undefined || lease.attempt === job.attempt, 'lease of another attempt'],
    [job.state !== 'leased' || lease?.started_at === null, 'leased, but started'],
    [job.state !== 'running' || lease?.started_at !== null, 'running, but not started'],
    [(job.finished_at !== null) === isTerminal(job.state), 'finished_at'],
    [job.epoch >= job.attempt && job.attempt >= 0, `epoch ${job.epoch}, attempt ${job.attempt}`],
  ];
}

/** A job's events tell its life without a gap, along the table of states, with one end at most. */
function historyOf(job: Selectable<JobTable>, { events, results }: Tables): Rule[] {
  const own = events.filter(({ job_id }) => job_id === job.id);
  const ends = own.filter(({ type }) => type === 'finished').length;
  const epochs = results.filter(({ job_id }) => job_id === job.id).map(({ epoch }) => epoch);
  const steps = own.slice(1).map((event, at): Rule => {
    const from = own[at]?.state ?? event.state;
    return [from === event.state || canFollow(from, event.state), `event ${from} → ${event.state}`];
  });
  return [
    [own.length === job.event_seq && own.every(({ seq }, at) => seq === at + 1), 'gap in events'],
    [own.at(-1)?.state === job.state, `last event says ${own.at(-1)?.state}`],
    [ends === (isTerminal(job.state) ? 1 : 0), `${ends} ends`],
    [epochs.every((epoch) => epoch <= job.epoch), 'result of a later epoch'],
    [job.state !== 'succeeded' || epochs.includes(job.epoch), 'success without a result'],
    ...steps,
  ];
}

function orphans({ jobs, ...others }: Tables): string[] {
  const known = new Set(jobs.map(({ id }) => id));
  return Object.entries(others).flatMap(([name, rows]) =>
    (rows as readonly { job_id: string }[])
      .filter(({ job_id }) => !known.has(job_id))
      .map(({ job_id }) => `${name}: no job ${job_id}`),
  );
}

function gapsInLogs({ logs }: Tables): string[] {
  const next = new Map<string, number>();
  return logs.flatMap(({ job_id, attempt, seq }) => {
    const key = `${job_id} attempt ${attempt}`;
    const expected = next.get(key) ?? 1;
    next.set(key, seq + 1);
    return seq === expected ? [] : [`${key}: log line ${seq} where ${expected} should be`];
  });
}
