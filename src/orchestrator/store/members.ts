/** The people of a tenant, with what they hold in it. */
import { isoTime } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { found } from './rows.js';
import type { Reader, Tx } from './store.js';
import { emailKey } from './users.js';

export type Member = ReplyOf<'users.show'>;
export type HeldRole = Member['grants'][number];

/** @throws RocError ROC_NOT_FOUND, also for somebody of another tenant */
export async function getMember(reader: Reader, tenantId: string, userId: string): Promise<Member> {
  const row = await selectMembers(reader, tenantId).where('user.id', '=', userId).executeTakeFirst();
  return (
    await withGrants(reader, tenantId, [found(row, `user ${userId}`, 'See `roc users list`.')])
  )[0] as Member;
}

/** @throws RocError ROC_NOT_FOUND for somebody who is no member, whether they have an account or not */
export async function requireMember({ db }: Reader, tenantId: string, email: string): Promise<string> {
  const row = await db
    .selectFrom('user')
    .innerJoin('member', 'member.user_id', 'user.id')
    .select('user.id')
    .where('member.tenant_id', '=', tenantId)
    .where('user.email_key', '=', emailKey(email))
    .executeTakeFirst();
  return found(row, `user ${email}`, 'See `roc users list`; invite them with `roc users invite`.').id;
}

/** By the order in which the accounts were made. */
export async function listMembers(
  reader: Reader,
  query: PageQuery & { readonly tenantId: string },
): Promise<Page<Member>> {
  const rows = await selectMembers(reader, query.tenantId)
    .where('user.id', '>', keyOfCursor(query) ?? '')
    .orderBy('user.id')
    .limit(query.limit + 1)
    .execute();
  const members = await withGrants(reader, query.tenantId, rows);
  return pageOf(
    members,
    query,
    ({ id }) => id,
    (member) => member,
  );
}

/** Who owns a tenant and can act in it. */
export async function listOwners({ db }: Reader, tenantId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('role_grant')
    .innerJoin('member', (join) =>
      join
        .onRef('member.tenant_id', '=', 'role_grant.tenant_id')
        .onRef('member.user_id', '=', 'role_grant.user_id'),
    )
    .innerJoin('user', 'user.id', 'role_grant.user_id')
    .select('role_grant.user_id')
    .distinct()
    .where('role_grant.tenant_id', '=', tenantId)
    .where('role_grant.role', '=', 'owner')
    .where('role_grant.scope_kind', '=', 'tenant')
    .where('member.suspended_at', 'is', null)
    .where('user.disabled_at', 'is', null)
    .execute();
  return rows.map(({ user_id }) => user_id);
}

export async function setSuspended(
  tx: Tx,
  tenantId: string,
  userId: string,
  suspended: boolean,
): Promise<void> {
  const suspended_at = suspended ? await tx.now() : null;
  await tx.db
    .updateTable('member')
    .set({ suspended_at })
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .execute();
}

/** Takes somebody out of a tenant; an account that is in no tenant any more goes, too. */
export async function deleteMember(tx: Tx, tenantId: string, userId: string): Promise<void> {
  const { db } = tx;
  await db.deleteFrom('role_grant').where('tenant_id', '=', tenantId).where('user_id', '=', userId).execute();
  await db.deleteFrom('member').where('tenant_id', '=', tenantId).where('user_id', '=', userId).execute();
  const elsewhere = await db
    .selectFrom('member')
    .select('tenant_id')
    .where('user_id', '=', userId)
    .limit(1)
    .executeTakeFirst();
  if (elsewhere !== undefined) return;
  for (const table of ['second_factor', 'recovery_code', 'sso_identity', 'one_time_link'] as const) {
    await db.deleteFrom(table).where('user_id', '=', userId).execute();
  }
  await db.deleteFrom('user').where('id', '=', userId).execute();
}

function selectMembers({ db }: Reader, tenantId: string) {
  return db
    .selectFrom('member')
    .innerJoin('user', 'user.id', 'member.user_id')
    .leftJoin('second_factor', 'second_factor.user_id', 'user.id')
    .select([
      'user.id',
      'user.email',
      'member.suspended_at',
      'member.created_at',
      'second_factor.confirmed_at',
    ])
    .where('member.tenant_id', '=', tenantId);
}

type MemberRow = Awaited<ReturnType<ReturnType<typeof selectMembers>['executeTakeFirstOrThrow']>>;

async function withGrants(reader: Reader, tenantId: string, rows: readonly MemberRow[]): Promise<Member[]> {
  const held = await heldRoles(
    reader,
    tenantId,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    state: row.suspended_at === null ? 'active' : 'suspended',
    hasSecondFactor: row.confirmed_at !== null,
    grants: held.get(row.id) ?? [],
    createdAt: isoTime(row.created_at),
  }));
}

async function heldRoles(
  { db }: Reader,
  tenantId: string,
  userIds: readonly string[],
): Promise<Map<string, HeldRole[]>> {
  const held = new Map<string, HeldRole[]>();
  if (userIds.length === 0) return held;
  const rows = await db
    .selectFrom('role_grant')
    .leftJoin('process', (join) =>
      join
        .onRef('process.id', '=', 'role_grant.scope_id')
        .onRef('process.tenant_id', '=', 'role_grant.tenant_id'),
    )
    .leftJoin('project', (join) =>
      join
        .on((eb) => eb('project.id', '=', eb.fn.coalesce('process.project_id', 'role_grant.scope_id')))
        .onRef('project.tenant_id', '=', 'role_grant.tenant_id'),
    )
    .select(['role_grant.user_id', 'role_grant.role', 'role_grant.scope_kind', 'role_grant.source'])
    .select(['process.name as process_name', 'project.name as project_name'])
    .where('role_grant.tenant_id', '=', tenantId)
    .where('role_grant.user_id', 'in', [...userIds])
    .orderBy('role_grant.role')
    .orderBy('role_grant.scope_id')
    .execute();
  for (const { user_id, role, source, ...row } of rows) {
    const grant = { role, source, project: row.project_name, process: row.process_name };
    held.set(user_id, [...(held.get(user_id) ?? []), grant]);
  }
  return held;
}
