/** Runners, the one-time tokens they register with, and the assertions they have used. */
import { index, type Migration, table, unique } from './step.js';

export const runners: Migration = {
  version: 4,
  name: 'runners',
  steps: [
    table(
      'runner',
      `id varchar(26) not null, tenant_id varchar(26) not null, pool_id varchar(26) not null,
       name varchar(190) not null, sign_key varchar(64) not null, box_key varchar(64) not null,
       os varchar(16) not null, arch varchar(32) not null, version varchar(64) not null, labels text not null,
       slots integer not null, boot_id varchar(64), session_epoch integer not null,
       is_draining smallint not null, last_seen_at bigint, created_at bigint not null, primary key (id)`,
    ),
    unique('runner', 'name', ['tenant_id', 'name']),
    index('runner', 'pool', ['tenant_id', 'pool_id']),
    table(
      'runner_token',
      `id varchar(26) not null, tenant_id varchar(26) not null, pool_id varchar(26) not null,
       token_hash varchar(128) not null, created_by varchar(254) not null, created_at bigint not null,
       expires_at bigint not null, used_at bigint, primary key (id)`,
    ),
    unique('runner_token', 'hash', ['token_hash']),
    index('runner_token', 'expiry', ['expires_at']),
    table(
      'runner_assertion',
      `runner_id varchar(26) not null, jti varchar(190) not null, expires_at bigint not null,
       primary key (runner_id, jti)`,
    ),
    index('runner_assertion', 'expiry', ['expires_at']),
  ],
};
