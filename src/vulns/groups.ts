/** Findings counted by what people ask about: the problem, the resource, the owner, the image. */
import { ACTIONABLE, type Finding } from './model.js';
import { problemName } from './problem-name.js';

export const GROUPINGS = ['issue', 'resource', 'owner', 'image'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface FindingGroup {
  readonly name: string;
  readonly findings: number;
  readonly critical: number;
  readonly high: number;
  readonly kev: number;
  readonly overdue: number;
  /** The earliest due date, ISO 8601. */
  readonly dueAt: string | null;
}

type OpenGroup = { -readonly [K in keyof FindingGroup]: FindingGroup[K] };

export interface Grouper {
  add(finding: Finding): void;
  /** Overdue first, then the earliest date, then the most findings. */
  groups(): readonly FindingGroup[];
}

export function createGrouper(by: Grouping): Grouper {
  const groups = new Map<string, OpenGroup>();
  return {
    add(finding) {
      const name = ACTIONABLE.has(finding.state) ? NAMES[by](finding) : null;
      if (name === null) return;
      const known = groups.get(name) ?? begin(name);
      groups.set(name, known);
      count(known, finding);
    },
    groups: () => [...groups.values()].sort(compareGroups),
  };
}

/** Null: the finding belongs to no such group. */
const NAMES: Readonly<Record<Grouping, (finding: Finding) => string | null>> = {
  issue: (finding) =>
    finding.package === null ? problemName(finding) : `${problemName(finding)} ${finding.package.name}`,
  resource: ({ resource }) => resource.repo ?? resource.id,
  owner: ({ owner }) => owner ?? 'nobody',
  image: ({ resource }) =>
    resource.digest === null ? null : `${resource.repo ?? resource.id}@${resource.digest}`,
};

function begin(name: string): OpenGroup {
  return { name, findings: 0, critical: 0, high: 0, kev: 0, overdue: 0, dueAt: null };
}

function count(group: OpenGroup, { severity, kev, decision }: Finding): void {
  group.findings++;
  if (severity === 'critical') group.critical++;
  if (severity === 'high') group.high++;
  if (kev === true) group.kev++;
  if (decision.overdue) group.overdue++;
  // Times in UTC of one form sort as text.
  if (decision.dueAt !== null && (group.dueAt === null || decision.dueAt < group.dueAt))
    group.dueAt = decision.dueAt;
}

const NEVER = '9999';

function compareGroups(a: FindingGroup, b: FindingGroup): number {
  const [dueA, dueB] = [a.dueAt ?? NEVER, b.dueAt ?? NEVER];
  return (
    Number(b.overdue > 0) - Number(a.overdue > 0) ||
    (dueA < dueB ? -1 : dueA > dueB ? 1 : 0) ||
    b.findings - a.findings ||
    (a.name < b.name ? -1 : 1)
  );
}
