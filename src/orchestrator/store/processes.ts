/** Processes: robots as they are run. */
import { isoTime } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import type { OnLost } from '../decide/on-lost.js';
import type { Sight } from '../decide/reach.js';
import { type ActiveVersion, activeVersions } from './deployments.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { requirePlace, requireProject } from './places.js';
import { found } from './rows.js';
import { inSightOfProcesses } from './sight.js';
import type { Reader, Tx } from './store.js';
import { requireRobot } from './versions.js';

export type Process = ReplyOf<'processes.show'>;

export interface ProcessRef {
  readonly tenantId: string;
  readonly project: string;
  readonly process: string;
}

export interface ProcessSettings {
  /** For a new process: the robot of the same name unless given. */
  readonly robot?: string | undefined;
  readonly pool?: string | undefined;
  readonly priority?: number | undefined;
  readonly timeoutMs?: number | null | undefined;
  readonly maxAttempts?: number | undefined;
  readonly onLost?: OnLost | null | undefined;
  /** Open only to who is granted a role on it, and to roles that see private processes. */
  readonly isPrivate?: boolean | undefined;
}

const COLUMNS = { project: 'process.project_id', process: 'process.id' };
const DEFAULTS = {
  pool: 'default',
  priority: 5,
  timeoutMs: null,
  maxAttempts: 1,
  onLost: null,
  isPrivate: false,
};

/** Makes a process, or changes what is given of it; jobs already enqueued keep what they were enqueued with. */
export async function setProcess(tx: Tx, ref: ProcessRef, settings: ProcessSettings): Promise<Process> {
  const row = await selectProcesses(tx, ref.tenantId)
    .where('project.name', '=', ref.project)
    .where('process.name', '=', ref.process)
    .executeTakeFirst();
  const changes = await changedColumns(tx, ref, settings);
  if (row === undefined) await insertProcess(tx, ref, settings);
  else if (Object.keys(changes).length > 0) {
    await tx.db.updateTable('process').set(changes).where('id', '=', row.id).execute();
  }
  return getProcess(tx, ref);
}

/** A process with the defaults and the robot's name, unless there is one. True when it was made. */
export async function ensureProcess(tx: Tx, ref: ProcessRef): Promise<boolean> {
  const projectId = await requireProject(tx, ref.tenantId, ref.project);
  const known = await tx.db
    .selectFrom('process')
    .select('id')
    .where('tenant_id', '=', ref.tenantId)
    .where('project_id', '=', projectId)
    .where('name', '=', ref.process)
    .executeTakeFirst();
  return known === undefined && insertProcess(tx, ref, {});
}

/** @throws RocError ROC_NOT_FOUND */
export async function getProcess(reader: Reader, ref: ProcessRef): Promise<Process> {
  const process = (await findProcess(reader, ref)) ?? undefined;
  return found(process, `process ${ref.project}/${ref.process}`, 'See `roc processes list`.');
}

export async function findProcess(reader: Reader, ref: ProcessRef): Promise<Process | null> {
  const row = await selectProcesses(reader, ref.tenantId)
    .where('project.name', '=', ref.project)
    .where('process.name', '=', ref.process)
    .executeTakeFirst();
  if (row === undefined) return null;
  return toProcess(row, await activeVersions(reader, ref.tenantId, [row.robot_id]));
}

/** By project and name. */
export async function listProcesses(
  reader: Reader,
  query: PageQuery & {
    readonly tenantId: string;
    readonly project?: string | undefined;
    readonly sight: Sight;
  },
): Promise<Page<Process>> {
  const [project = '', name = ''] = (keyOfCursor(query) ?? '/').split('/');
  const rows = await selectProcesses(reader, query.tenantId)
    .where((eb) => inSightOfProcesses(eb as never, query.sight, query.tenantId, COLUMNS))
    .where('project.name', '>=', project)
    .where(({ eb, or }) => or([eb('project.name', '>', project), eb('process.name', '>', name)]))
    .$if(query.project !== undefined, (some) => some.where('project.name', '=', query.project ?? ''))
    .orderBy('project.name')
    .orderBy('process.name')
    .limit(query.limit + 1)
    .execute();
  const active = await activeVersions(
    reader,
    query.tenantId,
    rows.map(({ robot_id }) => robot_id),
  );
  return pageOf(
    rows,
    query,
    (row) => `${row.project_name}/${row.name}`,
    (row) => toProcess(row, active),
  );
}

async function insertProcess(tx: Tx, ref: ProcessRef, settings: ProcessSettings): Promise<boolean> {
  const all = { ...DEFAULTS, robot: ref.process, ...dropUndefined(settings) };
  const row = {
    id: await tx.newId(),
    tenant_id: ref.tenantId,
    project_id: await requireProject(tx, ref.tenantId, ref.project),
    name: ref.process,
    robot_id: await requireRobot(tx, { ...ref, robot: all.robot }),
    pool_id: await requirePlace(tx, 'pool', ref.tenantId, all.pool),
    priority: all.priority,
    timeout_ms: all.timeoutMs,
    max_attempts: all.maxAttempts,
    on_lost: all.onLost,
    is_private: flagOf(all.isPrivate),
    created_at: await tx.now(),
  };
  try {
    await tx.db.insertInto('process').values(row).execute();
    return true;
  } catch (error) {
    // Somebody made it in the same moment.
    if (tx.dialect.isDuplicate(error)) return false;
    throw error;
  }
}

async function changedColumns(tx: Tx, ref: ProcessRef, { robot, pool, ...rest }: ProcessSettings) {
  const { priority, timeoutMs, maxAttempts, onLost, isPrivate } = rest;
  return dropUndefined({
    robot_id: robot === undefined ? undefined : await requireRobot(tx, { ...ref, robot }),
    pool_id: pool === undefined ? undefined : await requirePlace(tx, 'pool', ref.tenantId, pool),
    priority,
    timeout_ms: timeoutMs,
    max_attempts: maxAttempts,
    on_lost: onLost,
    is_private: isPrivate === undefined ? undefined : flagOf(isPrivate),
  });
}

function selectProcesses({ db }: Reader, tenantId: string) {
  return db
    .selectFrom('process')
    .innerJoin('project', 'project.id', 'process.project_id')
    .innerJoin('robot', 'robot.id', 'process.robot_id')
    .innerJoin('pool', 'pool.id', 'process.pool_id')
    .selectAll('process')
    .select(['project.name as project_name', 'robot.name as robot_name', 'pool.name as pool_name'])
    .where('process.tenant_id', '=', tenantId);
}

type ProcessRow = Awaited<ReturnType<ReturnType<typeof selectProcesses>['executeTakeFirstOrThrow']>>;

function toProcess(row: ProcessRow, active: ReadonlyMap<string, ActiveVersion[]>): Process {
  return {
    id: row.id,
    project: row.project_name,
    name: row.name,
    robot: row.robot_name,
    pool: row.pool_name,
    priority: row.priority,
    timeoutMs: row.timeout_ms,
    maxAttempts: row.max_attempts,
    onLost: row.on_lost,
    isPrivate: row.is_private === 1,
    createdAt: isoTime(row.created_at),
    active: (active.get(row.robot_id) ?? []).map(({ environment, version }) => ({ environment, version })),
  };
}

function flagOf(isSet: boolean): 0 | 1 {
  return isSet ? 1 : 0;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function dropUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Defined<T>;
}
