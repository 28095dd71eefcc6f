import { expect, it } from 'vitest';
import { runnerEnv } from '../../src/orchestrator/runner-beside.js';

it('the runner beside the server gets an environment of what it needs, and no secret', () => {
  const kept = { PATH: '/bin', HOME: '/h', LANG: 'C', LC_ALL: 'C', TZ: 'UTC', ROC_RUNNER__SLOTS: '2' };
  const secret = {
    ROC_ADMIN_PASSWORD: 'x',
    ROC_SERVER__DATABASE: 'mysql://u:p@h/d',
    ROC_TOKEN: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    NODE_OPTIONS: '--inspect',
    MY_PATH: 'x',
    ROC_RUNNER_TOKEN: 'of another runner',
  };
  expect(runnerEnv({ ...kept, ...secret })).toEqual(kept);
});
