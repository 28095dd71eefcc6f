/** Inspector: findings of this account and of its members, 100 a page, with what CISA and others say of each CVE. */
import {
  type AccountState,
  BatchGetAccountStatusCommand,
  Inspector2Client,
  ListFindingsCommand,
  ListMembersCommand,
} from '@aws-sdk/client-inspector2';
import { tellInspectorCoverage } from './inspector-coverage.js';
import { createDetails } from './inspector-details.js';
import type { ServiceListing, Visit } from './listing.js';
import { tellMembers } from './members.js';
import { call, pages } from './session.js';

const PAGE = 100;
const ACCOUNTS_A_CALL = 100;

/** Closed findings come too: that is how a change to "fixed" is learned. */
export async function* readInspector(visit: Visit): ServiceListing {
  const { session, since } = visit;
  const client = new Inspector2Client(session.options);
  try {
    const members = await tellMembers(visit, 'Inspector', (token) => memberPage(client, token));
    await tellStatus(client, visit, [session.account, ...members]);
    await tellInspectorCoverage(client, visit);
    const addDetails = createDetails(client, visit);
    const filterCriteria = since === null ? undefined : { updatedAt: [{ startInclusive: since }] };
    const listing = pages(async (nextToken) => {
      const page = await call('inspector2:ListFindings', () =>
        client.send(new ListFindingsCommand({ maxResults: PAGE, nextToken, filterCriteria })),
      );
      return { items: page.findings ?? [], next: page.nextToken };
    });
    for await (const findings of listing) yield { findings: await addDetails(findings) };
  } finally {
    client.destroy();
  }
}

/** What Inspector is told not to scan is no clean account. */
async function tellStatus(client: Inspector2Client, visit: Visit, all: readonly string[]): Promise<void> {
  for (let at = 0; at < all.length; at += ACCOUNTS_A_CALL) {
    const accountIds = all.slice(at, at + ACCOUNTS_A_CALL);
    const reply = await call('inspector2:BatchGetAccountStatus', () =>
      client.send(new BatchGetAccountStatusCommand({ accountIds })),
    );
    for (const { accountId = 'unknown', errorMessage, errorCode = 'FAILED' } of reply.failedAccounts ?? [])
      visit.gap({
        id: accountId,
        status: errorCode,
        why: `Inspector says nothing of account ${accountId}: ${errorMessage ?? errorCode}`,
      });
    for (const account of reply.accounts ?? []) tellAccount(visit, account);
  }
}

const KINDS = [
  ['ec2', 'EC2 instances', 'instance'],
  ['ecr', 'ECR images', 'image'],
  ['lambda', 'Lambda functions', 'function'],
] as const;

function tellAccount(visit: Visit, { accountId = 'unknown', state, resourceState }: AccountState): void {
  const { account, region } = visit.session;
  if (state?.status !== 'ENABLED' && accountId === account)
    visit.isOff(`Inspector is ${state?.status ?? 'not enabled'} in account ${account}, ${region}`);
  for (const [kind, what, type] of KINDS) {
    const status = resourceState?.[kind]?.status;
    if (status === undefined || status === 'ENABLED') continue;
    // Switching the scanner off takes its findings away and mends nothing.
    visit.except(accountId, type);
    const why = `Inspector does not scan the ${what} of account ${accountId}`;
    visit.gap({ id: `${accountId} ${kind}`, status, why });
  }
}

async function memberPage(client: Inspector2Client, nextToken: string | undefined) {
  const page = await call('inspector2:ListMembers', () =>
    client.send(new ListMembersCommand({ onlyAssociated: false, maxResults: 50, nextToken })),
  );
  const members = (page.members ?? []).map((one) => ({
    account: one.accountId,
    status: one.relationshipStatus,
  }));
  return { members, next: page.nextToken };
}
