/** What a publisher's key is trusted for, and whose key signed a piece of evidence. */
import { column, type Migration } from './step.js';

export const evidenceSigners: Migration = {
  version: 16,
  name: 'evidence-signers',
  steps: [
    column('publisher', 'purpose', "varchar(16) not null default 'robots'"),
    column('evidence', 'publisher_id', 'varchar(26)'),
  ],
};
