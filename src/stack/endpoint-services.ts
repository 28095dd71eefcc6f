/** Which AWS services the stack reaches without the Internet, and who asks for each. */
import type { StackSettings } from './settings.js';

export interface EndpointService {
  /** The last part of the endpoint's name: `com.amazonaws.REGION.NAME`. */
  readonly service: string;
  /** Only the ops host asks for it: one zone is enough. */
  readonly isForDuties: boolean;
}

const ALWAYS = ['ssm', 'ssmmessages', 'logs', 'monitoring', 'ecr.api', 'ecr.dkr', 'secretsmanager', 'kms'];

type Duty = StackSettings['ops']['duties'][number];

// Each duty asks EC2 where the balancer is, so that it can tell the orchestrator.

const OF_DUTIES: Readonly<Record<Duty, readonly string[]>> = {
  'scale-watch': ['autoscaling', 'elasticloadbalancing', 'ec2', 'rds', 'sts'],
  'backup-verify': ['backup', 'ec2', 'rds', 'sts'],
  'backup-sweep': ['backup', 'ec2', 'rds', 'sts'],
  'vulns-report': ['ec2', 'inspector2', 'guardduty', 'securityhub', 'sts'],
};

const OF_DUTIES_ON_ECS: Readonly<Record<Duty, readonly string[]>> = {
  ...OF_DUTIES,
  'scale-watch': ['ecs', 'application-autoscaling', 'ec2', 'elasticloadbalancing', 'rds', 'sts'],
};

/** In a steady order; none where NAT alone leads out. */
export function endpointServices({ compute, ops, egress }: StackSettings): EndpointService[] {
  if (egress.mode === 'nat') return [];
  const table = compute === 'ecs' ? OF_DUTIES_ON_ECS : OF_DUTIES;
  const duties = ops.enabled ? ops.duties.flatMap((duty) => table[duty]) : [];
  const own = [...new Set(duties)].filter((service) => !ALWAYS.includes(service)).sort();
  return [
    ...ALWAYS.map((service) => ({ service, isForDuties: false })),
    ...own.map((service) => ({ service, isForDuties: true })),
  ];
}
