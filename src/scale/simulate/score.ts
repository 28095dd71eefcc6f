/** What a run is worth: rates a day and shares, so that series of different lengths stand side by side. */
import type { FleetModel } from './fleet/model.js';
import type { Run } from './fleet/run.js';

export interface Score {
  readonly policy: string;
  /** Minutes above the SLO, in percent of all. */
  readonly violationsPct: number;
  /** Of these, what a clairvoyant would have avoided: the difference to the oracle. */
  readonly avoidablePct: number;
  /** Demand that no instance had room for, in percent of all demand. */
  readonly droppedPct: number;
  readonly instanceHoursPerDay: number;
  /** Billed instance-hours over those of the oracle. */
  readonly timesOracle: number;
  readonly actionsPerDay: number;
  readonly flapsPerDay: number;
  readonly costUsdPerDay: number;
  readonly instanceUsdPerDay: number;
  /** What burstable instances pay for use above their baseline; part of the cost. */
  readonly surplusUsdPerDay: number;
  /** SHA-256 of the decisions, minute by minute: two equal runs have one hash. */
  readonly decisions: string;
}

export function scoreOf(run: Run, oracle: Run, { prices }: FleetModel): Score {
  const days = run.minutes / 1440;
  const hours = run.billedMinutes / 60;
  const instanceUsd = hours * prices.instanceHour;
  return {
    policy: run.policy,
    violationsPct: violationsPct(run),
    avoidablePct: violationsPct(run) - violationsPct(oracle),
    droppedPct: run.demand === 0 ? 0 : (100 * run.droppedDemand) / run.demand,
    instanceHoursPerDay: hours / days,
    timesOracle: run.billedMinutes / oracle.billedMinutes,
    actionsPerDay: run.actions / days,
    flapsPerDay: run.flaps / days,
    costUsdPerDay: (instanceUsd + run.surplusUsd) / days,
    instanceUsdPerDay: instanceUsd / days,
    surplusUsdPerDay: run.surplusUsd / days,
    decisions: run.decisions,
  };
}

function violationsPct(run: Run): number {
  return (100 * run.violationMinutes) / run.minutes;
}
