/** What a new job needs to know: its process, where it is to run, and what is deployed there. */
import type { Selectable } from 'kysely';
import { type ActiveDeployment, findActive } from './deployments.js';
import { found } from './rows.js';
import type { ProcessTable } from './schema.js';
import type { Tx } from './store.js';

export interface StartName {
  readonly tenantId: string;
  readonly project: string;
  readonly process: string;
  readonly environment: string;
}

export interface Startable {
  readonly process: Selectable<ProcessTable>;
  readonly robot: string;
  readonly pool: string;
  readonly environmentId: string;
  /** Whether the environment runs only what a trusted publisher has signed. */
  readonly needsSignature: boolean;
  /** Null where nothing is deployed. */
  readonly active: ActiveDeployment | null;
}

/** Jobs that are started in one transaction are all started from what the first of them has read. */
const read = new WeakMap<Tx, Map<string, Startable>>();

/** @throws RocError ROC_NOT_FOUND for an unknown process or environment */
export async function findStartable(tx: Tx, name: StartName): Promise<Startable> {
  const known = read.get(tx) ?? new Map<string, Startable>();
  read.set(tx, known);
  const key = JSON.stringify([name.tenantId, name.project, name.process, name.environment]);
  const startable = known.get(key) ?? (await readStartable(tx, name));
  known.set(key, startable);
  return startable;
}

async function readStartable(tx: Tx, name: StartName): Promise<Startable> {
  const { tenantId, project, process, environment } = name;
  const row = await tx.db
    .selectFrom('process')
    .innerJoin('project', 'project.id', 'process.project_id')
    .innerJoin('robot', 'robot.id', 'process.robot_id')
    .innerJoin('pool', 'pool.id', 'process.pool_id')
    .leftJoin('environment', (join) =>
      join.onRef('environment.tenant_id', '=', 'process.tenant_id').on('environment.name', '=', environment),
    )
    .leftJoin('environment_rule', 'environment_rule.environment_id', 'environment.id')
    .selectAll('process')
    .select(['robot.name as robot', 'pool.name as pool', 'environment.id as place'])
    .select(['environment_rule.needs_signature', tx.dialect.now.as('database_now')])
    .where('process.tenant_id', '=', tenantId)
    .where('project.name', '=', project)
    .where('process.name', '=', process)
    .executeTakeFirst();
  if (row !== undefined) tx.readNow(row.database_now);
  const hint = 'See `roc processes list`, or deploy a robot.';
  const { robot, pool, place, needs_signature, ...settings } = found(
    row,
    `process ${project}/${process}`,
    hint,
  );
  const environmentId = found(place ?? undefined, `environment ${environment}`, PLACE_HINT);
  const active = await findActive(tx, { tenantId, robotId: settings.robot_id, environmentId });
  const needsSignature = needs_signature === 1;
  return { process: settings, robot, pool, environmentId, needsSignature, active: active ?? null };
}

const PLACE_HINT = 'See `roc environments list`, or create it.';
