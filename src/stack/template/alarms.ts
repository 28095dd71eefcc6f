/** What wakes people: servers, balancer, database and the orchestrator's own measures. */
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmPlan } from './alarm-plan.js';
import type { Context } from './context.js';
import type { Database } from './database.js';
import { dutyAlarms } from './duty-alarms.js';
import type { Edge } from './edge.js';
import { ownAlarms, type Servers, serverAlarms } from './server-alarms.js';

export interface AlarmNeeds extends Servers {
  readonly topicArn: string;
  readonly edge: Edge;
  readonly database: Database;
}

/** Returns the alarms' names. */
export function buildAlarms(context: Context, needs: AlarmNeeds): string[] {
  const plans = [
    ...balancerAlarms(needs),
    ...databaseAlarms(context, needs),
    ...serverAlarms(context, needs),
    ...ownAlarms(),
    ...dutyAlarms(context),
  ];
  return plans.map((plan) => alarm(context, plan, needs.topicArn));
}

function balancerAlarms({ edge }: AlarmNeeds): AlarmPlan[] {
  const balancer = { LoadBalancer: edge.balancerName };
  const api = { ...balancer, TargetGroup: edge.apiTargets.name };
  const of = { namespace: 'AWS/ApplicationELB', when: 'above', minutes: 5, silence: 'notBreaching' } as const;
  return [
    {
      ...of,
      id: 'ApiErrors',
      about: 'servers answer 5xx',
      metric: 'HTTPCode_Target_5XX_Count',
      dimensions: api,
      statistic: 'Sum',
      threshold: 10,
    },
    {
      ...of,
      id: 'BalancerErrors',
      about: 'the balancer answers 5xx itself',
      metric: 'HTTPCode_ELB_5XX_Count',
      dimensions: balancer,
      statistic: 'Sum',
      threshold: 10,
    },
    // Held polls go to the other target group, so this is what people feel.
    {
      ...of,
      id: 'ApiLatency',
      about: 'one request of a hundred takes over 2 s',
      metric: 'TargetResponseTime',
      dimensions: api,
      statistic: 'p99',
      threshold: 2,
    },
    {
      ...of,
      id: 'UnhealthyTargets',
      about: 'a server fails its health check',
      metric: 'UnHealthyHostCount',
      dimensions: api,
      statistic: 'Maximum',
      threshold: 0,
    },
    {
      ...of,
      id: 'TlsErrors',
      about: 'clients and balancer agree on no TLS',
      metric: 'ClientTLSNegotiationErrorCount',
      dimensions: balancer,
      statistic: 'Sum',
      threshold: 100,
    },
    {
      ...of,
      id: 'HealthyTargets',
      about: 'no server is healthy',
      metric: 'HealthyHostCount',
      dimensions: api,
      statistic: 'Minimum',
      threshold: 1,
      when: 'below',
      minutes: 2,
      silence: 'breaching',
    },
  ];
}

function databaseAlarms({ settings }: Context, { database }: AlarmNeeds): AlarmPlan[] {
  const gib = 2 ** 30;
  const of = {
    namespace: 'AWS/RDS',
    dimensions: { DBInstanceIdentifier: database.id },
    statistic: 'Average',
    minutes: 10,
    silence: 'breaching',
  } as const;
  return [
    {
      ...of,
      id: 'DatabaseCpu',
      about: 'the database computes over 80 %',
      metric: 'CPUUtilization',
      threshold: 80,
      when: 'above',
    },
    {
      ...of,
      id: 'DatabaseStorage',
      about: 'under a tenth of the storage is free',
      metric: 'FreeStorageSpace',
      threshold: settings.db.storageGb * gib * 0.1,
      when: 'below',
    },
    {
      ...of,
      id: 'DatabaseMemory',
      about: 'under 256 MiB of memory are free',
      metric: 'FreeableMemory',
      threshold: 256 * 2 ** 20,
      when: 'below',
    },
    {
      ...of,
      id: 'DatabaseConnections',
      about: 'over 500 connections',
      metric: 'DatabaseConnections',
      threshold: 500,
      when: 'above',
    },
    {
      ...of,
      id: 'DatabaseWrites',
      about: 'a write takes over 50 ms',
      metric: 'WriteLatency',
      threshold: 0.05,
      when: 'above',
    },
    {
      ...of,
      id: 'DatabaseReads',
      about: 'a read takes over 50 ms',
      metric: 'ReadLatency',
      threshold: 0.05,
      when: 'above',
    },
  ];
}

function alarm({ stack, name }: Context, plan: AlarmPlan, topicArn: string): string {
  const period = plan.period ?? 60;
  const periods = Math.ceil((plan.minutes * 60) / period);
  return new CfnAlarm(stack, `Alarm${plan.id}`, {
    alarmName: `${name}-${plan.id}`,
    alarmDescription: plan.about,
    namespace: plan.namespace,
    metricName: plan.metric,
    dimensions: Object.entries(plan.dimensions).map(([key, value]) => ({ name: key, value })),
    ...(/^p\d/.test(plan.statistic) ? { extendedStatistic: plan.statistic } : { statistic: plan.statistic }),
    threshold: plan.threshold,
    comparisonOperator: plan.when === 'above' ? 'GreaterThanThreshold' : 'LessThanThreshold',
    period,
    evaluationPeriods: periods,
    datapointsToAlarm: period === 60 ? Math.ceil(periods * 0.6) : periods,
    treatMissingData: plan.silence ?? 'missing',
    actionsEnabled: true,
    alarmActions: [topicArn],
    okActions: [topicArn],
  }).ref;
}
