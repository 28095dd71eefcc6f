/** Joins what several sources say about one problem on one resource; the order of the sources does not matter. */

import {
  type Exploit,
  type FixState,
  type Merged,
  type Observation,
  type SourceRef,
  TOOLS,
} from '../model.js';
import { severityRank } from '../severity.js';
import { joinedStatus } from './joined-status.js';
import { mergePackages } from './merge-packages.js';

/** Joins observations of one key; there must be at least one. */
export function mergeObservations(
  key: string,
  trackKey: string,
  observations: readonly Observation[],
): Merged {
  const [only] = observations;
  if (only === undefined) throw new TypeError('nothing to merge');
  if (observations.length === 1) return soleMerged(key, trackKey, only);
  const ordered = [...observations].sort(compareObservations);
  const [first = only] = ordered;
  const worst = ordered.reduce((a, b) => (severityRank(b.severity) > severityRank(a.severity) ? b : a));
  return {
    key,
    trackKey,
    sources: sourcesOf(ordered),
    lane: first.lane,
    title: first.title,
    status: joinedStatus(ordered),
    severity: worst.severity,
    severitySource: worst.severitySource,
    arn: pick(ordered, (o) => o.arn),
    cve: pick(ordered, (o) => o.cve),
    advisory: pick(ordered, (o) => o.advisory),
    aliases: union(ordered, (o) => o.aliases),
    control: pick(ordered, (o) => o.control),
    kind: pick(ordered, (o) => o.kind),
    vector: pick(ordered, (o) => o.vector),
    cvss: scores(ordered),
    epss: extreme(ordered, (o) => o.epss, Math.max),
    percentile: extreme(ordered, (o) => o.percentile, Math.max),
    kev: pick(ordered, (o) => o.kev),
    exploit: worstExploit(ordered),
    fix: bestFix(ordered),
    resource: mergeResource(ordered),
    ...mergePackages(ordered),
    proves: pick(ordered, (o) => o.proves),
    attackSequence: pick(ordered, (o) => o.attackSequence),
    firstSeen: extreme(ordered, (o) => o.firstSeen, Math.min),
    lastSeen: extreme(ordered, (o) => o.lastSeen, Math.max),
  };
}

// A single observation as the finding it is: the same members in the same order, so that one shape serves all.
function soleMerged(key: string, trackKey: string, o: Observation): Merged {
  return {
    key,
    trackKey,
    sources: [{ tool: o.tool, id: o.sourceId, file: o.file }],
    lane: o.lane,
    title: o.title,
    status: o.status,
    severity: o.severity,
    severitySource: o.severitySource,
    arn: o.arn,
    cve: o.cve,
    advisory: o.advisory,
    aliases: o.aliases,
    control: o.control,
    kind: o.kind,
    vector: o.vector,
    cvss: o.cvss,
    epss: o.epss,
    percentile: o.percentile,
    kev: o.kev,
    exploit: o.exploit,
    fix: o.fix,
    resource: o.resource,
    package: o.package,
    alsoIn: o.alsoIn,
    proves: o.proves,
    attackSequence: o.attackSequence,
    firstSeen: o.firstSeen,
    lastSeen: o.lastSeen,
  };
}

/** How much a source tells: the one that knows most names the finding. */
export function richness(o: Observation): number {
  return (
    (o.cve === undefined ? 0 : 8) +
    (o.resource.digest === undefined ? 0 : 4) +
    (o.package === undefined ? 0 : 2) +
    (o.vector === undefined ? 0 : 1)
  );
}

function compareObservations(a: Observation, b: Observation): number {
  return (
    richness(b) - richness(a) ||
    TOOLS.indexOf(a.tool) - TOOLS.indexOf(b.tool) ||
    compareText(a.sourceId, b.sourceId) ||
    compareText(a.file, b.file) ||
    // One source's own updates: its latest word first.
    (b.lastSeen ?? 0) - (a.lastSeen ?? 0) ||
    compareText(JSON.stringify(a), JSON.stringify(b))
  );
}

function pick<T>(from: readonly Observation[], read: (o: Observation) => T | undefined): T | undefined {
  for (const o of from) {
    const value = read(o);
    if (value !== undefined) return value;
  }
  return undefined;
}

function extreme(
  from: readonly Observation[],
  read: (o: Observation) => number | undefined,
  choose: (...values: number[]) => number,
): number | undefined {
  const values = from.map(read).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : choose(...values);
}

function union(
  from: readonly Observation[],
  read: (o: Observation) => readonly string[] | undefined,
): readonly string[] | undefined {
  const all = [...new Set(from.flatMap((o) => read(o) ?? []))].sort(compareText);
  return all.length === 0 ? undefined : all;
}

function scores(from: readonly Observation[]): readonly number[] | undefined {
  const all = [...new Set(from.flatMap((o) => o.cvss ?? []))].sort((a, b) => a - b);
  return all.length === 0 ? undefined : all;
}

const FIX_ORDER: readonly FixState[] = ['yes', 'partial', 'no', 'unknown'];

function bestFix(from: readonly Observation[]): FixState {
  return FIX_ORDER.find((state) => from.some((o) => o.fix === state)) ?? 'unknown';
}

const WORST_EXPLOITS: readonly Exploit[] = ['active', 'poc', 'none'];

function worstExploit(from: readonly Observation[]): Exploit | undefined {
  const known = new Set(from.map((o) => o.exploit));
  return WORST_EXPLOITS.find((exploit) => known.has(exploit));
}

function mergeResource(from: readonly Observation[]): Observation['resource'] {
  const [first] = from;
  const read = <K extends keyof Observation['resource']>(key: K) => pick(from, (o) => o.resource[key]);
  return {
    type: first?.resource.type ?? 'unknown',
    id: first?.resource.id ?? '',
    account: read('account'),
    region: read('region'),
    registry: read('registry'),
    repo: read('repo'),
    digest: read('digest'),
    imageTags: union(from, (o) => o.resource.imageTags),
    tags: read('tags'),
    inUseCount: extreme(from, (o) => o.resource.inUseCount, Math.max),
    lastInUseAt: extreme(from, (o) => o.resource.lastInUseAt, Math.max),
  };
}

function sourcesOf(from: readonly Observation[]): readonly SourceRef[] {
  const seen = new Map<string, SourceRef>();
  for (const { tool, sourceId, file } of from) {
    const name = `${tool}\n${sourceId}`;
    const known = seen.get(name);
    if (known === undefined || file < known.file) seen.set(name, { tool, id: sourceId, file });
  }
  return [...seen.values()].sort(
    (a, b) => TOOLS.indexOf(a.tool) - TOOLS.indexOf(b.tool) || compareText(a.id, b.id),
  );
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
