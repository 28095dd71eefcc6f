/** Side facts of one look that could not be read, and what a decision does without each. */
import type { Log } from '../kernel/log.js';
import type { MetricSeries } from './metrics/series.js';

export interface Unread {
  readonly fact: string;
  readonly why: string;
  /** What the decision does without it. */
  readonly without: string;
}

/** A line for each reason: what lacks for it, and what that means. */
export function tellUnread(log: Log, unread: readonly Unread[]): void {
  for (const why of new Set(unread.map((one) => one.why))) {
    const those = unread.filter((one) => one.why === why);
    const facts = those.map(({ fact }) => fact);
    const without = [...new Set(those.map((one) => one.without))].join('; ');
    log.warn({ facts, why }, `${facts.join(', ')} cannot be read: ${without} (${why})`);
  }
}

/** By the first words of a query's id. */
const WITHOUT: Readonly<Record<string, string>> = {
  requests: 'demand is what was last known, and nothing is taken away',
  cpu: 'where CPU tells demand, nothing is taken away',
  healthy: 'minutes without requests are not taken for quiet ones',
  unhealthy: 'nothing is taken away',
  'db:cpu': 'a busy database holds no raise back',
  'db:connections': 'no decision looks at it',
};

/** Those that AWS told in part are not among them: each has its verdict in the decision's data. */
export function unreadMetrics(series: Iterable<MetricSeries>): Unread[] {
  return [...series]
    .filter(({ status }) => status === 'failed' || status === 'forbidden')
    .map(({ id, status, messages }) => {
      const kind = id.split(':', 2).join(':');
      return { fact: id, why: messages[0] ?? status, without: WITHOUT[kind] ?? 'no decision looks at it' };
    });
}
