/** A node writes its metrics into its log once a minute, where its configuration asks for it. */
import type { Log } from '../../kernel/log.js';
import { MINUTE } from '../../kernel/time.js';
import { embeddedMetrics } from '../http/embedded-metrics.js';
import type { Metrics } from '../http/metrics.js';
import { ONLINE_MS } from '../jobs/limits.js';
import { readPools } from '../store/pool-readings.js';
import type { Store } from '../store/store.js';
import { type Loop, startLoop } from './loop.js';

export interface EmbeddedMetricsOptions {
  readonly store: Store;
  readonly metrics: Metrics;
  /** Takes one line; it must reach CloudWatch Logs as an event of its own. */
  readonly write: (line: string) => void;
  readonly log: Log;
  readonly random: () => number;
}

export function startEmbeddedMetrics({ store, metrics, write, ...loop }: EmbeddedMetricsOptions): Loop {
  return startLoop({
    ...{ name: 'embedded-metrics', everyMs: MINUTE, ...loop },
    round: async () => {
      // While the database is away nothing is said of the pools, and what this node saw is kept for later.
      const [pools, now] = await Promise.all([readPools(store, ONLINE_MS), store.now()]);
      for (const line of embeddedMetrics(pools, metrics.take(), now)) write(line);
      return { more: false };
    },
  });
}
