/** Inspector: findings of this account and of its members, 100 a page. */
import { Inspector2Client, ListFindingsCommand, ListMembersCommand } from '@aws-sdk/client-inspector2';
import { call, type LiveTarget, liveClientOptions } from './clients.js';
import type { ServiceListing } from './listing.js';

const PAGE = 100;

/** Closed findings come too: that is how a change to "fixed" is learned. */
export async function* listInspector(target: LiveTarget, since: Date | null): ServiceListing {
  const client = new Inspector2Client(await liveClientOptions(target));
  try {
    let nextToken: string | undefined;
    do {
      const page = await call('inspector2:ListFindings', () =>
        client.send(
          new ListFindingsCommand({
            maxResults: PAGE,
            nextToken,
            ...(since === null ? {} : { filterCriteria: { updatedAt: [{ startInclusive: since }] } }),
          }),
        ),
      );
      yield { findings: page.findings ?? [] };
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  } finally {
    client.destroy();
  }
}

/** Accounts that a delegated administrator sees; none when this account is no administrator. */
export async function inspectorMembers(target: LiveTarget): Promise<readonly string[]> {
  const client = new Inspector2Client(await liveClientOptions(target));
  const accounts: string[] = [];
  try {
    let nextToken: string | undefined;
    do {
      const page = await client.send(
        new ListMembersCommand({ onlyAssociated: true, maxResults: 50, nextToken }),
      );
      for (const { accountId } of page.members ?? []) if (accountId !== undefined) accounts.push(accountId);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return accounts;
  } catch {
    return [];
  } finally {
    client.destroy();
  }
}
