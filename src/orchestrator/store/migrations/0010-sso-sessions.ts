/** Sessions that end at a fixed time, whoever uses them: who signed in through a provider must come back to it. */
import { column, type Migration } from './step.js';

export const ssoSessions: Migration = {
  version: 10,
  name: 'sso sessions',
  steps: [column('session', 'ends_at', 'bigint')],
};
