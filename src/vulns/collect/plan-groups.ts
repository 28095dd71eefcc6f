/** Findings grouped by the action that removes them, counted as they pass. */
import { actionKey, type Remedy, remedyOf } from '../decide/remedy.js';
import { identityOf } from '../keys.js';
import type { Finding, Lane, Merged, Severity } from '../model.js';
import { problemName } from '../problem-name.js';
import { severityRank } from '../severity.js';
import { compareVersions } from '../versions.js';
import { ownText } from './own-text.js';

/** One group as it is gathered; plain data, so that threads can send it. */
export interface PlanGroup {
  readonly key: string;
  readonly remedy: Remedy;
  readonly lane: Lane;
  readonly what: string;
  readonly from: string | null;
  readonly layer: string | null;
  to: string | null;
  /** Some of the findings have no fix: the upgrade leaves them. */
  findings: number;
  overdue: number;
  kev: number;
  worst: Severity;
  /** Epoch milliseconds of the earliest date, or null. */
  due: number | null;
  /** Sum of scores in hundredths: whole numbers add up alike in any order. */
  risk: number;
  /** Places of the resources in {@link PlanPart.names}. */
  readonly resources: number[];
  readonly owners: string[];
  /** The most urgent findings, for a look at examples. */
  readonly keys: string[];
}

const EXAMPLES = 3;
const NAMED_OWNERS = 5;

/** The groups of one thread, with the names of the resources that they count. */
export interface PlanPart {
  readonly groups: readonly PlanGroup[];
  readonly names: readonly string[];
}

export interface PlanGatherer {
  /** @param due the finding's date, epoch milliseconds */
  add(merged: Merged, finding: Finding, due: number | null): void;
  part(): PlanPart;
}

interface OpenGroup extends PlanGroup {
  readonly seen: Set<number>;
}

export function createPlanGatherer(): PlanGatherer {
  const groups = new Map<string, OpenGroup>();
  const names = createNames();
  return {
    add(merged, finding, due) {
      const remedy = remedyOf(merged);
      const key = actionKey(merged, remedy);
      const known = groups.get(key) ?? begin(key, remedy, merged, finding);
      groups.set(key, known);
      count(known, merged, finding, due);
      known.seen.add(names.place(resourceName(merged)));
    },
    part: () => ({ groups: [...groups.values()].map(closed), names: names.all() }),
  };
}

function begin(key: string, remedy: Remedy, merged: Merged, finding: Finding): OpenGroup {
  return {
    key,
    remedy,
    lane: merged.lane,
    what: ownText(merged.package?.name ?? problemName(finding)),
    from: ownOrNull(merged.package?.version),
    layer: ownOrNull(merged.package?.layer),
    to: null,
    findings: 0,
    overdue: 0,
    kev: 0,
    worst: 'unknown',
    due: null,
    risk: 0,
    resources: [],
    owners: [],
    keys: [],
    seen: new Set(),
  };
}

function ownOrNull(text: string | undefined): string | null {
  return text === undefined ? null : ownText(text);
}

function count(group: OpenGroup, merged: Merged, finding: Finding, due: number | null): void {
  group.findings++;
  if (finding.decision.overdue) group.overdue++;
  if (finding.kev === true) group.kev++;
  if (severityRank(finding.severity) > severityRank(group.worst)) group.worst = finding.severity;
  if (due !== null && (group.due === null || due < group.due)) group.due = due;
  group.risk += Math.round(finding.score * 100);
  raiseTarget(group, merged.package?.fixedIn);
  addSorted(group.owners, finding.owner, NAMED_OWNERS);
  addSorted(group.keys, finding.key, EXAMPLES);
}

// An image is counted once, in however many repositories it lies.
function resourceName({ resource }: Merged): string {
  return resource.digest ?? identityOf(resource);
}

function raiseTarget(group: PlanGroup, fixedIn: string | null | undefined): void {
  if (fixedIn === null || fixedIn === undefined || fixedIn === group.to) return;
  const order = group.to === null ? 1 : compareVersions(fixedIn, group.to);
  // Of two ways to write one version the same is named, whichever came first.
  if (group.to === null || order > 0 || (order === 0 && fixedIn < group.to)) group.to = ownText(fixedIn);
}

// The smallest few by text: the same ones whatever the order they came in.
function addSorted(list: string[], value: string | null, most: number): void {
  if (value === null || (list.length === most && value > (list[most - 1] ?? ''))) return;
  if (list.includes(value)) return;
  list.push(value);
  list.sort();
  if (list.length > most) list.pop();
}

/** Joins the groups of several threads. */
export function joinGroups(parts: readonly PlanPart[]): PlanGroup[] {
  const joined = new Map<string, OpenGroup>();
  const names = createNames();
  for (const part of parts) {
    const places = part.names.map((name) => names.place(name));
    for (const group of part.groups)
      join(
        joined,
        group,
        group.resources.map((place) => places[place] ?? -1),
      );
  }
  return [...joined.values()].map(closed);
}

function join(joined: Map<string, OpenGroup>, group: PlanGroup, resources: readonly number[]): void {
  const known = joined.get(group.key);
  if (known === undefined) {
    joined.set(group.key, {
      ...group,
      owners: [...group.owners],
      keys: [...group.keys],
      seen: new Set(resources),
    });
    return;
  }
  known.findings += group.findings;
  known.overdue += group.overdue;
  known.kev += group.kev;
  known.risk += group.risk;
  if (severityRank(group.worst) > severityRank(known.worst)) known.worst = group.worst;
  if (group.due !== null && (known.due === null || group.due < known.due)) known.due = group.due;
  raiseTarget(known, group.to);
  for (const place of resources) known.seen.add(place);
  for (const owner of group.owners) addSorted(known.owners, owner, NAMED_OWNERS);
  for (const key of group.keys) addSorted(known.keys, key, EXAMPLES);
}

function closed({ seen, ...group }: OpenGroup): PlanGroup {
  return { ...group, resources: [...seen] };
}

interface Names {
  place(name: string): number;
  all(): readonly string[];
}

function createNames(): Names {
  const places = new Map<string, number>();
  return {
    place(name) {
      const known = places.get(name);
      if (known !== undefined) return known;
      places.set(ownText(name), places.size);
      return places.size - 1;
    },
    all: () => [...places.keys()],
  };
}
