/** Where things lie, as far as grants need it: in which project, of which process. */
import type { Place } from '../decide/reach.js';
import type { Reader } from './store.js';

export async function findProjectPlace(
  { db }: Reader,
  tenantId: string,
  name: string,
): Promise<Place | null> {
  const row = await db
    .selectFrom('project')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .executeTakeFirst();
  return row === undefined ? null : { projectId: row.id };
}

/** A process that is not there yet would lie in its project. */
export async function findProcessPlace(
  reader: Reader,
  tenantId: string,
  ref: { readonly project: string; readonly process: string },
): Promise<Place | null> {
  const inProject = await findProjectPlace(reader, tenantId, ref.project);
  if (inProject === null) return null;
  const row = await reader.db
    .selectFrom('process')
    .select(['id', 'is_private'])
    .where('tenant_id', '=', tenantId)
    .where('project_id', '=', inProject.projectId)
    .where('name', '=', ref.process)
    .executeTakeFirst();
  return row === undefined ? inProject : { ...inProject, process: processOf(row) };
}

/** Private processes that run a robot. */
export async function findPrivateProcesses(
  { db }: Reader,
  robot: { readonly tenantId: string; readonly projectId: string; readonly robot: string },
): Promise<{ id: string; isPrivate: true }[]> {
  const rows = await db
    .selectFrom('process')
    .innerJoin('robot', 'robot.id', 'process.robot_id')
    .select('process.id')
    .where('process.tenant_id', '=', robot.tenantId)
    .where('robot.project_id', '=', robot.projectId)
    .where('robot.name', '=', robot.robot)
    .where('process.is_private', '=', 1)
    .execute();
  return rows.map(({ id }) => ({ id, isPrivate: true }));
}

export async function findJobPlace({ db }: Reader, tenantId: string, id: string): Promise<Place | null> {
  const row = await db
    .selectFrom('job')
    .innerJoin('process', 'process.id', 'job.process_id')
    .select(['process.id', 'process.is_private', 'process.project_id'])
    .where('job.tenant_id', '=', tenantId)
    .where('job.id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : { projectId: row.project_id, process: processOf(row) };
}

function processOf({ id, is_private }: { id: string; is_private: 0 | 1 }) {
  return { id, isPrivate: is_private === 1 };
}
