/** Live reading: the services asked for, in every region and account named; a failure is a gap, never silence. */
import { isRocError, RocError } from '../kernel/errors.js';
import { isoTime, MINUTE } from '../kernel/time.js';
import type { Gap, ReadService, Visit } from './aws/listing.js';
import { type LiveSession, type LiveTarget, openSession } from './aws/session.js';
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
  /** What was asked and did not tell everything. */
  readonly blind: readonly { readonly tool: string; readonly region: string }[];
  readonly warnings: readonly string[];
  readonly watermarks: Readonly<Record<string, string>>;
  readonly bytes: number;
  /** The first failure; what it cost stands in the gaps. */
  readonly failure: RocError | null;
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
  const tour = newTour();
  const put = async (document: object, file: string): Promise<void> => {
    const bytes = Buffer.from(JSON.stringify(document));
    tour.bytes += bytes.length;
    await take({ file, base: 0, bytes, spans: [0, bytes.length], context: null });
  };
  for (const target of request.targets) {
    // Without a session every service of the target fails alike.
    const session = await openSession(target).catch(rocErrorOnly);
    for (const service of request.services) {
      const stop = { service, target, now, full: request.full, watermarks };
      if (isRocError(session)) tour.fail(stop, [TOOL_OF[service]], session);
      else await visitService(tour, stop, session, put);
    }
  }
  if (tour.failure !== null && tour.listings.length === 0) throw tour.failure;
  return tour;
}

interface Stop {
  readonly service: LiveService;
  readonly target: LiveTarget;
  readonly now: number;
  readonly full: boolean;
  readonly watermarks: Readonly<Record<string, string>>;
}

async function visitService(
  tour: Tour,
  stop: Stop,
  session: LiveSession,
  put: (document: object, file: string) => Promise<void>,
): Promise<void> {
  const { service, now } = stop;
  const { account, region } = session;
  const mark = `${service} ${account} ${region}`;
  const before = stop.full ? undefined : stop.watermarks[mark];
  const accounts = new Set([account]);
  const except: Listing['except'][number][] = [];
  let tool = TOOL_OF[service];
  let isOn = true;
  const visit: Visit = {
    session,
    since: before === undefined ? null : new Date(Date.parse(before) - OVERLAP),
    until: new Date(now),
    tells: (dialect) => {
      tool = dialect;
    },
    covers: (more) => {
      for (const one of more) accounts.add(one);
    },
    except: (of, type) => void except.push({ account: of, type }),
    gap: (gap) => void tour.gaps.push(coverageOf(tool, gap)),
    isOff: (why) => {
      isOn = false;
      tour.gaps.push(coverageOf(tool, { id: placeOf(stop), status: 'OFF', why }));
    },
    warn: (text) => void tour.warnings.push(text),
  };
  try {
    const read = await readerOf(service);
    for await (const document of read(visit)) await put(document, `live:${service}:${region}`);
    if (!isOn) {
      tour.blind.push({ tool, region });
      return;
    }
    const delta = visit.since !== null;
    tour.listings.push({ tool, region, accounts: [...accounts], except, delta });
    tour.watermarks[mark] = isoTime(now);
  } catch (error) {
    if (!isRocError(error)) throw error;
    tour.fail(stop, [...new Set([tool, TOOL_OF[service]])], error);
  }
}

interface Tour extends LiveResult {
  readonly listings: Listing[];
  readonly gaps: Coverage[];
  readonly blind: { tool: string; region: string }[];
  readonly warnings: string[];
  readonly watermarks: Record<string, string>;
  bytes: number;
  failure: RocError | null;
  fail(stop: Stop, tools: readonly Tool[], error: RocError): void;
}

function newTour(): Tour {
  const tour: Tour = {
    listings: [],
    gaps: [],
    blind: [],
    warnings: [],
    watermarks: {},
    bytes: 0,
    failure: null,
    fail(stop, tools, error) {
      tour.failure ??= error;
      for (const tool of tools) tour.blind.push({ tool, region: stop.target.region });
      const [tool = TOOL_OF[stop.service]] = tools;
      tour.gaps.push(coverageOf(tool, { id: placeOf(stop), status: error.code, why: error.message }));
      tour.warnings.push(`${placeOf(stop)} could not be read whole: ${error.message}`);
    },
  };
  return tour;
}

function rocErrorOnly(error: unknown): RocError {
  if (isRocError(error)) return error;
  throw error;
}

function placeOf({ service, target }: Stop): string {
  return `${service} in ${target.region}${target.roleArn === undefined ? '' : ` as ${target.roleArn}`}`;
}

function coverageOf(tool: Tool, gap: Gap): Coverage {
  return { tool, repo: null, digest: null, tags: [], verdict: 'missing', ...gap };
}

// Each service's client is loaded only when it is asked for.
async function readerOf(service: LiveService): Promise<ReadService> {
  switch (service) {
    case 'ecr':
      return (await import('./aws/ecr.js')).readEcr;
    case 'inspector':
      return (await import('./aws/inspector.js')).readInspector;
    case 'guardduty':
      return (await import('./aws/guardduty.js')).readGuardDuty;
    case 'securityhub':
      return (await import('./aws/securityhub.js')).readSecurityHub;
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
