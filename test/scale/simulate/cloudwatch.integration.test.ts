import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import ScaleSimulate from '../../../commands/scale/simulate.js';
import {
  balancerNames,
  balancerQuery,
  groupCpuQuery,
  groupSizeQuery,
} from '../../../src/scale/metrics/names.js';
import type { SimulationReport } from '../../../src/scale/simulate/simulate-files.js';
import { type RunningFakeAws, startFakeAws } from '../../helpers/aws-model/fake-aws.js';
import { describeWith } from '../../helpers/parts.js';
import { runCommand } from '../../helpers/run-command.js';
import { fakeCloudWatch } from '../../helpers/scale/cloudwatch-fake.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';

const ARN = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
const albArn = `${ARN}:loadbalancer/app/roc/1`;
const apiTargetGroupArn = `${ARN}:targetgroup/api/2`;
const MINUTE = 60_000;
const MINUTES = 24 * 60;

describeWith('botocore', 'roc scale simulate cloudwatch:1d, against a strict fake', () => {
  let fake: RunningFakeAws;
  let dir: string;
  beforeAll(async () => {
    fake = await startFakeAws({});
    dir = makeTempDir('history');
    writeFileSync(join(dir, 'roc.yaml'), '');
    mkdirSync(join(dir, '.roc'));
  });
  afterAll(async () => {
    await fake.close();
    removeDir(dir);
  });

  const outputs = (fields: object) =>
    writeFileSync(join(dir, '.roc/stack-outputs.json'), JSON.stringify({ region: 'eu-west-1', ...fields }));
  const run = () =>
    runCommand(
      ScaleSimulate,
      ['cloudwatch:1d', '--config', join(dir, 'roc.yaml'), '--against', 'static2', '--json'],
      {
        env: {
          AWS_ACCESS_KEY_ID: 'AKIDROC',
          AWS_SECRET_ACCESS_KEY: 'test',
          AWS_ENDPOINT_URL: fake.url,
          AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        },
      },
    );
  const minute = (back: number) => Math.floor(Date.now() / MINUTE) * MINUTE - back * MINUTE;

  it('replays the requests of the balancer, with the capacity that CPU and requests show', async () => {
    outputs({ albArn, apiTargetGroupArn, asgName: 'roc-api' });
    const watch = fakeCloudWatch(() => Date.now());
    fake.handlers = watch.handlers;
    const names = balancerNames(albArn, apiTargetGroupArn);
    for (let back = MINUTES + 5; back > 0; back--) {
      watch.put(balancerQuery(names, 'requests'), minute(back), 600 + (back % 60) * 10);
      watch.put(balancerQuery(names, 'healthy'), minute(back), 2);
      watch.put(groupCpuQuery('roc-api'), minute(back), (600 + (back % 60) * 10) / 20);
      watch.put(groupSizeQuery('roc-api'), minute(back), 2);
    }
    const end = await run();
    expect([end.exitCode, end.stderr]).toEqual([0, '']);
    const [series] = end.json<SimulationReport>().series;
    // 600 requests are 30 % of two instances: a full one carries 1,000.
    expect(series).toMatchObject({ name: 'roc-api', facts: { stepMinutes: 1 } });
    expect(series?.capacityPerInstance).toBeCloseTo(1000);
    expect(Math.abs((series?.minutes ?? 0) - MINUTES)).toBeLessThan(10);
    expect(fake.problems).toEqual([]);
  });

  it('says what CloudWatch could not tell whole', async () => {
    outputs({ albArn, apiTargetGroupArn });
    const watch = fakeCloudWatch(() => Date.now());
    fake.handlers = watch.handlers;
    const requests = balancerQuery(balancerNames(albArn, apiTargetGroupArn), 'requests');
    for (let back = MINUTES; back > 0; back--) watch.put(requests, minute(back), 600);
    watch.statusOf.set('RequestCount', 'PartialData');
    const end = await run();
    expect(end.exitCode).toBe(0);
    expect(end.json<SimulationReport>().series[0]?.notes).toEqual(['requests: partial']);
  });

  it('says what is missing where CloudWatch has nothing', async () => {
    outputs({ albArn, apiTargetGroupArn, asgName: 'roc-api' });
    fake.handlers = fakeCloudWatch(() => Date.now()).handlers;
    const end = await run();
    expect(end.exitCode).toBe(2);
    expect(end.json<{ error: { message: string } }>().error.message).toBe(
      'CloudWatch has no demand of roc-api in that time',
    );
  });
});
