/** What the database says now of things that the audit chain tells of, too. */
import { encodeTime } from 'ulid';
import { isTerminal, JOB_STATE_NAMES } from '../../protocol/job-states.js';
import type { GrantScope } from '../decide/reach.js';
import type { Reader } from './store.js';

export interface HeldRole {
  readonly email: string;
  readonly role: string;
  /** Both null: on the whole tenant. */
  readonly project: string | null;
  readonly process: string | null;
}

export async function listHeldRoles({ db }: Reader, tenantId: string): Promise<HeldRole[]> {
  const rows = await db
    .selectFrom('role_grant')
    .innerJoin('user', 'user.id', 'role_grant.user_id')
    .leftJoin('project', 'project.id', 'role_grant.scope_id')
    .leftJoin('process', 'process.id', 'role_grant.scope_id')
    .leftJoin('project as around', 'around.id', 'process.project_id')
    .select(['user.email_key', 'role_grant.role', 'role_grant.scope_kind'])
    .select(['project.name as project', 'process.name as process', 'around.name as around'])
    .where('role_grant.tenant_id', '=', tenantId)
    .orderBy('role_grant.user_id')
    .execute();
  return rows
    .filter(
      ({ scope_kind, project, process }) => scope_kind === 'tenant' || project !== null || process !== null,
    )
    .map(({ email_key, role, project, process, around }) => ({
      ...{ email: email_key, role, project: project ?? around, process },
    }));
}

/** The address of whoever was there first, in whichever tenant; null before the first start. */
export async function firstUser({ db }: Reader): Promise<string | null> {
  const row = await db.selectFrom('user').select('email_key').orderBy('id').limit(1).executeTakeFirst();
  return row?.email_key ?? null;
}

export async function listOwnRoles(
  { db }: Reader,
  tenantId: string,
): Promise<{ name: string; permissions: string[] }[]> {
  const rows = await db
    .selectFrom('role')
    .select(['name', 'permissions'])
    .where('tenant_id', '=', tenantId)
    .execute();
  return rows.map(({ name, permissions }) => ({ name, permissions: JSON.parse(permissions) as string[] }));
}

/** Environments, and whether each demands signatures. */
export async function listDemands(
  { db }: Reader,
  tenantId: string,
): Promise<{ id: string; name: string; needsSignature: boolean }[]> {
  const rows = await db
    .selectFrom('environment')
    .leftJoin('environment_rule', 'environment_rule.environment_id', 'environment.id')
    .select(['environment.id', 'environment.name', 'environment_rule.needs_signature'])
    .where('environment.tenant_id', '=', tenantId)
    .execute();
  return rows.map(({ id, name, needs_signature }) => ({ id, name, needsSignature: needs_signature === 1 }));
}

export interface HeldRunner {
  readonly id: string;
  readonly name: string;
  /** Null for a pool that is not one of the tenant. */
  readonly pool: string | null;
  readonly signKey: string;
  readonly boxKey: string;
}

/** Runners that are registered now. */
export async function listHeldRunners({ db }: Reader, tenantId: string): Promise<HeldRunner[]> {
  const rows = await db
    .selectFrom('runner')
    .leftJoin('pool', (join) =>
      join.onRef('pool.id', '=', 'runner.pool_id').on('pool.tenant_id', '=', tenantId),
    )
    .select(['runner.id', 'runner.name', 'runner.sign_key', 'runner.box_key', 'pool.name as pool'])
    .where('runner.tenant_id', '=', tenantId)
    .execute();
  return rows.map(({ id, name, pool, sign_key, box_key }) => ({
    ...{ id, name, pool, signKey: sign_key, boxKey: box_key },
  }));
}

/** Keys of publishers that are trusted now. */
export async function listTrusted(
  { db }: Reader,
  tenantId: string,
): Promise<{ id: string; keyId: string; publicKey: string; purpose: string }[]> {
  const rows = await db
    .selectFrom('publisher')
    .select(['id', 'key_id', 'public_key', 'purpose'])
    .where('tenant_id', '=', tenantId)
    .where('revoked_at', 'is', null)
    .execute();
  return rows.map(({ id, key_id, public_key, purpose }) => ({
    ...{ id, keyId: key_id, publicKey: public_key, purpose },
  }));
}

/** Jobs made since `since` that did not end in the moments between `before` and `now`, and do not wait to be chained; oldest first, in batches. */
export async function* listEndedJobs(
  { db }: Reader,
  tenantId: string,
  { since, before, now }: { readonly since: number; readonly before: number; readonly now: number },
): AsyncGenerator<string[], void, undefined> {
  for (let after = encodeTime(Math.max(0, since), 10); ; ) {
    const rows = await db
      .selectFrom('job')
      .leftJoin('job_seal', 'job_seal.job_id', 'job.id')
      .select(['job.id', 'job.state', 'job.finished_at', 'job_seal.job_id as waiting'])
      .where('job.tenant_id', '=', tenantId)
      .where('job.id', '>', after)
      .orderBy('job.id')
      .limit(BATCH)
      .execute();
    yield rows
      .filter(
        ({ state, waiting, finished_at }) =>
          ENDED.has(state) &&
          waiting === null &&
          // An end that is far ahead was written by hand.
          ((finished_at ?? 0) < before || (finished_at ?? 0) > now + (now - before)),
      )
      .map(({ id }) => id);
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = last.id;
  }
}

const BATCH = 500;
const ENDED: ReadonlySet<string> = new Set(JOB_STATE_NAMES.filter(isTerminal));

/** The names of where a role holds. */
export async function namesOfScope(
  { db }: Reader,
  scope: GrantScope,
): Promise<Pick<HeldRole, 'project' | 'process'>> {
  if (scope.kind === 'tenant') return { project: null, process: null };
  const project = await db
    .selectFrom('project')
    .select('name')
    .where('id', '=', scope.projectId)
    .executeTakeFirst();
  const process =
    scope.kind === 'project'
      ? undefined
      : await db.selectFrom('process').select('name').where('id', '=', scope.processId).executeTakeFirst();
  return { project: project?.name ?? null, process: process?.name ?? null };
}
