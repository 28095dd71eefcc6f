/** More instances are no help where the database is what is full: its connections, or its CPU. */
import { valueAt } from '../signal.js';
import type { Series } from '../snapshot.js';
import type { Case, Rail } from './rail.js';

export const dbConnectionsRail: Rail = {
  id: 'database-connections',
  apply(proposed, about) {
    const most = mostByConnections(about);
    return proposed > about.current && proposed > most ? Math.max(about.current, most) : proposed;
  },
  why(about, before, after) {
    const most = mostByConnections(about);
    if (most === Number.POSITIVE_INFINITY)
      return 'the limit of database connections is not known or not in use';
    const { dbPool, dbConnFraction } = about.policy.rails;
    const limit = `${dbPool} connections each, ${Math.round(100 * dbConnFraction)} % of ${about.snapshot.facts.dbMaxConnections}: at most ${most} instances`;
    return before === after ? limit : `${limit}; ${before} would exhaust the database`;
  },
};

export const dbCpuRail: Rail = {
  id: 'database-cpu',
  apply: (proposed, about) => (proposed > about.current && isDatabaseFull(about) ? about.current : proposed),
  why(about, before, after) {
    const cpu = dbCpu(about);
    if (cpu === null) return 'CPU of the database is not known';
    const figure = `CPU of the database ${Math.round(cpu)} %`;
    return before === after
      ? figure
      : `${figure} while instances are below half: the database is the bottleneck, more instances would press it harder`;
  },
};

function mostByConnections({ policy: { rails }, snapshot: { facts } }: Case): number {
  if (facts.dbMaxConnections === null || rails.dbPool === 0) return Number.POSITIVE_INFINITY;
  return Math.floor((rails.dbConnFraction * facts.dbMaxConnections) / rails.dbPool);
}

const HALF = 0.5;

function isDatabaseFull(about: Case): boolean {
  const cpu = dbCpu(about);
  if (cpu === null || cpu <= 100 * about.policy.rails.dbCpu) return false;
  let serving = 0;
  for (const { state } of about.snapshot.group.instances) if (state === 'inService') serving++;
  return about.demand !== null && serving > 0 && about.demand / serving < HALF;
}

function dbCpu({ snapshot: { metrics }, policy: { timing }, now }: Case): number | null {
  return newest(metrics.dbCpu, now - timing.settle.rds, timing.maxAge);
}

/** Newest settled value, or null where it is too old or there is none. */
export function newest(series: Series | null, settledUntil: number, maxAge: number): number | null {
  if (series === null) return null;
  for (let i = series.points.length - 1; i >= 0; i--) {
    const point = series.points[i];
    if (point === undefined || point.at + series.periodMs > settledUntil) continue;
    return settledUntil - point.at - series.periodMs > maxAge ? null : valueAt(series, point.at);
  }
  return null;
}
