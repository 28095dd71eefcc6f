/** Tuned on the first part of the history, shown on the rest: a choice is worth only what it does on days it has not seen. */

import { type FleetModel, sliceWorkload, type Workload } from '../fleet/model.js';
import type { Settings } from './families.js';
import { type FrontierCell, frontierAt } from './frontier.js';
import { type Means, type SweptPoint, sweep, toCourse } from './sweep.js';
import type { Tunable } from './tunables.js';

export interface Suggestion {
  /** Avoidable violations that a choice may have in the first part, in percent of minutes. */
  readonly budgetPct: number;
  readonly trainedOnPct: number;
  readonly choices: readonly Choice[];
}

export interface Choice {
  readonly name: string;
  /** Null where no configuration of the sweep keeps to the budget; then there are no other figures. */
  readonly family: string | null;
  readonly target: number | null;
  /** What to write into a policy of roc; null for others. */
  readonly settings: Settings | null;
  /** Configurations tried; the same for everyone. */
  readonly tried: number;
  readonly trained: Means | null;
  readonly heldOut: Means | null;
}

const TRAINED = 0.7;

/** The cheapest configuration that keeps to the budget on the first 70 %, and what it does on the last 30 %. */
export function suggest(
  workloads: readonly Workload[],
  tunables: readonly Tunable[],
  fleet: FleetModel,
  budgetPct: number,
): Suggestion {
  const cut = ({ demand }: Workload) => Math.floor(demand.length * TRAINED);
  const first = workloads.map((one) => toCourse(sliceWorkload(one, 0, cut(one)), fleet));
  const last = workloads.map((one) => toCourse(sliceWorkload(one, cut(one), one.demand.length), fleet));
  const choices = tunables.map(({ name, families }): Choice => {
    const swept = families.flatMap((family) =>
      sweep(family, first, fleet).map((point) => ({ family, point })),
    );
    const chosen = swept
      .filter(({ point }) => point.avoidablePct <= budgetPct)
      .sort((a, b) => a.point.instanceHoursPerDay - b.point.instanceHoursPerDay)[0];
    if (chosen === undefined)
      return {
        name,
        family: null,
        target: null,
        settings: null,
        tried: swept.length,
        trained: null,
        heldOut: null,
      };
    const { family, point } = chosen;
    const [heldOut] = sweep(family, last, fleet, { targets: [point.target] });
    return {
      name,
      family: family.name,
      target: point.target,
      settings: family.settings?.(point.target) ?? null,
      tried: swept.length,
      trained: plain(point),
      heldOut: heldOut === undefined ? null : plain(heldOut),
    };
  });
  return { budgetPct, trainedOnPct: 100 * TRAINED, choices };
}

export interface Frontier {
  readonly name: string;
  readonly tried: number;
  readonly cells: readonly FrontierCell[];
  /** Every configuration that was tried, for a picture. */
  readonly points: readonly { readonly avoidablePct: number; readonly instanceHoursPerDay: number }[];
}

const BUDGETS_PCT = [0.5, 1, 2] as const;

/** Instance-hours that each contender needs for each budget, its settings chosen with hindsight for each alike. */
export function frontiers(
  workloads: readonly Workload[],
  tunables: readonly Tunable[],
  fleet: FleetModel,
): Frontier[] {
  const courses = workloads.map((one) => toCourse(one, fleet));
  return tunables.map(({ name, families }) => {
    const points = families
      .flatMap((family) => sweep(family, courses, fleet))
      .map(({ avoidablePct, instanceHoursPerDay }) => ({ avoidablePct, instanceHoursPerDay }));
    return {
      name,
      tried: points.length,
      cells: BUDGETS_PCT.map((budget) => frontierAt(points, budget)),
      points,
    };
  });
}

function plain({ target: _target, scores: _scores, ...means }: SweptPoint): Means {
  return means;
}
