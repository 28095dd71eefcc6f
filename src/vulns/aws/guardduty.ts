/** GuardDuty: ids 50 a page, findings 50 a call, of every detector of the region. */
import {
  GetFindingsCommand,
  GuardDutyClient,
  ListDetectorsCommand,
  ListFindingsCommand,
  ListMembersCommand,
} from '@aws-sdk/client-guardduty';
import { call, type LiveTarget, liveClientOptions } from './clients.js';
import type { ServiceListing } from './listing.js';

const PAGE = 50;

export async function* listGuardDuty(target: LiveTarget, since: Date | null): ServiceListing {
  const client = new GuardDutyClient(await liveClientOptions(target));
  try {
    for (const DetectorId of await detectors(client)) {
      let NextToken: string | undefined;
      do {
        const ids = await call('guardduty:ListFindings', () =>
          client.send(
            new ListFindingsCommand({
              DetectorId,
              MaxResults: PAGE,
              NextToken,
              ...(since === null
                ? {}
                : { FindingCriteria: { Criterion: { updatedAt: { GreaterThanOrEqual: since.getTime() } } } }),
            }),
          ),
        );
        const FindingIds = ids.FindingIds ?? [];
        if (FindingIds.length > 0) {
          const page = await call('guardduty:GetFindings', () =>
            client.send(new GetFindingsCommand({ DetectorId, FindingIds })),
          );
          yield { Findings: page.Findings ?? [] };
        }
        NextToken = ids.NextToken === '' ? undefined : ids.NextToken;
      } while (NextToken !== undefined);
    }
  } finally {
    client.destroy();
  }
}

export async function guardDutyMembers(target: LiveTarget): Promise<readonly string[]> {
  const client = new GuardDutyClient(await liveClientOptions(target));
  const accounts: string[] = [];
  try {
    for (const DetectorId of await detectors(client)) {
      let NextToken: string | undefined;
      do {
        const page = await client.send(
          new ListMembersCommand({ DetectorId, OnlyAssociated: 'true', NextToken }),
        );
        for (const { AccountId } of page.Members ?? []) if (AccountId !== undefined) accounts.push(AccountId);
        NextToken = page.NextToken === '' ? undefined : page.NextToken;
      } while (NextToken !== undefined);
    }
    return accounts;
  } catch {
    return [];
  } finally {
    client.destroy();
  }
}

async function detectors(client: GuardDutyClient): Promise<readonly string[]> {
  const ids: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await call('guardduty:ListDetectors', () =>
      client.send(new ListDetectorsCommand({ NextToken })),
    );
    ids.push(...(page.DetectorIds ?? []));
    NextToken = page.NextToken === '' ? undefined : page.NextToken;
  } while (NextToken !== undefined);
  return ids;
}
