/** To which processes a secret is given. */
import { type Migration, table } from './step.js';

export const assetGrants: Migration = {
  version: 14,
  name: 'asset-grants',
  steps: [
    table(
      'asset_grant',
      `asset_id varchar(26) not null, process_id varchar(26) not null, tenant_id varchar(26) not null,
       seal varchar(64) not null, created_by varchar(254) not null, created_at bigint not null,
       primary key (asset_id, process_id)`,
    ),
  ],
};
