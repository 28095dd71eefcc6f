/** Evidence that checks have published; the envelopes lie encrypted in the blob store. */
import { index, type Migration, table } from './step.js';

export const evidence: Migration = {
  version: 9,
  name: 'evidence',
  steps: [
    table(
      'evidence',
      `id varchar(26) not null, tenant_id varchar(26) not null, kind varchar(64) not null,
       generated_at bigint not null, scope varchar(500) not null, policy_hash varchar(64),
       verdict varchar(16) not null, summary mediumtext not null, sha256 varchar(64) not null, signature text,
       size_bytes bigint not null, blob_key varchar(190) not null, wrapped_key text not null,
       created_by varchar(254) not null, created_at bigint not null, primary key (id)`,
    ),
    index('evidence', 'newest', ['tenant_id', 'id']),
    index('evidence', 'kind', ['tenant_id', 'kind', 'id']),
    index('evidence', 'blob', ['blob_key']),
  ],
};
