/** A decided finding as the report lists it. */
import type { Decided } from './decide/decide.js';
import { remedyOf, remedyText } from './decide/remedy.js';
import { fastIsoTime } from './iso-time.js';
import type { Finding, Merged, State, SuppressionMark } from './model.js';

export interface FindingParts {
  readonly merged: Merged;
  readonly decided: Decided;
  readonly state: State;
  readonly owner: string | null;
  readonly suppression: SuppressionMark | undefined;
  /** Said after the reasons of the decision. */
  readonly notes: readonly string[];
}

export function toFinding({ merged, decided, state, owner, suppression, notes }: FindingParts): Finding {
  const { decision, facts } = decided;
  const { resource, package: pkg } = merged;
  return {
    key: merged.key,
    lane: merged.lane,
    ids: {
      cve: merged.cve ?? null,
      arn: merged.arn ?? null,
      advisory: merged.advisory,
      control: merged.control,
      kind: merged.kind,
    },
    title: merged.title,
    severity: merged.severity,
    severitySource: merged.severitySource,
    score: decided.score,
    epss: facts.epss,
    kev: facts.inKev.value === null ? null : facts.inKev.value === 'yes',
    exploit: merged.exploit ?? 'unknown',
    fix: merged.fix,
    remedy: remedyText(merged, remedyOf(merged)),
    decision: notes.length === 0 ? decision : { ...decision, reasons: [...decision.reasons, ...notes] },
    resource: {
      type: resource.type,
      id: resource.id,
      account: resource.account ?? null,
      region: resource.region ?? null,
      repo: resource.repo ?? null,
      digest: resource.digest ?? null,
    },
    package:
      pkg === undefined
        ? null
        : {
            name: pkg.name,
            version: pkg.version ?? null,
            fixedIn: pkg.fixedIn ?? null,
            path: pkg.path,
            layer: pkg.layer,
            purl: pkg.purl,
          },
    alsoIn: merged.alsoIn?.map(({ name, version, fixedIn }) => ({
      name,
      version: version ?? null,
      fixedIn: fixedIn ?? null,
    })),
    exposure: exposureOf(facts.exposed.value),
    owner,
    firstSeen: merged.firstSeen === undefined ? null : fastIsoTime(merged.firstSeen),
    lastSeen: merged.lastSeen === undefined ? null : fastIsoTime(merged.lastSeen),
    state,
    suppression,
    sources: merged.sources,
  };
}

function exposureOf(value: 'yes' | 'no' | null): Finding['exposure'] {
  if (value === null) return 'unknown';
  return value === 'yes' ? 'public' : 'private';
}
