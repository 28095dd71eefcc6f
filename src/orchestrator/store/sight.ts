/** A caller's sight as conditions of a query: what is not seen is not found, counted or paged over. */
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { Sight } from '../decide/reach.js';
import type { Schema } from './schema.js';

export function seesAll({ all }: Sight): boolean {
  return all.open && all.private;
}

/** For what lies in a project; `touched` also shows projects of which only a process may be seen. */
export function inSightOfProjects(sight: Sight, projectId: string, touched = false): Expression<SqlBool> {
  if (sight.all.open) return sql<SqlBool>`1 = 1`;
  return isOneOf(projectId, touched ? sight.touched : sight.projects.open);
}

/** For what belongs to a process, by the columns that hold its project and itself. */
export function inSightOfProcesses(
  eb: ExpressionBuilder<Schema, never>,
  sight: Sight,
  tenantId: string,
  columns: { readonly project: string; readonly process: string },
): Expression<SqlBool> {
  if (seesAll(sight)) return sql<SqlBool>`1 = 1`;
  const closed = sql`(select id from process where tenant_id = ${tenantId} and is_private = 1)`;
  const isOpen = sql<SqlBool>`${sql.ref(columns.process)} not in ${closed}`;
  const openOnes = sight.all.open ? isOpen : eb.and([isOpen, isOneOf(columns.project, sight.projects.open)]);
  return eb.or([
    openOnes,
    ...(sight.all.private ? [sql<SqlBool>`not (${isOpen})`] : []),
    isOneOf(columns.project, sight.projects.private),
    isOneOf(columns.process, sight.processes),
  ]);
}

function isOneOf(column: string, ids: readonly string[]): Expression<SqlBool> {
  return ids.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`${sql.ref(column)} in (${sql.join([...ids])})`;
}
