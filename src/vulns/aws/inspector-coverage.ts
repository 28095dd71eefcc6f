/** Resources that Inspector knows and does not scan: each is a gap, with Inspector's own reason. */
import { type CoveredResource, type Inspector2Client, ListCoverageCommand } from '@aws-sdk/client-inspector2';
import { resourceFromId, resourceType } from '../adapters/aws-fields.js';
import { identityOf } from '../keys.js';
import type { Gap, Visit } from './listing.js';
import { call, endsReading, pages } from './session.js';

const PAGE = 200;
/** What is gone, and what was looked at to its end, hides nothing. */
const NO_GAP: ReadonlySet<string> = new Set(['RESOURCE_TERMINATED', 'SUCCESSFUL']);

export async function tellInspectorCoverage(client: Inspector2Client, visit: Visit): Promise<void> {
  const filterCriteria = { scanStatusCode: [{ comparison: 'EQUALS', value: 'INACTIVE' } as const] };
  const listing = pages(async (nextToken) => {
    const page = await call('inspector2:ListCoverage', () =>
      client.send(new ListCoverageCommand({ maxResults: PAGE, nextToken, filterCriteria })),
    );
    return { items: page.coveredResources ?? [], next: page.nextToken };
  });
  try {
    for await (const resources of listing)
      for (const resource of resources)
        if (!NO_GAP.has(resource.scanStatus?.reason ?? '')) visit.gap(gapOf(resource, visit.session.region));
  } catch (error) {
    if (endsReading(error)) throw error;
    visit.gap({
      id: `coverage of Inspector in ${visit.session.region}`,
      status: 'UNKNOWN',
      why: `which resources Inspector does not scan is unknown: ${(error as Error).message}`,
    });
  }
}

function gapOf({ resourceId, resourceType: type, accountId, ...rest }: CoveredResource, region: string): Gap {
  const resource = resourceFromId(resourceId ?? 'unknown', resourceType(type), {
    account: accountId,
    region,
  });
  const status = rest.scanStatus?.reason ?? 'INACTIVE';
  return {
    id: identityOf(resource),
    status,
    why: `Inspector does not scan it: ${status.toLowerCase().replaceAll('_', ' ')}`,
    repo: resource.repo ?? null,
    digest: resource.digest ?? null,
    tags: rest.resourceMetadata?.ecrImage?.tags ?? [],
  };
}
