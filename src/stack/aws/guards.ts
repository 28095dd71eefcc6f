/** Protections from deletion that single resources have of their own: databases and load balancers. */
import {
  DescribeLoadBalancerAttributesCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeDBInstancesCommand, ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import type { AwsAccess } from './access.js';
import { awsErrorName, callAws } from './call.js';
import type { StackResource } from './stacks.js';

interface GuardKind {
  readonly isOn: (access: AwsAccess, physicalId: string) => Promise<boolean>;
  readonly set: (access: AwsAccess, physicalId: string, isOn: boolean) => Promise<void>;
}

const KINDS: Readonly<Record<string, GuardKind>> = {
  'AWS::RDS::DBInstance': {
    isOn: async (access, DBInstanceIdentifier) => {
      const reply = await callAws('rds:DescribeDBInstances', (abortSignal) =>
        access
          .client(RDSClient)
          .send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }), { abortSignal }),
      );
      return reply.DBInstances?.[0]?.DeletionProtection ?? false;
    },
    set: async (access, DBInstanceIdentifier, DeletionProtection) => {
      await callAws('rds:ModifyDBInstance', (abortSignal) =>
        access
          .client(RDSClient)
          .send(
            new ModifyDBInstanceCommand({ DBInstanceIdentifier, DeletionProtection, ApplyImmediately: true }),
            {
              abortSignal,
            },
          ),
      );
    },
  },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': {
    isOn: async (access, LoadBalancerArn) => {
      const reply = await callAws('elasticloadbalancing:DescribeLoadBalancerAttributes', (abortSignal) =>
        access
          .client(ElasticLoadBalancingV2Client)
          .send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }), { abortSignal }),
      );
      return (reply.Attributes ?? []).some(({ Key, Value }) => Key === BALANCER_GUARD && Value === 'true');
    },
    set: async (access, LoadBalancerArn, isOn) => {
      await callAws('elasticloadbalancing:ModifyLoadBalancerAttributes', (abortSignal) =>
        access.client(ElasticLoadBalancingV2Client).send(
          new ModifyLoadBalancerAttributesCommand({
            LoadBalancerArn,
            Attributes: [{ Key: BALANCER_GUARD, Value: String(isOn) }],
          }),
          { abortSignal },
        ),
      );
    },
  },
};

const BALANCER_GUARD = 'deletion_protection.enabled';

/** Of these resources, those that are protected now. */
export async function guardedOf(
  access: AwsAccess,
  resources: readonly StackResource[],
): Promise<StackResource[]> {
  const found = await Promise.all(
    resources.map(async (resource) => {
      const kind = KINDS[resource.type];
      if (kind === undefined || resource.physicalId === null) return null;
      return (await isOnNow(kind, access, resource.physicalId)) ? resource : null;
    }),
  );
  return found.filter((resource) => resource !== null);
}

// What is gone already guards nothing.
async function isOnNow(kind: GuardKind, access: AwsAccess, physicalId: string): Promise<boolean> {
  try {
    return await kind.isOn(access, physicalId);
  } catch (error) {
    if (/NotFound/.test(awsErrorName(error) ?? '')) return false;
    throw error;
  }
}

/** Turns the protection of each on or off; what has none is passed over. */
export async function setGuards(
  access: AwsAccess,
  resources: readonly StackResource[],
  isOn: boolean,
): Promise<void> {
  for (const { type, physicalId } of resources)
    if (physicalId !== null) await KINDS[type]?.set(access, physicalId, isOn);
}
