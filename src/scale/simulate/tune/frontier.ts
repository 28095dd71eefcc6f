/** Instance-hours that a family needs for a budget of avoidable violations, between the points that were swept. */

export interface FrontierPoint {
  readonly avoidablePct: number;
  readonly instanceHoursPerDay: number;
}

export interface FrontierCell {
  /** Percent of minutes. */
  readonly budgetPct: number;
  /** Null where no target of the sweep keeps to the budget. */
  readonly instanceHoursPerDay: number | null;
  /** Every point of the sweep kept to the budget: a higher target might be cheaper still. */
  readonly isUpperBound: boolean;
}

/** Along the points that no other point beats in both, straight from one to the next. */
export function frontierAt(points: readonly FrontierPoint[], budgetPct: number): FrontierCell {
  const best = undominated(points);
  const above = best.findIndex(({ avoidablePct }) => avoidablePct > budgetPct);
  if (above === 0 || best.length === 0) return { budgetPct, instanceHoursPerDay: null, isUpperBound: false };
  const below = best[above === -1 ? best.length - 1 : above - 1];
  const next = best[above];
  if (below === undefined) return { budgetPct, instanceHoursPerDay: null, isUpperBound: false };
  if (above === -1 || next === undefined)
    return { budgetPct, instanceHoursPerDay: below.instanceHoursPerDay, isUpperBound: true };
  const share = (budgetPct - below.avoidablePct) / (next.avoidablePct - below.avoidablePct);
  return {
    budgetPct,
    instanceHoursPerDay:
      below.instanceHoursPerDay + share * (next.instanceHoursPerDay - below.instanceHoursPerDay),
    isUpperBound: false,
  };
}

/** Fewest violations first, hours falling. */
export function undominated<P extends FrontierPoint>(points: readonly P[]): P[] {
  const sorted = [...points].sort(
    (a, b) => a.avoidablePct - b.avoidablePct || a.instanceHoursPerDay - b.instanceHoursPerDay,
  );
  const kept: P[] = [];
  for (const point of sorted)
    if (point.instanceHoursPerDay < (kept.at(-1)?.instanceHoursPerDay ?? Number.POSITIVE_INFINITY))
      kept.push(point);
  return kept;
}
