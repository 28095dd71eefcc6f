/** Finding a version by its blob: for the sweep of blobs that nothing names. */
import { index, type Migration } from './step.js';

export const retention: Migration = {
  version: 15,
  name: 'retention',
  steps: [index('robot_version', 'blob', ['blob_key'])],
};
