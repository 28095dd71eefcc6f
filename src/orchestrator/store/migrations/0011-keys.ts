/** API keys of consumers, what each may still use, and what each has used. */
import { index, type Migration, table, unique } from './step.js';

export const keys: Migration = {
  version: 11,
  name: 'keys',
  steps: [
    table(
      'api_key',
      `id varchar(26) not null, tenant_id varchar(26) not null, consumer varchar(190) not null,
       prefix varchar(8) not null, key_hash varchar(64) not null, scopes text not null, rps integer not null,
       daily bigint, created_by varchar(254) not null, created_at bigint not null, expires_at bigint not null,
       revoked_at bigint, last_used_at bigint, primary key (id)`,
    ),
    unique('api_key', 'prefix', ['prefix']),
    index('api_key', 'newest', ['tenant_id', 'id']),
    table(
      'api_quota',
      `key_id varchar(26) not null, level_milli bigint not null, refilled_at bigint not null,
       quota_day integer not null, day_used bigint not null, primary key (key_id)`,
    ),
    table(
      'api_usage',
      `key_id varchar(26) not null, usage_day integer not null, route_class varchar(16) not null,
       requests bigint not null, denied bigint not null, primary key (key_id, usage_day, route_class)`,
    ),
  ],
};
