import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkPosture, evidenceOf, isHeld } from '../../src/exports/posture.js';
import { CONTROLS } from '../../src/posture/decide.js';
import { describeWith } from '../helpers/parts.js';
import { type FakeAccount, NOW, startFakeAccount, VPC } from '../helpers/posture/account-fake.js';

const STACK = {
  ...{ vpcId: VPC, dbSecretArn: 'arn:secret', robotsBucket: 'robots' },
  ...{ kmsKeyArn: 'arn:aws:kms:eu-west-1:1:key/k', logGroups: ['/roc/server'] },
};

describeWith('botocore', 'roc/posture on a strict fake of an account', () => {
  let fake: FakeAccount;
  const kept = { ...process.env };

  beforeAll(async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDROC', AWS_SECRET_ACCESS_KEY: 'test' });
    fake = await startFakeAccount();
  });
  afterAll(async () => {
    process.env = kept;
    await fake.close();
  });
  beforeEach(() => {
    fake.spoiled = {};
  });
  afterEach(() => expect(fake.problems).toEqual([]));

  const check = (more: Partial<Parameters<typeof checkPosture>[0]> = {}) =>
    checkPosture({ region: 'eu-west-1', endpointUrl: fake.url, stack: STACK, now: () => NOW, ...more });

  test('holds a stack against every control by the shipped policy, with evidence of it', async () => {
    const checked = await check();
    expect(isHeld(checked.posture)).toBe(true);
    expect(checked.posture.summary.pass).toBe(CONTROLS.length);
    expect(checked.posture.scope).toEqual({ account: '123456789012', region: 'eu-west-1', vpc: VPC });
    expect(evidenceOf(checked)).toMatchObject({
      ...{ kind: 'posture-check', verdict: 'pass', policyHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  test('looks at the whole region where no VPC is meant, and at nothing of the stack in another', async () => {
    expect((await check({ vpc: null })).posture.scope.vpc).toBeNull();
    fake.spoiled = { 'ec2:DescribeVpcs': () => ({ Vpcs: [{ VpcId: 'vpc-other' }] }) };
    const { posture } = await check({ vpc: 'vpc-other' });
    const verdict = (id: string) => posture.controls.find((one) => one.id === id)?.verdict;
    expect([verdict('bucket.private'), verdict('data.keys-rotate')]).toEqual([
      'notApplicable',
      'notApplicable',
    ]);
    expect((await check({ vpc: 'vpc-other', buckets: ['mine'] })).posture.controls).toContainEqual(
      expect.objectContaining({ id: 'bucket.private', verdict: 'pass' }),
    );
  });

  test('takes a restore that the program has proved for one', async () => {
    fake.spoiled = { 'backup:ListRestoreJobs': () => ({ RestoreJobs: [] }) };
    const verdict = async (lastVerifiedAt?: () => Promise<number | null>) =>
      (await check({ lastVerifiedAt })).posture.summary.fail;
    expect(await verdict()).toBe(1);
    expect(await verdict(async () => NOW - 86_400_000)).toBe(0);
  });

  test('refuses a policy that is not there, before it asks anybody', async () => {
    await expect(
      check({ policyFile: '/none.yaml', endpointUrl: 'http://127.0.0.1:9' }),
    ).rejects.toMatchObject({
      code: 'ROC_NOT_FOUND',
    });
  });
});
