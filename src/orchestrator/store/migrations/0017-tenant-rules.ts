/** What a tenant demands of its people. */
import { column, type Migration } from './step.js';

export const tenantRules: Migration = {
  version: 17,
  name: 'tenant-rules',
  steps: [column('tenant', 'needs_second_factor', 'smallint not null default 0')],
};
