import {
  DescribeSecurityHubV2Command,
  GetFindingsCommand,
  GetFindingsV2Command,
  ListMembersCommand,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { readSecurityHub } from '../../../src/vulns/aws/securityhub.js';
import { awsError, visit } from './visit.js';

const hub = mockClient(SecurityHubClient);
beforeEach(() => {
  hub.reset();
  hub.on(ListMembersCommand).resolves({ Members: [] });
  hub.on(GetFindingsCommand).resolves({ Findings: [] });
  hub.on(GetFindingsV2Command).resolves({ Findings: [{ class_uid: 2002 }] });
});

describe('Security Hub', () => {
  it.each([
    'ResourceNotFoundException',
    'AccessDeniedException',
    'InvalidAccessException',
    'ValidationException',
    'UnknownOperationException',
  ])('falls back to its first version on %s', async (name) => {
    hub.on(DescribeSecurityHubV2Command).rejects(awsError(name));
    const told = await visit(readSecurityHub);
    expect([told.tools, told.documents]).toEqual([[], [{ Findings: [] }]]);
    expect(hub.commandCalls(GetFindingsV2Command)).toHaveLength(0);
  });

  it('takes the second where it is on', async () => {
    hub.on(DescribeSecurityHubV2Command).resolves({ HubV2Arn: 'arn' });
    const told = await visit(readSecurityHub);
    expect([told.tools, told.documents]).toEqual([['ocsf'], [{ Findings: [{ class_uid: 2002 }] }]]);
    expect(hub.commandCalls(GetFindingsCommand)).toHaveLength(0);
  });

  it('does not take expired credentials for a hub that is off', async () => {
    hub.on(DescribeSecurityHubV2Command).rejects(awsError('ExpiredTokenException'));
    await expect(visit(readSecurityHub)).rejects.toMatchObject({ code: 'ROC_CREDENTIALS_MISSING' });
  });

  it('fails where neither is on', async () => {
    hub.on(DescribeSecurityHubV2Command).rejects(awsError('ResourceNotFoundException'));
    hub
      .on(GetFindingsCommand)
      .rejects(awsError('InvalidAccessException', 'not subscribed to AWS Security Hub'));
    await expect(visit(readSecurityHub)).rejects.toMatchObject({
      message: expect.stringContaining('not subscribed'),
    });
  });
});
