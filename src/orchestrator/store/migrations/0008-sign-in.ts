/** One-time links, tries to sign in as all nodes count them, second factors, people of an identity provider. */
import { column, index, type Migration, table, unique } from './step.js';

export const signInTables: Migration = {
  version: 8,
  name: 'sign-in',
  steps: [
    table(
      'one_time_link',
      `id varchar(26) not null, kind varchar(16) not null, tenant_id varchar(26), user_id varchar(26),
       email varchar(254) not null, token_hash varchar(64) not null, role varchar(64),
       scope_kind varchar(16), scope_id varchar(26), created_by varchar(254) not null,
       created_at bigint not null, expires_at bigint not null, used_at bigint, primary key (id)`,
    ),
    unique('one_time_link', 'token', ['token_hash']),
    index('one_time_link', 'expiry', ['expires_at']),
    index('one_time_link', 'user', ['user_id']),
    table(
      'sign_in_bucket',
      `bucket varchar(64) not null, level integer not null, counted_at bigint not null,
       expires_at bigint not null, primary key (bucket)`,
    ),
    index('sign_in_bucket', 'expiry', ['expires_at']),
    table(
      'second_factor',
      `user_id varchar(26) not null, secret text not null, wrapped_key text not null,
       created_at bigint not null, confirmed_at bigint, last_step bigint not null, primary key (user_id)`,
    ),
    table(
      'recovery_code',
      `user_id varchar(26) not null, code_hash varchar(64) not null, used_at bigint,
       primary key (user_id, code_hash)`,
    ),
    table(
      'sso_identity',
      `issuer varchar(190) not null, subject varchar(190) not null, user_id varchar(26) not null,
       created_at bigint not null, primary key (issuer, subject)`,
    ),
    index('sso_identity', 'user', ['user_id']),
    table(
      'sso_attempt',
      `id varchar(64) not null, state varchar(128) not null, nonce varchar(128) not null,
       verifier varchar(128) not null, challenge varchar(64) not null, port integer not null,
       code_hash varchar(64), session_user varchar(26), expires_at bigint not null, primary key (id)`,
    ),
    index('sso_attempt', 'code', ['code_hash']),
    index('sso_attempt', 'expiry', ['expires_at']),
    column('user', 'password_reset_at', 'bigint'),
  ],
};
