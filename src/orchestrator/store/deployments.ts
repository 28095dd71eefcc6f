/** Deployments: append-only, numbered per robot and environment; the highest number is what runs there. */
import { type SelectQueryBuilder, sql } from 'kysely';
import { isoTime } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import type { RobotManifest } from '../../protocol/package/manifest.js';
import type { Sight } from '../decide/reach.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { found, fromJson, toText } from './rows.js';
import type { Schema } from './schema.js';
import { inSightOfProjects } from './sight.js';
import type { Reader, Tx } from './store.js';

export type Deployment = ReplyOf<'deployments.rollback'>;

export interface DeploymentTarget {
  readonly tenantId: string;
  readonly robotId: string;
  readonly environmentId: string;
}

/** One entry of a target's history. */
export interface HistoryEntry {
  readonly id: string;
  readonly seq: number;
  readonly versionId: string;
  readonly isYanked: boolean;
}

/** What runs somewhere, as a new job needs it. */
export interface ActiveDeployment {
  readonly deploymentId: string;
  readonly versionId: string;
  readonly version: string;
  readonly manifest: RobotManifest;
}

export interface ActiveVersion {
  readonly environment: string;
  readonly version: string;
}

export interface NewDeployment extends DeploymentTarget {
  readonly seq: number;
  readonly versionId: string;
  readonly previousVersionId: string | null;
  readonly kind: 'deploy' | 'rollback';
  readonly reason: string | null;
  readonly createdBy: string;
}

/** Makes the deployments of one robot wait for one another. */
export async function lockRobot(tx: Tx, robotId: string): Promise<void> {
  await tx.dialect.lock(tx.db.selectFrom('robot').select('id').where('id', '=', robotId)).execute();
}

export async function insertDeployment(tx: Tx, row: NewDeployment): Promise<string> {
  const id = await tx.newId();
  await tx.db
    .insertInto('deployment')
    .values({
      id,
      tenant_id: row.tenantId,
      robot_id: row.robotId,
      environment_id: row.environmentId,
      seq: row.seq,
      version_id: row.versionId,
      previous_version_id: row.previousVersionId,
      kind: row.kind,
      reason: row.reason === null ? null : toText(row.reason),
      created_by: row.createdBy,
      created_at: await tx.now(),
    })
    .execute();
  return id;
}

/** Newest first; the first entry is active. */
export async function listHistory({ db }: Reader, target: DeploymentTarget): Promise<HistoryEntry[]> {
  const rows = await db
    .selectFrom('deployment')
    .innerJoin('robot_version', 'robot_version.id', 'deployment.version_id')
    .select(['deployment.id', 'deployment.seq', 'deployment.version_id', 'robot_version.state'])
    .where('deployment.tenant_id', '=', target.tenantId)
    .where('deployment.robot_id', '=', target.robotId)
    .where('deployment.environment_id', '=', target.environmentId)
    .orderBy('deployment.seq', 'desc')
    .limit(200)
    .execute();
  return rows.map(({ id, seq, version_id, state }) => ({
    id,
    seq,
    versionId: version_id,
    isYanked: state === 'yanked',
  }));
}

export async function findActive(
  { db }: Reader,
  target: DeploymentTarget,
): Promise<ActiveDeployment | undefined> {
  const row = await db
    .selectFrom('deployment')
    .innerJoin('robot_version', 'robot_version.id', 'deployment.version_id')
    .select(['deployment.id', 'deployment.version_id', 'robot_version.version', 'robot_version.manifest'])
    .where('deployment.tenant_id', '=', target.tenantId)
    .where('deployment.robot_id', '=', target.robotId)
    .where('deployment.environment_id', '=', target.environmentId)
    .orderBy('deployment.seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { id: deploymentId, version_id: versionId, version, manifest } = row;
  return { deploymentId, versionId, version, manifest: fromJson(manifest) };
}

/** What each robot runs in each environment. */
export async function activeVersions(
  reader: Reader,
  tenantId: string,
  robotIds: readonly string[],
): Promise<Map<string, ActiveVersion[]>> {
  const active = new Map<string, ActiveVersion[]>();
  if (robotIds.length === 0) return active;
  const newest = reader.db
    .selectFrom('deployment')
    .select(['robot_id', 'environment_id', ({ fn }) => fn.max('seq').as('seq')])
    .where('tenant_id', '=', tenantId)
    .where('robot_id', 'in', [...new Set(robotIds)])
    .groupBy(['robot_id', 'environment_id']);
  const rows = await reader.db
    .selectFrom(newest.as('newest'))
    .innerJoin('deployment', (join) =>
      join
        .onRef('deployment.robot_id', '=', 'newest.robot_id')
        .onRef('deployment.environment_id', '=', 'newest.environment_id')
        .onRef('deployment.seq', '=', 'newest.seq')
        .on('deployment.tenant_id', '=', tenantId),
    )
    .innerJoin('environment', 'environment.id', 'deployment.environment_id')
    .innerJoin('robot_version', 'robot_version.id', 'deployment.version_id')
    .select(['deployment.robot_id', 'environment.name as environment_name'])
    .select('robot_version.version as version_text')
    .orderBy('environment.name')
    .execute();
  for (const { robot_id, environment_name, version_text } of rows) {
    const known = active.get(robot_id) ?? [];
    active.set(robot_id, [...known, { environment: environment_name, version: version_text }]);
  }
  return active;
}

export interface DeploymentQuery extends PageQuery {
  readonly tenantId: string;
  readonly sight: Sight;
  readonly project?: string | undefined;
  readonly robot?: string | undefined;
  readonly environment?: string | undefined;
}

/** Newest first. */
export async function listDeployments(reader: Reader, query: DeploymentQuery): Promise<Page<Deployment>> {
  const { tenantId, limit, project, robot, environment, sight } = query;
  const before = keyOfCursor(query);
  const { db } = reader;
  let robots = db.selectFrom('robot').select('id').where('tenant_id', '=', tenantId);
  if (robot !== undefined) robots = robots.where('name', '=', robot);
  if (project !== undefined) {
    const named = db.selectFrom('project').select('id').where('tenant_id', '=', tenantId);
    robots = robots.where('project_id', 'in', named.where('name', '=', project));
  }
  if (!sight.all.open) robots = robots.where(inSightOfProjects(sight, 'project_id'));
  let ids = db.selectFrom('deployment').select('id').where('tenant_id', '=', tenantId);
  if (before !== null) ids = ids.where('id', '<', before);
  if (robot !== undefined || project !== undefined || !sight.all.open)
    ids = ids.where('robot_id', 'in', robots);
  if (environment !== undefined) {
    const named = db.selectFrom('environment').select('id').where('tenant_id', '=', tenantId);
    ids = ids.where('environment_id', 'in', named.where('name', '=', environment));
  }
  const page = ids.orderBy('id', 'desc').limit(limit + 1);
  const rows = await selectDeployments(reader, page).orderBy('deployment.id', 'desc').execute();
  return pageOf(rows, query, ({ id }) => id, toDeployment);
}

export async function getDeployment(reader: Reader, tenantId: string, id: string): Promise<Deployment> {
  const one = reader.db
    .selectFrom('deployment')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id);
  const row = await selectDeployments(reader, one).executeTakeFirst();
  return toDeployment(found(row, `deployment ${id}`, 'See `roc deployments list`.'));
}

/** Some deployments, chosen first, with the names around them. */
function selectDeployments({ db }: Reader, ids: SelectQueryBuilder<Schema, 'deployment', { id: string }>) {
  return db
    .selectFrom(ids.as('page'))
    .innerJoin('deployment', 'deployment.id', 'page.id')
    .innerJoin('robot', 'robot.id', 'deployment.robot_id')
    .innerJoin('project', 'project.id', 'robot.project_id')
    .innerJoin('environment', 'environment.id', 'deployment.environment_id')
    .innerJoin('robot_version', 'robot_version.id', 'deployment.version_id')
    .leftJoin('robot_version as previous', 'previous.id', 'deployment.previous_version_id')
    .selectAll('deployment')
    .select([
      'robot.name as robot_name',
      'project.name as project_name',
      'environment.name as environment_name',
      'robot_version.version as version_text',
      'previous.version as previous_version',
    ])
    .select(isActive.as('is_active'));
}

const isActive = sql<boolean>`deployment.seq = (
  select max(newest.seq) from deployment as newest
  where newest.tenant_id = deployment.tenant_id and newest.robot_id = deployment.robot_id
    and newest.environment_id = deployment.environment_id)`;

type DeploymentRow = Awaited<ReturnType<ReturnType<typeof selectDeployments>['executeTakeFirstOrThrow']>>;

function toDeployment(row: DeploymentRow): Deployment {
  return {
    id: row.id,
    project: row.project_name,
    robot: row.robot_name,
    version: row.version_text,
    environment: row.environment_name,
    kind: row.kind,
    previousVersion: row.previous_version,
    active: Boolean(row.is_active),
    reason: row.reason,
    createdBy: row.created_by,
    createdAt: isoTime(row.created_at),
  };
}
