/** Robots as a list: each with its newest version. */
import { isoTime } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import type { Sight } from '../decide/reach.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { inSightOfProjects } from './sight.js';
import type { Reader } from './store.js';

export type Robot = ReplyOf<'robots.list'>['items'][number];

export interface RobotQuery extends PageQuery {
  readonly tenantId: string;
  readonly project?: string | undefined;
  readonly sight: Sight;
}

/** By project and name; the newest version is the one published last and not yanked. */
export async function listRobots({ db }: Reader, query: RobotQuery): Promise<Page<Robot>> {
  const [project = '', name = ''] = (keyOfCursor(query) ?? '/').split('/');
  const rows = await db
    .selectFrom('robot')
    .innerJoin('project', 'project.id', 'robot.project_id')
    .selectAll('robot')
    .select('project.name as project_name')
    .select(({ selectFrom }) => [
      selectFrom('robot_version')
        .select('version')
        .whereRef('robot_version.robot_id', '=', 'robot.id')
        .whereRef('robot_version.tenant_id', '=', 'robot.tenant_id')
        .where('state', '=', 'published')
        .orderBy('robot_version.id', 'desc')
        .limit(1)
        .as('latest'),
      selectFrom('robot_version')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .whereRef('robot_version.robot_id', '=', 'robot.id')
        .whereRef('robot_version.tenant_id', '=', 'robot.tenant_id')
        .as('versions'),
    ])
    .where('robot.tenant_id', '=', query.tenantId)
    .where(inSightOfProjects(query.sight, 'robot.project_id'))
    .where('project.name', '>=', project)
    .where(({ eb, or }) => or([eb('project.name', '>', project), eb('robot.name', '>', name)]))
    .$if(query.project !== undefined, (some) => some.where('project.name', '=', query.project ?? ''))
    .orderBy('project.name')
    .orderBy('robot.name')
    .limit(query.limit + 1)
    .execute();
  return pageOf(
    rows,
    query,
    (row) => `${row.project_name}/${row.name}`,
    (row) => ({
      id: row.id,
      project: row.project_name,
      name: row.name,
      latestVersion: row.latest,
      versions: Number(row.versions),
      createdAt: isoTime(row.created_at),
    }),
  );
}
