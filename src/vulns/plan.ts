/** The plan: one line an action, overdue first, with what it removes. */
import { DAY, isoTime } from '../kernel/time.js';
import type { PlanGroup } from './collect/plan-groups.js';
import type { Remedy } from './decide/remedy.js';
import type { Lane, Severity } from './model.js';

export interface PlanItem {
  readonly action: string;
  readonly remedy: Remedy;
  readonly lane: Lane;
  readonly package: {
    readonly name: string;
    readonly from: string | null;
    readonly to: string | null;
  } | null;
  readonly layer: string | null;
  readonly findings: number;
  readonly resources: number;
  readonly kev: number;
  readonly overdue: number;
  readonly severity: Severity;
  readonly dueAt: string | null;
  readonly dueInDays: number | null;
  readonly riskRemoved: number;
  readonly owners: readonly string[];
  readonly examples: readonly string[];
}

/** Overdue first, then the earliest date, then the most risk removed. */
export function makePlan(groups: readonly PlanGroup[], now: number): PlanItem[] {
  return [...groups].sort(comparePlan).map((group) => planItem(group, now));
}

function comparePlan(a: PlanGroup, b: PlanGroup): number {
  return (
    Number(b.overdue > 0) - Number(a.overdue > 0) ||
    (a.due ?? Number.POSITIVE_INFINITY) - (b.due ?? Number.POSITIVE_INFINITY) ||
    b.risk - a.risk ||
    (a.key < b.key ? -1 : 1)
  );
}

function planItem(group: PlanGroup, now: number): PlanItem {
  const isPackage = group.lane === 'vuln' && (group.remedy === 'upgrade' || group.from !== null);
  return {
    action: actionText(group),
    remedy: group.remedy,
    lane: group.lane,
    package: isPackage ? { name: group.what, from: group.from, to: group.to } : null,
    layer: group.layer,
    findings: group.findings,
    resources: group.resources.length,
    kev: group.kev,
    overdue: group.overdue,
    severity: group.worst,
    dueAt: group.due === null ? null : isoTime(group.due),
    dueInDays: group.due === null ? null : Math.floor((group.due - now) / DAY),
    riskRemoved: group.risk / 100,
    owners: group.owners,
    examples: group.keys,
  };
}

function actionText(group: PlanGroup): string {
  const layer = group.layer === null ? '' : ` in layer ${group.layer.slice(0, 19)}`;
  switch (group.remedy) {
    case 'upgrade':
      return `upgrade ${group.what} ${group.from ?? '?'} → ${group.to ?? 'the fixed version'}${layer}`;
    case 'mitigate':
      return `mitigate or replace ${group.what}${group.from === null ? '' : ` ${group.from}`}${layer}: no fix known`;
    case 'investigate':
      return `investigate ${group.what}`;
    case 'configure':
      return `correct ${group.what}`;
    case 'rotate':
      return `revoke and rotate: ${group.what}`;
    case 'correct':
      return `correct ${group.what}`;
  }
}
