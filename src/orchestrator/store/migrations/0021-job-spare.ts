/** Room in a job's row for what it will come to hold: see store/spare-room.ts. */
import { column, type Migration } from './step.js';

export const jobSpare: Migration = {
  version: 21,
  name: 'spare room of jobs',
  steps: [column('job', 'spare', 'varchar(190)')],
};
