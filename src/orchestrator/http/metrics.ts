/** /metrics: what this node saw, and what the database says of the pools at the moment of asking. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type Clock, SECOND } from '../../kernel/time.js';
import { METRICS } from '../../protocol/metrics.js';
import type { PoolReading } from '../store/pool-readings.js';
import { type Interval, MOST_VALUES } from './embedded-metrics.js';

export type ReadPools = () => Promise<readonly PoolReading[]>;

export interface Metrics {
  readonly contentType: string;
  /** The text of a scrape; while the database is away the pools' gauges are absent, not zero. */
  scrape(readPools: ReadPools): Promise<string>;
  jobFailed(state: string): void;
  apiLatency(urlClass: string, ms: number): void;
  /** What was seen since this was asked last. */
  take(): Interval;
}

/** A scrape asks the database at most this often, however many scrapers there are. */
const POOLS_EVERY_MS = SECOND;
const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics(now: Clock): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const refreshPools = createPoolGauges(registry, now);
  const failed = new Counter({
    name: METRICS.JobsFailed.prometheus,
    help: METRICS.JobsFailed.summary,
    labelNames: ['state'],
    registers,
  });
  const latency = new Histogram({
    name: METRICS.ApiLatency.prometheus,
    help: METRICS.ApiLatency.summary,
    labelNames: ['class'],
    buckets: LATENCY_BUCKETS,
    registers,
  });
  let seen = newInterval();
  return {
    contentType: registry.contentType,
    scrape: async (readPools) => {
      await refreshPools(readPools);
      return registry.metrics();
    },
    jobFailed: (state) => {
      failed.inc({ state });
      seen.failed.set(state, (seen.failed.get(state) ?? 0) + 1);
    },
    apiLatency: (urlClass, ms) => {
      latency.observe({ class: urlClass }, ms / SECOND);
      keep(seen.latencies, urlClass, ms / SECOND);
    },
    take: () => {
      const taken = seen;
      seen = newInterval();
      return taken;
    },
  };
}

const newInterval = () => ({ failed: new Map<string, number>(), latencies: new Map<string, number[]>() });

/** The newest of them, in the place of any other once there are enough: a fair part of a minute's answers. */
function keep(latencies: Map<string, number[]>, urlClass: string, seconds: number): void {
  const values = latencies.get(urlClass) ?? [];
  if (values.length < MOST_VALUES) values.push(seconds);
  else values[Math.floor(Math.random() * MOST_VALUES)] = seconds;
  latencies.set(urlClass, values);
}

function createPoolGauges(registry: Registry, now: Clock): (readPools: ReadPools) => Promise<void> {
  const [queued, oldest, online] = [
    METRICS.QueueDepth,
    METRICS.OldestQueuedSeconds,
    METRICS.RunnersOnline,
  ].map(
    ({ prometheus, summary }) =>
      new Gauge({ name: prometheus, help: summary, labelNames: ['tenant', 'pool'], registers: [registry] }),
  );
  let readAt = Number.NEGATIVE_INFINITY;
  return async (readPools) => {
    if (now() - readAt < POOLS_EVERY_MS) return;
    readAt = now();
    const pools = await readPools().catch(() => []);
    for (const gauge of [queued, oldest, online]) gauge?.reset();
    for (const { tenant, pool, ...reading } of pools) {
      queued?.set({ tenant, pool }, reading.queued);
      oldest?.set({ tenant, pool }, reading.oldestQueuedSeconds);
      online?.set({ tenant, pool }, reading.runnersOnline);
    }
  };
}
