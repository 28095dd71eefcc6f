import {
  BatchGetAccountStatusCommand,
  BatchGetFindingDetailsCommand,
  Inspector2Client,
  ListCoverageCommand,
  ListFindingsCommand,
  ListMembersCommand,
} from '@aws-sdk/client-inspector2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { readInspector } from '../../../src/vulns/aws/inspector.js';
import { ACCOUNT, awsError, visit } from './visit.js';

const inspector = mockClient(Inspector2Client);
const state = { status: 'ENABLED', errorCode: undefined, errorMessage: undefined } as const;
const enabled = (accountId: string) => ({
  accountId,
  state,
  resourceState: { ec2: state, ecr: state },
});

beforeEach(() => {
  inspector.reset();
  inspector.on(ListMembersCommand).resolves({});
  inspector.on(BatchGetAccountStatusCommand).callsFake((input: { accountIds: string[] }) => ({
    accounts: input.accountIds.map(enabled),
  }));
  inspector.on(ListCoverageCommand).resolves({});
  inspector.on(BatchGetFindingDetailsCommand).resolves({});
  inspector.on(ListFindingsCommand).resolves({ findings: [] });
});

describe('Inspector', () => {
  it('is no administrator where the listing of members is refused', async () => {
    inspector.on(ListMembersCommand).rejects(awsError('AccessDeniedException'));
    expect(await visit(readInspector)).toMatchObject({ accounts: [], gaps: [], off: [] });
  });

  it('asks for the status of at most a hundred accounts a call', async () => {
    const members = Array.from({ length: 250 }, (_, n) => ({
      accountId: String(n).padStart(12, '0'),
      relationshipStatus: 'ENABLED' as const,
    }));
    inspector
      .on(ListMembersCommand)
      .resolvesOnce({ members: members.slice(0, 200), nextToken: 'n' })
      .resolvesOnce({ members: members.slice(200) });
    const { accounts } = await visit(readInspector);
    expect(accounts).toHaveLength(250);
    expect(
      inspector
        .commandCalls(BatchGetAccountStatusCommand)
        .map((call) => call.args[0].input.accountIds?.length),
    ).toEqual([100, 100, 51]);
  });

  it('tells accounts of which it says nothing', async () => {
    inspector.on(BatchGetAccountStatusCommand).resolves({
      accounts: [enabled(ACCOUNT)],
      failedAccounts: [
        { accountId: '9', errorCode: 'ACCESS_DENIED', errorMessage: 'no', status: 'DISABLED' },
      ],
    } as never);
    expect((await visit(readInspector)).gaps).toMatchObject([{ id: '9', status: 'ACCESS_DENIED' }]);
  });

  it('says that what it does not scan is unknown where coverage is refused', async () => {
    inspector.on(ListCoverageCommand).rejects(awsError('AccessDeniedException', 'no'));
    expect((await visit(readInspector)).gaps).toMatchObject([
      { status: 'UNKNOWN', why: expect.stringContaining('is unknown') },
    ]);
  });

  it.each([
    ['ListCoverage', () => inspector.on(ListCoverageCommand)],
    ['ListMembers', () => inspector.on(ListMembersCommand)],
    ['BatchGetFindingDetails', () => inspector.on(BatchGetFindingDetailsCommand)],
  ] as const)('ends where credentials have expired at %s', async (_, on) => {
    inspector.on(ListFindingsCommand).resolves({
      findings: [{ findingArn: 'arn:a', packageVulnerabilityDetails: { vulnerabilityId: 'CVE-1' } } as never],
    });
    on().rejects(awsError('ExpiredTokenException'));
    await expect(visit(readInspector)).rejects.toMatchObject({
      code: 'ROC_CREDENTIALS_MISSING',
      exitCode: 5,
    });
  });

  it('asks only for what changed', async () => {
    const since = new Date('2025-05-30T00:00:00Z');
    await visit(readInspector, since);
    expect(inspector.commandCalls(ListFindingsCommand)[0]?.args[0].input).toMatchObject({
      maxResults: 100,
      filterCriteria: { updatedAt: [{ startInclusive: since }] },
    });
  });
});
