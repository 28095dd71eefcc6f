/** Lists of one project's jobs. */
import { index, type Migration } from './step.js';

export const jobLists: Migration = {
  version: 5,
  name: 'job lists',
  steps: [index('job', 'project', ['tenant_id', 'project_id', 'id'])],
};
