import { afterEach, beforeEach, expect, it } from 'vitest';
import { claim } from '../../../src/orchestrator/jobs/claim.js';
import { complete } from '../../../src/orchestrator/jobs/complete.js';
import { started } from '../../../src/orchestrator/jobs/started.js';
import { listEvents } from '../../../src/orchestrator/store/job-events.js';
import { getJob } from '../../../src/orchestrator/store/jobs.js';
import { type Fixture, openFixture } from '../../contracts/store-fixture.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';

let dir: string;
let f: Fixture;
beforeEach(async () => {
  dir = makeTempDir('store');
  f = await openFixture(`sqlite:${dir}/roc.db`);
});
afterEach(async () => {
  await f.store.close();
  removeDir(dir);
});

it('runs a job from start to end', async () => {
  const job = await f.enqueue();
  const runner = await f.runner('r1');
  const { offers } = await claim(f.store, { ...runner, slots: 1 });
  expect(offers).toMatchObject([{ jobId: job.id, epoch: 1, attempt: 1, entrypoint: ['node', 'main.js'] }]);
  const lease = { jobId: job.id, epoch: 1, runnerId: runner.runnerId };
  await started(f.store, lease);
  await complete(f.store, {
    ...lease,
    resultId: 'r'.repeat(16),
    outcome: 'succeeded',
    output: { n: 1 },
    error: null,
  });
  expect(await getJob(f.store, f.tenantId, job.id)).toMatchObject({
    state: 'succeeded',
    output: { n: 1 },
    runner: 'r1',
  });
  expect((await listEvents(f.store, job.id)).map((e) => e.type)).toEqual([
    'enqueued',
    'leased',
    'started',
    'finished',
  ]);
});
