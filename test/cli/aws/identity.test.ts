import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { gatherIdentity } from '../../../src/cli/aws/identity.js';

const sts = mockClient(STSClient);
beforeEach(() => sts.reset());

describe('who AWS takes this shell for', () => {
  it('is named by its ARN', async () => {
    sts.on(GetCallerIdentityCommand).resolves({ Arn: 'arn:aws:iam::123456789012:user/ada' });
    expect(await gatherIdentity({ region: 'eu-west-1' }, {})).toEqual({
      arn: 'arn:aws:iam::123456789012:user/ada',
    });
  });

  it('is an error in words where AWS refuses, or where no region is set', async () => {
    sts.on(GetCallerIdentityCommand).rejects(Object.assign(new Error('x'), { name: 'ExpiredToken' }));
    expect(await gatherIdentity({ region: 'eu-west-1' }, {})).toEqual({
      error: 'sts:GetCallerIdentity: the AWS credentials have expired',
    });
    expect(await gatherIdentity({}, {})).toEqual({ error: 'no AWS region is set' });
  });
});
