/** Security Hub: OCSF findings where its second version is on, else ASFF; 100 a page, about three pages a second. */
import {
  DescribeSecurityHubV2Command,
  GetFindingsCommand,
  GetFindingsV2Command,
  ListMembersCommand,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import type { ServiceListing, Visit } from './listing.js';
import { tellMembers } from './members.js';
import { call, endsReading, pages } from './session.js';

const PAGE = 100;

export async function* readSecurityHub(visit: Visit): ServiceListing {
  const client = new SecurityHubClient(visit.session.options);
  try {
    const isSecond = await hasSecondVersion(client);
    await tellMembers(visit, 'Security Hub', (NextToken) => memberPage(client, NextToken));
    if (isSecond) visit.tells('ocsf');
    yield* isSecond ? ocsfFindings(client, visit) : asffFindings(client, visit);
  } finally {
    client.destroy();
  }
}

// Where it is not on, the call is refused in one of several ways; the first version then answers or says why not.
async function hasSecondVersion(client: SecurityHubClient): Promise<boolean> {
  try {
    const hub = await call('securityhub:DescribeSecurityHubV2', () =>
      client.send(new DescribeSecurityHubV2Command({})),
    );
    return hub.HubV2Arn !== undefined;
  } catch (error) {
    if (endsReading(error)) throw error;
    return false;
  }
}

/** Both ends of the window, because the API asks for both. */
function windowOf({ since, until }: Visit): { Start: string; End: string } | null {
  return since === null ? null : { Start: since.toISOString(), End: until.toISOString() };
}

async function* asffFindings(client: SecurityHubClient, visit: Visit): ServiceListing {
  const window = windowOf(visit);
  const Filters = window === null ? {} : { Filters: { UpdatedAt: [window] } };
  yield* pages(async (NextToken) => {
    const page = await call('securityhub:GetFindings', () =>
      client.send(new GetFindingsCommand({ MaxResults: PAGE, NextToken, ...Filters })),
    );
    return { items: { Findings: page.Findings ?? [] }, next: page.NextToken };
  });
}

async function* ocsfFindings(client: SecurityHubClient, visit: Visit): ServiceListing {
  const window = windowOf(visit);
  const DateFilters = [{ FieldName: 'finding_info.modified_time_dt', Filter: window ?? {} } as const];
  const Filters = window === null ? {} : { Filters: { CompositeFilters: [{ DateFilters }] } };
  yield* pages(async (NextToken) => {
    const page = await call('securityhub:GetFindingsV2', () =>
      client.send(new GetFindingsV2Command({ MaxResults: PAGE, NextToken, ...Filters })),
    );
    return { items: { Findings: page.Findings ?? [] }, next: page.NextToken };
  });
}

async function memberPage(client: SecurityHubClient, NextToken: string | undefined) {
  const page = await call('securityhub:ListMembers', () =>
    client.send(new ListMembersCommand({ OnlyAssociated: false, NextToken })),
  );
  const members = (page.Members ?? []).map((one) => ({ account: one.AccountId, status: one.MemberStatus }));
  return { members, next: page.NextToken };
}
