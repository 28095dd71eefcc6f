/** Live groups of instances, their scaling, and services. */
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribePoliciesCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { callAws } from '../call.js';
import { describeInstances, instanceFacts } from './ec2.js';
import type { LiveReader } from './live-facts.js';

export const readAutoScalingGroup: LiveReader = async (access, { physicalId }) => {
  const reply = await callAws('autoscaling:DescribeAutoScalingGroups', (abortSignal) =>
    access
      .client(AutoScalingClient)
      .send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [physicalId] }), { abortSignal }),
  );
  const group = reply.AutoScalingGroups?.[0];
  if (group === undefined) return null;
  const ids = (group.Instances ?? []).map(({ InstanceId = '' }) => InstanceId);
  const instances = (await describeInstances(access, ids)).map(instanceFacts);
  const zones = new Set((group.Instances ?? []).map(({ AvailabilityZone }) => AvailabilityZone));
  return {
    MinSize: group.MinSize ?? 0,
    MaxSize: group.MaxSize ?? 0,
    HealthCheckType: group.HealthCheckType ?? null,
    instancesInService: (group.Instances ?? []).filter(({ LifecycleState }) => LifecycleState === 'InService')
      .length,
    zonesInUse: zones.size,
    instancesWithoutImdsV2: instances.filter((facts) => facts['MetadataOptions.HttpTokens'] !== 'required')
      .length,
    instancesWithPublicAddress: instances.filter(({ publicAddress }) => publicAddress !== null).length,
  };
};

export const readScalingPolicy: LiveReader = async (access, { physicalId }) => {
  const reply = await callAws('autoscaling:DescribePolicies', (abortSignal) =>
    access
      .client(AutoScalingClient)
      .send(new DescribePoliciesCommand({ PolicyNames: [physicalId.split('/').at(-1) ?? physicalId] }), {
        abortSignal,
      }),
  );
  const policy = reply.ScalingPolicies?.[0];
  if (policy === undefined) return null;
  return {
    PolicyType: policy.PolicyType ?? null,
    'TargetTrackingConfiguration.TargetValue': policy.TargetTrackingConfiguration?.TargetValue ?? null,
    'TargetTrackingConfiguration.DisableScaleIn': policy.TargetTrackingConfiguration?.DisableScaleIn ?? false,
  };
};

export const readEcsService: LiveReader = async (access, { physicalId, properties }) => {
  const cluster = properties['Cluster'];
  const reply = await callAws('ecs:DescribeServices', (abortSignal) =>
    access.client(ECSClient).send(
      new DescribeServicesCommand({
        services: [physicalId],
        ...(typeof cluster === 'string' ? { cluster } : {}),
      }),
      { abortSignal },
    ),
  );
  const service = reply.services?.[0];
  if (service === undefined || service.status === 'INACTIVE') return null;
  return {
    LaunchType: service.launchType ?? null,
    'NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp':
      service.networkConfiguration?.awsvpcConfiguration?.assignPublicIp ?? null,
    EnableExecuteCommand: service.enableExecuteCommand ?? false,
    'DeploymentConfiguration.DeploymentCircuitBreaker.Rollback':
      service.deploymentConfiguration?.deploymentCircuitBreaker?.rollback ?? false,
  };
};
