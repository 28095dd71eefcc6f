/** Which master key the data belongs to; publishers' keys and their signatures; shared values and secrets. */
import { index, type Migration, table, unique } from './step.js';

export const proofs: Migration = {
  version: 13,
  name: 'proofs',
  steps: [
    table(
      'installation_fact',
      'name varchar(64) not null, fact_value text not null, updated_at bigint not null, primary key (name)',
    ),
    table(
      'publisher',
      `id varchar(26) not null, tenant_id varchar(26) not null, name varchar(190) not null,
       key_id varchar(64) not null, public_key text not null, created_by varchar(254) not null,
       created_at bigint not null, revoked_at bigint, primary key (id)`,
    ),
    unique('publisher', 'key', ['tenant_id', 'key_id']),
    index('publisher', 'name', ['tenant_id', 'name']),
    table(
      'version_signature',
      `version_id varchar(26) not null, publisher_id varchar(26) not null, signature varchar(86) not null,
       created_at bigint not null, primary key (version_id)`,
    ),
    table(
      'environment_rule',
      'environment_id varchar(26) not null, needs_signature smallint not null, primary key (environment_id)',
    ),
    table(
      'asset',
      `id varchar(26) not null, tenant_id varchar(26) not null, project_id varchar(26) not null,
       name varchar(190) not null, kind varchar(16) not null, plain_value mediumtext, sealed_value mediumtext,
       wrapped_key text, updated_by varchar(254) not null, updated_at bigint not null, primary key (id)`,
    ),
    unique('asset', 'name', ['tenant_id', 'project_id', 'name']),
  ],
};
