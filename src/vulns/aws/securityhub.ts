/** Security Hub: ASFF findings, 100 a page. AWS allows three calls a second, so a million take about an hour. */
import { GetFindingsCommand, ListMembersCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { call, type LiveTarget, liveClientOptions } from './clients.js';
import type { ServiceListing } from './listing.js';

const PAGE = 100;

/** @param until the end of the window, because the API asks for both ends */
export async function* listSecurityHub(target: LiveTarget, since: Date | null, until: Date): ServiceListing {
  const client = new SecurityHubClient(await liveClientOptions(target));
  const window = since === null ? null : { Start: since.toISOString(), End: until.toISOString() };
  try {
    let NextToken: string | undefined;
    do {
      const page = await call('securityhub:GetFindings', () =>
        client.send(
          new GetFindingsCommand({
            MaxResults: PAGE,
            NextToken,
            ...(window === null ? {} : { Filters: { UpdatedAt: [window] } }),
          }),
        ),
      );
      yield { Findings: page.Findings ?? [] };
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  } finally {
    client.destroy();
  }
}

export async function securityHubMembers(target: LiveTarget): Promise<readonly string[]> {
  const client = new SecurityHubClient(await liveClientOptions(target));
  const accounts: string[] = [];
  try {
    let NextToken: string | undefined;
    do {
      const page = await client.send(new ListMembersCommand({ OnlyAssociated: true, NextToken }));
      for (const { AccountId } of page.Members ?? []) if (AccountId !== undefined) accounts.push(AccountId);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return accounts;
  } catch {
    return [];
  } finally {
    client.destroy();
  }
}
