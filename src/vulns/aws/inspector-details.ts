/** CISA's dates and the EPSS score of each CVE, asked once a CVE however many resources have it. */
import {
  BatchGetFindingDetailsCommand,
  type Finding,
  type FindingDetail,
  type Inspector2Client,
} from '@aws-sdk/client-inspector2';
import type { Visit } from './listing.js';
import { call, endsReading } from './session.js';

/** Findings as the API lists them, with `cisaData`, `epssScore` and `exploitObserved` beside them. */
type DetailedFinding = Finding & Partial<Pick<FindingDetail, (typeof KEPT)[number]>>;

const ARNS_A_CALL = 10;
const KEPT = ['cisaData', 'epssScore', 'exploitObserved'] as const;

export function createDetails(
  client: Inspector2Client,
  visit: Visit,
): (findings: readonly Finding[]) => Promise<readonly DetailedFinding[]> {
  const known = new Map<string, Partial<FindingDetail>>();
  let isRefused = false;

  async function ask(asked: ReadonlyMap<string, string>): Promise<void> {
    const reply = await call('inspector2:BatchGetFindingDetails', () =>
      client.send(new BatchGetFindingDetailsCommand({ findingArns: [...asked.keys()] })),
    );
    for (const detail of reply.findingDetails ?? []) {
      const cve = asked.get(detail.findingArn ?? '');
      if (cve !== undefined) known.set(cve, keptOf(detail));
    }
  }

  return async (findings) => {
    const wanted = new Map<string, string>();
    for (const finding of findings) {
      const cve = finding.packageVulnerabilityDetails?.vulnerabilityId;
      if (cve === undefined || finding.findingArn === undefined || known.has(cve)) continue;
      known.set(cve, {});
      wanted.set(finding.findingArn, cve);
    }
    const pairs = [...wanted];
    try {
      for (let at = 0; at < pairs.length && !isRefused; at += ARNS_A_CALL)
        await ask(new Map(pairs.slice(at, at + ARNS_A_CALL)));
    } catch (error) {
      if (endsReading(error)) throw error;
      // The findings stand without them; the feeds say the same, a day later.
      isRefused = true;
      visit.warn(`Inspector's details of findings are left out: ${(error as Error).message}`);
    }
    return findings.map((finding) => ({
      ...finding,
      ...known.get(finding.packageVulnerabilityDetails?.vulnerabilityId ?? ''),
    }));
  };
}

function keptOf(detail: FindingDetail): Partial<FindingDetail> {
  return Object.fromEntries(
    KEPT.flatMap((name) => (detail[name] === undefined ? [] : [[name, detail[name]]])),
  ) as Partial<FindingDetail>;
}
