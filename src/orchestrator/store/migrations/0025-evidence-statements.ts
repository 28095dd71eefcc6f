/** What was signed is recorded once in a tenant, however often it is sent. */
import { index, type Migration, table } from './step.js';

export const evidenceStatements: Migration = {
  version: 25,
  name: 'evidence-statements',
  steps: [
    table(
      'evidence_statement',
      `tenant_id varchar(26) not null, digest varchar(64) not null, evidence_id varchar(26) not null,
       primary key (tenant_id, digest)`,
    ),
    index('evidence_statement', 'evidence', ['evidence_id']),
  ],
};
