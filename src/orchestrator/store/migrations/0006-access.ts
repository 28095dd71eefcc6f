/** Members of tenants, roles of their own, what is granted where, private processes, tenants that rest or go. */
import { column, fill, index, type Migration, table } from './step.js';

export const access: Migration = {
  version: 6,
  name: 'access',
  steps: [
    table(
      'member',
      `tenant_id varchar(26) not null, user_id varchar(26) not null, created_at bigint not null,
       suspended_at bigint, primary key (tenant_id, user_id)`,
    ),
    index('member', 'user', ['user_id']),
    table(
      'role',
      `tenant_id varchar(26) not null, name varchar(64) not null, permissions text not null,
       created_by varchar(254) not null, created_at bigint not null, primary key (tenant_id, name)`,
    ),
    table(
      'role_grant',
      `tenant_id varchar(26) not null, user_id varchar(26) not null, role varchar(64) not null,
       scope_kind varchar(16) not null, scope_id varchar(26) not null, source varchar(16) not null,
       created_by varchar(254) not null, created_at bigint not null,
       primary key (tenant_id, user_id, role, scope_kind, scope_id, source)`,
    ),
    index('role_grant', 'role', ['tenant_id', 'role']),
    fill(`insert into member (tenant_id, user_id, created_at)
      select m.tenant_id, m.user_id, min(m.created_at) from membership m
      where not exists (select 1 from member k where k.tenant_id = m.tenant_id and k.user_id = m.user_id)
      group by m.tenant_id, m.user_id`),
    fill(`insert into role_grant (tenant_id, user_id, role, scope_kind, scope_id, source, created_by, created_at)
      select m.tenant_id, m.user_id, m.role, 'tenant', '', 'hand', 'roc', m.created_at from membership m
      where not exists (select 1 from role_grant g
        where g.tenant_id = m.tenant_id and g.user_id = m.user_id and g.role = m.role)`),
    column('process', 'is_private', 'integer not null default 0'),
    column('tenant', 'state', `varchar(16) not null default 'active'`),
    column('tenant', 'purge_at', 'bigint'),
  ],
};
