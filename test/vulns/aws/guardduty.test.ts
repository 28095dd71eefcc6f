import {
  GetDetectorCommand,
  GetFindingsCommand,
  GuardDutyClient,
  ListDetectorsCommand,
  ListFindingsCommand,
  ListMembersCommand,
} from '@aws-sdk/client-guardduty';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { readGuardDuty } from '../../../src/vulns/aws/guardduty.js';
import { awsError, visit } from './visit.js';

const guardduty = mockClient(GuardDutyClient);
beforeEach(() => {
  guardduty.reset();
  guardduty.on(ListDetectorsCommand).resolves({ DetectorIds: ['d1'], NextToken: '' });
  guardduty.on(GetDetectorCommand).resolves({ Status: 'ENABLED' });
  guardduty.on(ListMembersCommand).resolves({ Members: [], NextToken: '' });
  guardduty.on(ListFindingsCommand).resolves({ FindingIds: [], NextToken: '' });
});

describe('GuardDuty', () => {
  it('takes an empty token for the end, of every listing', async () => {
    guardduty
      .on(ListFindingsCommand)
      .resolvesOnce({ FindingIds: ['a'], NextToken: 'n' })
      .resolvesOnce({ FindingIds: ['b'], NextToken: '' });
    guardduty.on(GetFindingsCommand).callsFake((input: { FindingIds: string[] }) => ({
      Findings: input.FindingIds.map((Id) => ({ Id })),
    }));
    expect((await visit(readGuardDuty)).documents).toEqual([
      { Findings: [{ Id: 'a' }] },
      { Findings: [{ Id: 'b' }] },
    ]);
  });

  it('reads every detector, and tells of members that are not enabled', async () => {
    guardduty.on(ListDetectorsCommand).resolves({ DetectorIds: ['d1', 'd2'] });
    guardduty.on(ListMembersCommand, { DetectorId: 'd2' }).resolves({
      Members: [
        { AccountId: '1', RelationshipStatus: 'Enabled' },
        { AccountId: '2', RelationshipStatus: 'Invited' },
        { AccountId: '3', RelationshipStatus: 'Resigned' },
      ] as never,
    });
    const told = await visit(readGuardDuty);
    expect(told.accounts).toEqual(['1']);
    expect(told.gaps).toMatchObject([{ id: '2', status: 'Invited' }]);
    expect(guardduty.commandCalls(ListFindingsCommand)).toHaveLength(2);
  });

  it('asks only for what changed', async () => {
    const since = new Date('2025-05-30T00:00:00Z');
    await visit(readGuardDuty, since);
    expect(guardduty.commandCalls(ListFindingsCommand)[0]?.args[0].input.FindingCriteria).toEqual({
      Criterion: { updatedAt: { GreaterThanOrEqual: since.getTime() } },
    });
  });

  it('fails where a page is lost: half a listing is none', async () => {
    guardduty
      .on(ListFindingsCommand)
      .resolvesOnce({ FindingIds: ['a'], NextToken: 'n' })
      .rejectsOnce(awsError('InternalServerErrorException'));
    guardduty.on(GetFindingsCommand).resolves({ Findings: [] });
    await expect(visit(readGuardDuty)).rejects.toMatchObject({ code: 'ROC_UNAVAILABLE' });
  });
});
