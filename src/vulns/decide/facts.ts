/** The inputs of a decision table, each with where it came from; what no source says stays unknown. */

import { identityOf } from '../keys.js';
import type { KevFact, Merged } from '../model.js';
import { automatable, parseVector, technicalImpact } from './cvss.js';
import type { Matcher } from './match.js';

export interface SsvcFact {
  readonly exploitation: 'none' | 'public poc' | 'active';
  readonly automatable: 'yes' | 'no';
  readonly impact: 'partial' | 'total';
}

/** What the feeds know, by CVE id. `hasKev` tells whether silence about KEV means "not in it". */
export interface FeedLookup {
  readonly hasKev: boolean;
  kev(cve: string): KevFact | null;
  epss(cve: string): { readonly epss: number; readonly percentile: number } | null;
  ssvc(cve: string): SsvcFact | null;
}

/** What other findings prove about a resource, by its identity. */
export interface Evidence {
  readonly exposure: ReadonlyMap<string, { readonly state: 'public' | 'private'; readonly why: string }>;
  /** Active threat findings, by resource identity. */
  readonly threats: ReadonlyMap<string, string>;
}

export interface ExposureRule {
  readonly fits: Matcher;
  readonly state: 'public' | 'private';
  readonly why: string;
}

export interface Fact<Value extends string> {
  readonly value: Value | null;
  readonly why: string;
}

export interface Facts {
  readonly inKev: Fact<'yes' | 'no'>;
  readonly kev: KevFact | null;
  readonly exposed: Fact<'yes' | 'no'>;
  readonly automatable: Fact<'yes' | 'no'>;
  readonly impact: Fact<'partial' | 'total'>;
  readonly exploitation: Fact<'none' | 'public poc' | 'active'>;
  readonly epss: number | null;
  readonly percentile: number | null;
}

export interface FactSources {
  readonly feeds: FeedLookup;
  readonly evidence: Evidence;
  readonly exposureRules: readonly ExposureRule[];
  readonly unknownExposureAs: 'public' | 'private' | 'unknown';
}

export function gatherFacts(finding: Merged, from: FactSources): Facts {
  const cves = cvesOf(finding);
  const ssvc = firstOf(cves, (cve) => from.feeds.ssvc(cve));
  const kev = finding.kev ?? firstOf(cves, (cve) => from.feeds.kev(cve));
  const score = firstOf(cves, (cve) => from.feeds.epss(cve));
  const vector = ssvc === null ? vectorFacts(finding.vector) : null;
  return {
    inKev: inKev(finding, kev, ssvc, cves, from.feeds.hasKev),
    kev,
    exposed: exposed(finding, from),
    automatable:
      ssvc !== null ? { value: ssvc.automatable, why: 'SSVC' } : (vector?.automatable ?? UNKNOWN_VECTOR),
    impact: ssvc !== null ? { value: ssvc.impact, why: 'SSVC' } : (vector?.impact ?? UNKNOWN_VECTOR),
    exploitation: exploitation(finding, kev, ssvc),
    epss: score?.epss ?? finding.epss ?? null,
    percentile: score?.percentile ?? finding.percentile ?? null,
  };
}

interface KnownVector {
  readonly automatable: Facts['automatable'];
  readonly impact: Facts['impact'];
}

// There are a few thousand vectors and millions of findings; the bound keeps a hostile file from filling memory.
const VECTORS = new Map<string, KnownVector | null>();
const MOST_VECTORS = 10_000;

function vectorFacts(text: string | undefined): KnownVector | null {
  if (text === undefined) return null;
  const known = VECTORS.get(text);
  if (known !== undefined) return known;
  const vector = parseVector(text);
  const facts: KnownVector | null =
    vector === null
      ? null
      : {
          automatable: { value: automatable(vector), why: 'CVSS vector' },
          impact: { value: technicalImpact(vector), why: 'CVSS vector' },
        };
  if (VECTORS.size >= MOST_VECTORS) VECTORS.clear();
  VECTORS.set(text, facts);
  return facts;
}

const UNKNOWN_VECTOR = { value: null, why: 'neither SSVC nor a CVSS vector' } as const;

function cvesOf(finding: Merged): readonly string[] {
  if (finding.aliases === undefined && finding.advisory === undefined)
    return finding.cve?.startsWith('CVE-') === true ? [finding.cve] : [];
  const ids = [finding.cve, finding.advisory, ...(finding.aliases ?? [])];
  return ids.filter((id): id is string => id?.startsWith('CVE-') === true);
}

function inKev(
  finding: Merged,
  kev: KevFact | null,
  ssvc: SsvcFact | null,
  cves: readonly string[],
  hasFeed: boolean,
): Facts['inKev'] {
  if (kev !== null) return { value: 'yes', why: kevText(kev, finding.kev === undefined ? 'KEV' : 'source') };
  if (ssvc?.exploitation === 'active') return { value: 'yes', why: 'SSVC exploitation active' };
  if (cves.length === 0) return { value: null, why: 'no CVE id to look up in KEV' };
  return hasFeed ? { value: 'no', why: 'not in KEV' } : { value: null, why: 'no KEV feed' };
}

function kevText(kev: KevFact, source: string): string {
  const parts = [
    `known exploited (${source})`,
    ...(kev.dateAdded === undefined ? [] : [`since ${kev.dateAdded}`]),
    ...(kev.dueDate === undefined ? [] : [`CISA due date ${kev.dueDate}`]),
    ...(kev.ransomware === true ? ['used by ransomware'] : []),
  ];
  return parts.join(', ');
}

function exploitation(finding: Merged, kev: KevFact | null, ssvc: SsvcFact | null): Facts['exploitation'] {
  if (kev !== null) return { value: 'active', why: 'known exploited' };
  if (ssvc !== null) return { value: ssvc.exploitation, why: 'SSVC' };
  if (finding.exploit === 'active') return { value: 'active', why: 'source' };
  if (finding.exploit === 'poc') return { value: 'public poc', why: 'source' };
  if (finding.exploit === 'none') return { value: 'none', why: 'source' };
  return { value: null, why: 'no source speaks of exploitation' };
}

// Rules that people wrote go before what findings prove, and both before the policy's assumption.
function exposed(finding: Merged, from: FactSources): Facts['exposed'] {
  for (const rule of from.exposureRules)
    if (rule.fits(finding)) return { value: yesNo(rule.state), why: rule.why };
  if (finding.proves?.exposure !== undefined)
    return { value: yesNo(finding.proves.exposure), why: finding.proves.why };
  const proven = from.evidence.exposure.get(identityOf(finding.resource));
  if (proven !== undefined) return { value: yesNo(proven.state), why: proven.why };
  if (from.unknownExposureAs === 'unknown') return { value: null, why: 'no evidence of exposure' };
  return {
    value: yesNo(from.unknownExposureAs),
    why: `assumed ${from.unknownExposureAs} by the policy, no evidence`,
  };
}

function yesNo(state: 'public' | 'private'): 'yes' | 'no' {
  return state === 'public' ? 'yes' : 'no';
}

function firstOf<T>(ids: readonly string[], find: (id: string) => T | null): T | null {
  for (const id of ids) {
    const found = find(id);
    if (found !== null) return found;
  }
  return null;
}
