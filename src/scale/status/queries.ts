/** Which metrics `roc status` asks for, given what there is. Pure. */
import {
  balancerErrorsQuery,
  balancerNames,
  balancerQuery,
  databaseQuery,
  groupCpuQuery,
  instanceQuery,
  type MetricQuery,
  serviceQuery,
} from '../metrics/names.js';
import type { StatusFacts } from './facts.js';
import type { StatusTarget } from './gather.js';

export function statusQueries(
  target: StatusTarget,
  parts: Pick<StatusFacts, 'balancer' | 'servers' | 'service' | 'database'>,
): MetricQuery[] {
  return [...balancerQueries(target), ...serverQueries(target, parts), ...databaseQueries(parts)];
}

function balancerQueries({ albArn, apiTargetGroupArn }: StatusTarget): MetricQuery[] {
  if (albArn === null || apiTargetGroupArn === null) return [];
  const names = balancerNames(albArn, apiTargetGroupArn);
  const own = (['requests', 'p95', 'target5xx', 'healthy'] as const).map((name) =>
    balancerQuery(names, name),
  );
  return [...own, balancerErrorsQuery(names.balancer)];
}

function serverQueries(
  { asgName, ecsCluster, ecsService }: StatusTarget,
  { servers }: Pick<StatusFacts, 'servers'>,
): MetricQuery[] {
  const instances = servers !== null && 'value' in servers ? servers.value.instances : [];
  return [
    // With basic monitoring there is a point every five minutes; with detailed monitoring they are averaged.
    ...(asgName === null ? [] : [groupCpuQuery(asgName, 300)]),
    ...instances.flatMap(({ id, credits }) => [
      instanceQuery(id, 'cpu'),
      ...(credits === null ? [] : [instanceQuery(id, 'credits')]),
      ...(credits === 'unlimited' ? [instanceQuery(id, 'surplus')] : []),
    ]),
    ...(ecsCluster === null || ecsService === null
      ? []
      : [
          serviceQuery(ecsCluster, ecsService, 'serviceCpu'),
          serviceQuery(ecsCluster, ecsService, 'serviceMemory'),
        ]),
  ];
}

function databaseQueries({ database }: Pick<StatusFacts, 'database'>): MetricQuery[] {
  if (database === null || 'unknown' in database) return [];
  const { id, replicaOf, class: dbClass } = database.value;
  return [
    ...(['cpu', 'connections', 'freeMemory', 'freeStorage'] as const).map((name) => databaseQuery(id, name)),
    ...(replicaOf === null ? [] : [databaseQuery(id, 'replicaLag')]),
    ...(/^db\.t\d/.test(dbClass) ? [databaseQuery(id, 'credits')] : []),
  ];
}
