/** What `roc status` has read, before it is judged; a part that could not be read says why. */
import type { Known } from '../../kernel/known.js';
import type { DatabaseHistory } from '../database/advice.js';
import type { Group, TargetHealth } from '../group/facts.js';
import type { MetricSeries } from '../metrics/series.js';

export interface StatusFacts {
  readonly now: number;
  /** Null where nothing of AWS was asked for. */
  readonly region: string | null;
  /** Null parts are not there in this installation and are left out. */
  readonly balancer: Known<BalancerFacts> | null;
  readonly servers: Known<ServersFacts> | null;
  readonly service: Known<ServiceFacts> | null;
  readonly database: Known<DatabaseFacts> | null;
  readonly orchestrator: OrchestratorFacts | null;
  readonly alarms: Known<readonly AlarmFacts[]> | null;
  /** By query id; empty when CloudWatch could not be read, and `metricsUnknown` says why. */
  readonly series: ReadonlyMap<string, MetricSeries>;
  readonly metricsUnknown: string | null;
  /** Two weeks of the database; null where it was not asked for or could not be read. */
  readonly history: DatabaseHistory | null;
}

export interface BalancerFacts {
  readonly name: string;
  /** `active`, `provisioning`, `active_impaired`, `failed`. */
  readonly state: string;
  /** By what the targets serve: `api`, `runner`. */
  readonly targets: Readonly<Record<string, TargetHealth>>;
}

export interface ServersFacts {
  readonly group: Group;
  readonly instances: readonly InstanceFacts[];
}

export interface InstanceFacts {
  readonly id: string;
  readonly type: string;
  readonly launchedAt: number | null;
  /** `ok`, `impaired`, `initializing`, `insufficient-data`, `not-applicable`; the worse of system and instance. */
  readonly checks: string;
  /** `standard` or `unlimited`; null where it earns no credits. */
  readonly credits: string | null;
}

export interface ServiceFacts {
  readonly name: string;
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
  readonly rollout: string | null;
}

export interface DatabaseFacts {
  readonly id: string;
  readonly status: string;
  readonly class: string;
  readonly engine: string;
  readonly multiAz: boolean;
  readonly zone: string | null;
  readonly secondaryZone: string | null;
  readonly storageGb: number;
  /** Where storage grows by itself up to; null where it does not. */
  readonly maxStorageGb: number | null;
  readonly latestRestorableAt: number | null;
  /** Names of settings that wait for the maintenance window. */
  readonly pending: readonly string[];
  /** Set on a replica alone. */
  readonly replicaOf: string | null;
  readonly replication: string | null;
  /** What the parameter group sets; null where the engine's formula holds. */
  readonly maxConnections: number | null;
  /** Newest first, of the last fourteen days. */
  readonly failovers: readonly FailoverEvent[];
}

export interface FailoverEvent {
  readonly at: number;
  readonly text: string;
  readonly isEnd: boolean;
}

export interface AlarmFacts {
  readonly name: string;
  readonly state: 'ALARM' | 'INSUFFICIENT_DATA';
  readonly since: number | null;
  readonly reason: string;
}

export interface OrchestratorFacts {
  readonly url: string;
  readonly health: HttpAnswer;
  /** `hidden`: a balancer before it answers 404, as it should from outside. */
  readonly ready: HttpAnswer & { readonly checks: Readonly<Record<string, boolean>> | null };
  /** Null where /metrics is hidden or not there. */
  readonly queue: QueueFacts | null;
  readonly nodes: Known<readonly NodeFacts[]>;
}

export interface HttpAnswer {
  /** Null where nothing answered. */
  readonly status: number | null;
  /** The network's word where nothing answered: `ECONNREFUSED`, `TimeoutError`, … */
  readonly failure: string | null;
  readonly tookMs: number;
}

export interface QueueFacts {
  readonly depth: number;
  readonly oldestSeconds: number;
  readonly runnersOnline: number;
}

export interface NodeFacts {
  readonly id: string;
  readonly instanceId: string | null;
  readonly version: string;
  readonly state: 'online' | 'draining' | 'gone';
  /** 0 to 1. */
  readonly busy: number;
  readonly lastSeenAt: number;
}
