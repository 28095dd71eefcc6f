/** Joins what several sources say about one problem on one resource; the order of the sources does not matter. */

import {
  type Exploit,
  type FixState,
  type Merged,
  type Observation,
  type ResourceRef,
  type SourceRef,
  TOOLS,
  type Tool,
} from '../model.js';
import { joinedSeverity } from './joined-severity.js';
import { joinedStatus } from './joined-status.js';
import { mergePackages } from './merge-packages.js';

type Open<T> = { -readonly [K in keyof T]: T[K] };

/** Joins observations of one key; there must be at least one. */
export function mergeObservations(
  key: string,
  trackKey: string,
  observations: readonly Observation[],
  prefer: readonly Tool[],
): Merged {
  const [only] = observations;
  if (only === undefined) throw new TypeError('nothing to merge');
  if (observations.length === 1) return soleMerged(key, trackKey, only);
  const ordered = [...observations].sort(compareObservations);
  const [first = only, ...rest] = ordered;
  const merged: Open<Merged> = soleMerged(key, trackKey, first);
  const resource: Open<ResourceRef> = { ...first.resource };
  for (const o of rest) {
    overlay(merged, o);
    overlayResource(resource, o.resource);
  }
  const packages = mergePackages(ordered);
  resource.imageTags = union(ordered, (o) => o.resource.imageTags);
  merged.resource = resource;
  merged.package = packages.package;
  merged.alsoIn = packages.alsoIn;
  const { severity, severitySource } = joinedSeverity(ordered, prefer);
  merged.severity = severity;
  merged.severitySource = severitySource;
  merged.status = joinedStatus(ordered);
  merged.aliases = union(ordered, (o) => o.aliases);
  merged.cvss = union(ordered, (o) => o.cvss);
  merged.sources = sourcesOf(ordered);
  return merged;
}

/** What a richer source left open, a poorer one may say; and the widest span of time. */
function overlay(merged: Open<Merged>, o: Observation): void {
  merged.arn ??= o.arn;
  merged.cve ??= o.cve;
  merged.advisory ??= o.advisory;
  merged.control ??= o.control;
  merged.kind ??= o.kind;
  merged.vector ??= o.vector;
  merged.kev ??= o.kev;
  merged.proves ??= o.proves;
  merged.attackSequence ??= o.attackSequence;
  merged.epss = larger(merged.epss, o.epss);
  merged.percentile = larger(merged.percentile, o.percentile);
  merged.firstSeen = smaller(merged.firstSeen, o.firstSeen);
  merged.lastSeen = larger(merged.lastSeen, o.lastSeen);
  if (EXPLOIT_RANKS[o.exploit ?? 'unknown'] > EXPLOIT_RANKS[merged.exploit ?? 'unknown'])
    merged.exploit = o.exploit;
  if (FIX_RANKS[o.fix] > FIX_RANKS[merged.fix]) merged.fix = o.fix;
}

function overlayResource(resource: Open<ResourceRef>, other: ResourceRef): void {
  resource.account ??= other.account;
  resource.region ??= other.region;
  resource.registry ??= other.registry;
  resource.repo ??= other.repo;
  resource.digest ??= other.digest;
  resource.tags ??= other.tags;
  resource.inUseCount = larger(resource.inUseCount, other.inUseCount);
  resource.lastInUseAt = larger(resource.lastInUseAt, other.lastInUseAt);
}

const EXPLOIT_RANKS: Readonly<Record<Exploit, number>> = { unknown: 0, none: 1, poc: 2, active: 3 };
const FIX_RANKS: Readonly<Record<FixState, number>> = { unknown: 0, no: 1, partial: 2, yes: 3 };

function larger(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

function smaller(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
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

/** All values once, in order; undefined when no source has any. */
function union<T extends string | number>(
  from: readonly Observation[],
  read: (o: Observation) => readonly T[] | undefined,
): readonly T[] | undefined {
  const all: T[] = [];
  for (const o of from) for (const value of read(o) ?? []) if (!all.includes(value)) all.push(value);
  return all.length === 0 ? undefined : all.sort((a, b) => (a < b ? -1 : 1));
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
