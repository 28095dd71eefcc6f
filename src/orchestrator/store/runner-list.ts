/** Runners as people see them. */
import { isoTime } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { found, fromJson } from './rows.js';
import type { Reader } from './store.js';

export type Runner = ReplyOf<'runners.list'>['items'][number];

export interface RunnerQuery extends PageQuery {
  readonly tenantId: string;
  readonly pool?: string | undefined;
  /** A runner heard of longer ago than this many milliseconds is offline. */
  readonly onlineMs: number;
}

export async function listRunners(reader: Reader, query: RunnerQuery): Promise<Page<Runner>> {
  const after = keyOfCursor(query);
  const since = (await reader.now()) - query.onlineMs;
  let select = selectRunners(reader).where('runner.tenant_id', '=', query.tenantId);
  if (after !== null) select = select.where('runner.name', '>', after);
  if (query.pool !== undefined) select = select.where('pool.name', '=', query.pool);
  const rows = await select
    .orderBy('runner.name')
    .limit(query.limit + 1)
    .execute();
  return pageOf(
    rows,
    query,
    ({ name }) => name,
    (row) => toRunner(row, since),
  );
}

/** @throws RocError ROC_NOT_FOUND */
export async function getRunner(
  reader: Reader,
  { tenantId, id, onlineMs }: { readonly tenantId: string; readonly id: string; readonly onlineMs: number },
): Promise<Runner> {
  const row = await selectRunners(reader)
    .where('runner.id', '=', id)
    .where('runner.tenant_id', '=', tenantId)
    .executeTakeFirst();
  const since = (await reader.now()) - onlineMs;
  return toRunner(found(row, `runner ${id}`, 'See `roc runners list`.'), since);
}

function selectRunners({ db }: Reader) {
  return db
    .selectFrom('runner')
    .innerJoin('pool', 'pool.id', 'runner.pool_id')
    .selectAll('runner')
    .select('pool.name as pool_name')
    .select(({ selectFrom }) =>
      selectFrom('job_lease')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .whereRef('job_lease.runner_id', '=', 'runner.id')
        .as('busy'),
    );
}

type RunnerRow = Awaited<ReturnType<ReturnType<typeof selectRunners>['executeTakeFirstOrThrow']>>;

function toRunner(row: RunnerRow, onlineSince: number): Runner {
  const isOnline = row.last_seen_at !== null && row.last_seen_at >= onlineSince;
  return {
    id: row.id,
    name: row.name,
    pool: row.pool_name,
    state: isOnline ? (row.is_draining === 1 ? 'draining' : 'online') : 'offline',
    os: row.os,
    arch: row.arch,
    version: row.version,
    labels: fromJson<Record<string, string>>(row.labels),
    slots: row.slots,
    busy: Number(row.busy),
    lastSeenAt: isoTime(row.last_seen_at),
    createdAt: isoTime(row.created_at),
  };
}
