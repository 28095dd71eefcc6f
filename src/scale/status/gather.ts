/** Reads all that `roc status` judges, at once; what cannot be read says why and stops nothing else. */
import { attempt } from '../../kernel/known.js';
import type { StackOutputs } from '../../kernel/stack-outputs.js';
import type { AwsAccess } from '../aws/access.js';
import { describeDatabase } from '../aws/database.js';
import { readDatabaseHistory } from '../aws/database-change.js';
import { describeService } from '../aws/ecs.js';
import { describeGroup } from '../aws/group.js';
import { type MetricReading, readMetrics } from '../aws/metrics.js';
import { describeAlarms } from '../aws/status/alarms.js';
import { describeBalancer } from '../aws/status/balancer.js';
import { describeInstances } from '../aws/status/instances.js';
import { type ReadingCost, readingCost } from '../metrics/cost.js';
import type { ServersFacts, StatusFacts } from './facts.js';
import { SETTLE_MS, TREND_MS } from './limits.js';
import { askOrchestrator, type OrchestratorAccess } from './orchestrator.js';
import { statusQueries } from './queries.js';

/** Which parts there are: what the stack's outputs name, or flags. */
export type StatusTarget = Pick<
  StackOutputs,
  | 'albArn'
  | 'apiTargetGroupArn'
  | 'runnerTargetGroupArn'
  | 'asgName'
  | 'ecsCluster'
  | 'ecsService'
  | 'dbInstanceId'
  | 'alarmTopicArn'
>;

export interface GatherOptions {
  /** Null asks the orchestrator alone. */
  readonly access: AwsAccess | null;
  readonly target: StatusTarget;
  readonly orchestrator: OrchestratorAccess | null;
  /** Reads two weeks of the database too, for the advice. */
  readonly withHistory?: boolean;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

export interface Gathered {
  readonly facts: StatusFacts;
  readonly cost: ReadingCost;
  /** Tries beyond the first that CloudWatch needed. */
  readonly retries: number;
}

/** @throws RocError ROC_CREDENTIALS_MISSING or ROC_INTERRUPTED; all else becomes a part that is unknown */
export async function gatherStatus(options: GatherOptions): Promise<Gathered> {
  const { access, orchestrator, now } = options;
  if (access !== null) return gatherAll({ ...options, access });
  const parts = { balancer: null, servers: null, service: null, database: null, alarms: null };
  const served = orchestrator === null ? null : await askOrchestrator(orchestrator);
  const metrics = { series: new Map(), metricsUnknown: null, history: null };
  const facts: StatusFacts = { now: now(), region: null, ...parts, orchestrator: served, ...metrics };
  return { facts, cost: readingCost(0), retries: 0 };
}

async function gatherAll({
  access,
  target,
  orchestrator,
  withHistory = true,
  now,
  signal,
}: GatherOptions & { readonly access: AwsAccess }): Promise<Gathered> {
  const { albArn, asgName, ecsCluster, ecsService, dbInstanceId, alarmTopicArn } = target;
  const groups = Object.entries({ api: target.apiTargetGroupArn, runner: target.runnerTargetGroupArn });
  const targetGroups = Object.fromEntries(
    groups.flatMap(([name, arn]) => (arn === null ? [] : [[name, arn]])),
  );
  const [balancer, servers, service, database, alarms, served] = await Promise.all([
    albArn === null ? null : attempt(() => describeBalancer(access, albArn, targetGroups, signal)),
    asgName === null ? null : attempt(() => describeServers(access, asgName, signal)),
    ecsCluster === null || ecsService === null
      ? null
      : attempt(async () => ({
          name: ecsService,
          ...(await describeService(access, { cluster: ecsCluster, service: ecsService }, signal)),
        })),
    dbInstanceId === null ? null : attempt(() => describeDatabase(access, dbInstanceId, signal)),
    attempt(() => describeAlarms(access, alarmTopicArn, signal)),
    orchestrator === null ? null : askOrchestrator(orchestrator),
  ]);
  const parts = { balancer, servers, service, database };
  const at = now();
  const queries = statusQueries(target, parts);
  const window = { from: at - SETTLE_MS - TREND_MS, to: at, now: at, signal };
  const metrics = await attempt(() =>
    queries.length === 0 ? nothing() : readMetrics(access, queries, window),
  );
  const reading = 'value' in metrics ? metrics.value : await nothing();
  const past =
    dbInstanceId === null || !withHistory
      ? null
      : await attempt(() => readDatabaseHistory(access, dbInstanceId, at, signal));
  const history = past !== null && 'value' in past ? past.value : null;
  const facts: StatusFacts = {
    now: at,
    region: access.target.region,
    ...parts,
    orchestrator: served,
    alarms,
    series: reading.series,
    metricsUnknown: 'unknown' in metrics ? metrics.unknown : null,
    history: history?.history ?? null,
  };
  const cost = readingCost(reading.cost.metrics + (history?.cost.metrics ?? 0));
  return { facts, cost, retries: reading.retries };
}

async function describeServers(access: AwsAccess, name: string, signal?: AbortSignal): Promise<ServersFacts> {
  const group = await describeGroup(access, name, signal);
  return {
    group,
    instances: await describeInstances(
      access,
      group.instances.map(({ id }) => id),
      signal,
    ),
  };
}

async function nothing(): Promise<MetricReading> {
  return { series: new Map(), messages: [], retries: 0, cost: readingCost(0) };
}
