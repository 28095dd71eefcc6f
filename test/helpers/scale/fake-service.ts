/** Strict fake of a service of ECS and of the bounds that Application Auto Scaling keeps for it. */
import { AwsFault, type FakeHandlers } from '../aws-model/fake-aws.js';

export interface FakeService {
  readonly cluster: string;
  readonly service: string;
  desired: number;
  running: number;
  min: number;
  max: number;
  tags: Record<string, string>;
  isDeploying: boolean;
  policies: Record<string, unknown>[];
  readonly handlers: FakeHandlers;
}

export function fakeService(): FakeService {
  const arn = 'arn:aws:ecs:eu-west-1:123456789012:service/roc/roc-app';
  const fake: FakeService = {
    ...{ cluster: 'roc', service: 'roc-app', desired: 2, running: 2, min: 2, max: 6, tags: {} },
    ...{ isDeploying: false, policies: [] },
    handlers: {
      'ecs:DescribeServices': (input) => {
        const { services } = input as unknown as { services: string[] };
        if (!services.includes(fake.service))
          return { services: [], failures: [{ arn: services[0], reason: 'MISSING' }] };
        return { services: [described()], failures: [] };
      },
      'ecs:UpdateService': (input) => {
        const { desiredCount, service } = input as unknown as { desiredCount: number; service: string };
        if (service !== fake.service) throw new AwsFault('ServiceNotFoundException', 'Service not found.');
        if (desiredCount < 0) throw new AwsFault('InvalidParameterException', 'desiredCount is negative');
        fake.desired = desiredCount;
        fake.running = Math.min(fake.running, desiredCount);
        return { service: described() };
      },
      'application-autoscaling:DescribeScalableTargets': () => ({
        ScalableTargets: [
          {
            ...about(),
            MinCapacity: fake.min,
            MaxCapacity: fake.max,
            RoleARN: 'arn:aws:iam::123456789012:role/aws-service-role/ecs',
            CreationTime: new Date('2026-01-01T00:00:00Z'),
          },
        ],
      }),
      'application-autoscaling:DescribeScalingPolicies': () => ({ ScalingPolicies: fake.policies }),
      'application-autoscaling:DescribeScheduledActions': () => ({ ScheduledActions: [] }),
    },
  };

  function about() {
    return {
      ServiceNamespace: 'ecs',
      ResourceId: `service/${fake.cluster}/${fake.service}`,
      ScalableDimension: 'ecs:service:DesiredCount',
    };
  }

  function described() {
    const deployment = { id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED' };
    return {
      serviceArn: arn,
      serviceName: fake.service,
      status: 'ACTIVE',
      desiredCount: fake.desired,
      runningCount: fake.running,
      pendingCount: Math.max(0, fake.desired - fake.running),
      loadBalancers: [],
      deployments: fake.isDeploying ? [{ ...deployment, rolloutState: 'IN_PROGRESS' }] : [deployment],
      tags: Object.entries(fake.tags).map(([key, value]) => ({ key, value })),
    };
  }
  return fake;
}
