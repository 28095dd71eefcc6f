/** Live reading: the services asked for, in every region and account named; a failure is a gap, never silence. */
import { isRocError, RocError } from '../kernel/errors.js';
import { isoTime, MINUTE } from '../kernel/time.js';
import { accountOf, type LiveTarget } from './aws/clients.js';
import type { ServiceListing } from './aws/listing.js';
import type { Listing } from './collect/listing.js';
import type { Batch } from './intake/batch.js';
import type { Coverage, Tool } from './model.js';

export const LIVE_SERVICES = ['ecr', 'inspector', 'guardduty', 'securityhub'] as const;
export type LiveService = (typeof LIVE_SERVICES)[number];

export interface LiveRequest {
  readonly services: readonly LiveService[];
  /** One for each region and role. */
  readonly targets: readonly LiveTarget[];
  /** Read everything, also where an earlier run has read already. */
  readonly full: boolean;
}

export interface LiveResult {
  readonly listings: readonly Listing[];
  readonly gaps: readonly Coverage[];
  readonly watermarks: Readonly<Record<string, string>>;
  readonly bytes: number;
}

/** Changes may become visible late and out of order, so each run reads a little of the last one again. */
const OVERLAP = 10 * MINUTE;

const TOOL_OF: Readonly<Record<LiveService, Tool>> = {
  ecr: 'ecr',
  inspector: 'inspector',
  guardduty: 'guardduty',
  securityhub: 'asff',
};

/**
 * @param watermarks of the last run, by `service account region`
 * @throws RocError when nothing at all could be read
 */
export async function readLive(
  request: LiveRequest,
  watermarks: Readonly<Record<string, string>>,
  now: number,
  take: (batch: Batch) => Promise<void>,
): Promise<LiveResult> {
  const listings: Listing[] = [];
  const gaps: Coverage[] = [];
  const marks: Record<string, string> = {};
  const failures: RocError[] = [];
  let bytes = 0;
  for (const target of request.targets) {
    for (const service of request.services) {
      try {
        const account = await accountOf(target);
        const mark = `${service} ${account} ${target.region}`;
        const since =
          request.full || watermarks[mark] === undefined
            ? null
            : new Date(Date.parse(watermarks[mark]) - OVERLAP);
        for await (const document of await listingOf(service, target, since, now)) {
          const text = Buffer.from(JSON.stringify(document));
          bytes += text.length;
          await take({
            file: `live:${service}:${target.region}`,
            base: 0,
            bytes: text,
            spans: [0, text.length],
            context: null,
          });
        }
        const members = await membersOf(service, target);
        listings.push({
          tool: TOOL_OF[service],
          region: target.region,
          accounts: [...new Set([account, ...members])],
          delta: since !== null,
        });
        marks[mark] = isoTime(now);
      } catch (error) {
        if (!isRocError(error)) throw error;
        failures.push(error);
        gaps.push(gapOf(service, target, error));
      }
    }
  }
  const [first] = failures;
  if (first !== undefined && listings.length === 0) throw first;
  return { listings, gaps, watermarks: marks, bytes };
}

function gapOf(service: LiveService, target: LiveTarget, error: RocError): Coverage {
  return {
    tool: TOOL_OF[service],
    id: `${service} in ${target.region}${target.roleArn === undefined ? '' : ` as ${target.roleArn}`}`,
    repo: null,
    digest: null,
    tags: [],
    status: error.code,
    verdict: 'missing',
    why: error.message,
  };
}

// Each service's client is loaded only when it is asked for.
async function listingOf(
  service: LiveService,
  target: LiveTarget,
  since: Date | null,
  now: number,
): Promise<ServiceListing> {
  switch (service) {
    case 'ecr':
      return (await import('./aws/ecr.js')).listEcr(target, since);
    case 'inspector':
      return (await import('./aws/inspector.js')).listInspector(target, since);
    case 'guardduty':
      return (await import('./aws/guardduty.js')).listGuardDuty(target, since);
    case 'securityhub':
      return (await import('./aws/securityhub.js')).listSecurityHub(target, since, new Date(now));
  }
}

async function membersOf(service: LiveService, target: LiveTarget): Promise<readonly string[]> {
  switch (service) {
    case 'ecr':
      return [];
    case 'inspector':
      return (await import('./aws/inspector.js')).inspectorMembers(target);
    case 'guardduty':
      return (await import('./aws/guardduty.js')).guardDutyMembers(target);
    case 'securityhub':
      return (await import('./aws/securityhub.js')).securityHubMembers(target);
  }
}

/** `ecr,inspector`: the services by name. @throws RocError ROC_USAGE */
export function parseLive(text: string): readonly LiveService[] {
  return text.split(',').map((word) => {
    const service = LIVE_SERVICES.find((name) => name === word.trim());
    if (service === undefined)
      throw new RocError('ROC_USAGE', `--live ${text}: "${word}" is no service`, {
        hint: `Name some of ${LIVE_SERVICES.join(', ')}, joined by commas.`,
      });
    return service;
  });
}
