/** GuardDuty: ids 50 a page, findings 50 a call, of every detector of the region. */
import {
  GetDetectorCommand,
  GetFindingsCommand,
  GuardDutyClient,
  ListDetectorsCommand,
  ListFindingsCommand,
  ListMembersCommand,
} from '@aws-sdk/client-guardduty';
import type { ServiceListing, Visit } from './listing.js';
import { tellMembers } from './members.js';
import { call, pages } from './session.js';

const PAGE = 50;

export async function* readGuardDuty(visit: Visit): ServiceListing {
  const { session } = visit;
  const client = new GuardDutyClient(session.options);
  try {
    const ids = await detectors(client);
    if (ids.length === 0) visit.isOff(`GuardDuty has no detector in ${session.region}`);
    for (const DetectorId of ids) {
      const detector = await call('guardduty:GetDetector', () =>
        client.send(new GetDetectorCommand({ DetectorId })),
      );
      if (detector.Status !== 'ENABLED')
        visit.isOff(`GuardDuty is suspended in ${session.region} (detector ${DetectorId})`);
      await tellMembers(visit, 'GuardDuty', (NextToken) => memberPage(client, DetectorId, NextToken));
      yield* findings(client, DetectorId, visit);
    }
  } finally {
    client.destroy();
  }
}

async function* findings(client: GuardDutyClient, DetectorId: string, { since }: Visit): ServiceListing {
  const changed =
    since === null
      ? {}
      : { FindingCriteria: { Criterion: { updatedAt: { GreaterThanOrEqual: since.getTime() } } } };
  const listing = pages(async (NextToken) => {
    const page = await call('guardduty:ListFindings', () =>
      client.send(new ListFindingsCommand({ DetectorId, MaxResults: PAGE, NextToken, ...changed })),
    );
    return { items: page.FindingIds ?? [], next: page.NextToken };
  });
  for await (const FindingIds of listing) {
    if (FindingIds.length === 0) continue;
    const page = await call('guardduty:GetFindings', () =>
      client.send(new GetFindingsCommand({ DetectorId, FindingIds })),
    );
    yield { Findings: page.Findings ?? [] };
  }
}

async function memberPage(client: GuardDutyClient, DetectorId: string, NextToken: string | undefined) {
  const page = await call('guardduty:ListMembers', () =>
    client.send(new ListMembersCommand({ DetectorId, OnlyAssociated: 'false', NextToken })),
  );
  const members = (page.Members ?? []).map((one) => ({
    account: one.AccountId,
    status: one.RelationshipStatus,
  }));
  return { members, next: page.NextToken };
}

async function detectors(client: GuardDutyClient): Promise<readonly string[]> {
  const ids: string[] = [];
  const listing = pages(async (NextToken) => {
    const page = await call('guardduty:ListDetectors', () =>
      client.send(new ListDetectorsCommand({ NextToken })),
    );
    return { items: page.DetectorIds ?? [], next: page.NextToken };
  });
  for await (const page of listing) ids.push(...page);
  return ids;
}
