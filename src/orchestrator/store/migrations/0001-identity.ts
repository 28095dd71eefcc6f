/** Tenants, people, their sessions, and replies kept for repeated requests. */
import { index, type Migration, table, unique } from './step.js';

export const identity: Migration = {
  version: 1,
  name: 'identity',
  steps: [
    table(
      'tenant',
      `id varchar(26) not null, name varchar(190) not null, created_at bigint not null, primary key (id)`,
    ),
    unique('tenant', 'name', ['name']),
    table(
      'user',
      `id varchar(26) not null, email varchar(254) not null, email_key varchar(254) not null,
       password_hash varchar(255), created_at bigint not null, disabled_at bigint, primary key (id)`,
    ),
    unique('user', 'email', ['email_key']),
    table(
      'membership',
      `tenant_id varchar(26) not null, user_id varchar(26) not null, role varchar(64) not null,
       created_at bigint not null, primary key (tenant_id, user_id, role)`,
    ),
    index('membership', 'user', ['user_id']),
    table(
      'session',
      `id varchar(26) not null, tenant_id varchar(26) not null, user_id varchar(26) not null,
       refresh_hash varchar(128) not null, previous_hash varchar(128), created_at bigint not null,
       rotated_at bigint not null, expires_at bigint not null, revoked_at bigint, primary key (id)`,
    ),
    index('session', 'user', ['user_id']),
    index('session', 'expiry', ['expires_at']),
    unique('session', 'refresh', ['refresh_hash']),
    index('session', 'previous', ['previous_hash']),
    table(
      'idempotency',
      `tenant_id varchar(26) not null, route varchar(64) not null, idem_key varchar(190) not null,
       request_hash varchar(64) not null, status integer not null, body mediumtext, resource_id varchar(26),
       created_at bigint not null, expires_at bigint not null, primary key (tenant_id, route, idem_key)`,
    ),
    index('idempotency', 'expiry', ['expires_at']),
  ],
};
