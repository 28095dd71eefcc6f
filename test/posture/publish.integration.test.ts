import { expect, test } from 'vitest';
import type { Status } from '../../src/scale/status/model.js';
import { describeWith } from '../helpers/parts.js';
import { startFakeAccount } from '../helpers/posture/account-fake.js';
import { startRunningRoc } from '../helpers/running-roc.js';
import { fakeInstallation } from '../helpers/scale/installation-fake.js';

describeWith('botocore', 'a server of its own beside a strict fake of an account', () => {
  test('keeps a posture as evidence, and its nodes are in the status', async () => {
    const roc = await startRunningRoc();
    const account = await startFakeAccount();
    try {
      const env = {
        ...{ AWS_ACCESS_KEY_ID: 'AKIDROC', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'eu-west-1' },
        ...{ AWS_ENDPOINT_URL: account.url, ROC_URL: roc.url },
      };
      account.spoiled = { 'wafv2:GetWebACLForResource': () => ({}) };
      const check = await roc.roc(['posture', 'check', '--publish', '--json'], { env });
      expect([check.exitCode, check.stderr]).toEqual([3, '']);
      const { items } = (await roc.roc(['evidence', 'list', '--json'])).json<{
        items: { kind: string; scope: string }[];
      }>();
      expect(items).toEqual([
        expect.objectContaining({ kind: 'posture-check', scope: '123456789012 eu-west-1' }),
      ]);

      Object.assign(account.extra, fakeInstallation(Date.now).handlers);
      const status = (await roc.roc(['status', '--asg', 'roc-prod', '--json'], { env })).json<Status>();
      const server = status.components.find(({ id }) => id === 'orchestrator');
      expect(server).toMatchObject({ verdict: 'ok', about: roc.url });
      expect(server?.metrics.map(({ name }) => name)).toEqual([
        ...['answerTime', 'queued', 'oldestQueued', 'runnersOnline', 'nodesOnline'],
      ]);
    } finally {
      await account.close();
      await roc.stop();
    }
  });
});
