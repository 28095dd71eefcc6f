/** Live load balancers, listeners, target groups, and the web ACL in front of them. */
import {
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  GetLoggingConfigurationCommand,
  GetWebACLCommand,
  GetWebACLForResourceCommand,
  WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { callAws } from '../call.js';
import { type LiveReader, orNull } from './live-facts.js';

export const readLoadBalancer: LiveReader = async (access, { physicalId: arn }) => {
  const client = access.client(ElasticLoadBalancingV2Client);
  const reply = await orNull(/^LoadBalancerNotFound/, () =>
    callAws('elasticloadbalancing:DescribeLoadBalancers', (abortSignal) =>
      client.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] }), { abortSignal }),
    ),
  );
  const balancer = reply?.LoadBalancers?.[0];
  if (balancer === undefined) return null;
  const { Attributes = [] } = await callAws(
    'elasticloadbalancing:DescribeLoadBalancerAttributes',
    (abortSignal) =>
      client.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn }), { abortSignal }),
  );
  const attributes = Attributes.map(({ Key, Value }) => [`attribute ${Key}`, Value ?? ''] as const);
  return {
    Scheme: balancer.Scheme ?? null,
    SecurityGroups: balancer.SecurityGroups ?? [],
    ...Object.fromEntries(attributes),
  };
};

export const readListener: LiveReader = async (access, { physicalId: arn }) => {
  const reply = await orNull(/^ListenerNotFound/, () =>
    callAws('elasticloadbalancing:DescribeListeners', (abortSignal) =>
      access
        .client(ElasticLoadBalancingV2Client)
        .send(new DescribeListenersCommand({ ListenerArns: [arn] }), { abortSignal }),
    ),
  );
  const listener = reply?.Listeners?.[0];
  if (listener === undefined) return null;
  return {
    Protocol: listener.Protocol ?? null,
    Port: listener.Port ?? null,
    SslPolicy: listener.SslPolicy ?? null,
    'Certificates.0.CertificateArn': listener.Certificates?.[0]?.CertificateArn ?? null,
  };
};

export const readTargetGroup: LiveReader = async (access, { physicalId: arn }) => {
  const reply = await orNull(/^TargetGroupNotFound/, () =>
    callAws('elasticloadbalancing:DescribeTargetGroups', (abortSignal) =>
      access
        .client(ElasticLoadBalancingV2Client)
        .send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }), { abortSignal }),
    ),
  );
  const group = reply?.TargetGroups?.[0];
  if (group === undefined) return null;
  return {
    Protocol: group.Protocol ?? null,
    HealthCheckPath: group.HealthCheckPath ?? null,
    HealthCheckProtocol: group.HealthCheckProtocol ?? null,
  };
};

// CloudFormation's id of a web ACL is `name|id|scope`.
export const readWebAcl: LiveReader = async (access, { physicalId }) => {
  const [Name = '', Id = '', Scope] = physicalId.split('|');
  const reply = await orNull(/^WAFNonexistentItem/, () =>
    callAws('wafv2:GetWebACL', (abortSignal) =>
      access
        .client(WAFV2Client)
        .send(new GetWebACLCommand({ Name, Id, Scope: Scope === 'CLOUDFRONT' ? Scope : 'REGIONAL' }), {
          abortSignal,
        }),
    ),
  );
  if (reply?.WebACL === undefined) return null;
  const rules = reply.WebACL.Rules ?? [];
  return {
    rules: rules.map(({ Name: name }) => name ?? '').sort(),
    counting: rules
      .filter(({ OverrideAction }) => OverrideAction?.Count !== undefined)
      .map(({ Name: n }) => n)
      .sort(),
  };
};

export const readWebAclAssociation: LiveReader = async (access, { properties }) => {
  const ResourceArn = properties['ResourceArn'];
  if (typeof ResourceArn !== 'string') return {};
  const reply = await orNull(/^WAFNonexistentItem/, () =>
    callAws('wafv2:GetWebACLForResource', (abortSignal) =>
      access.client(WAFV2Client).send(new GetWebACLForResourceCommand({ ResourceArn }), { abortSignal }),
    ),
  );
  return reply?.WebACL === undefined ? null : { WebACLArn: reply.WebACL.ARN ?? null };
};

export const readWafLogging: LiveReader = async (access, { physicalId: ResourceArn }) => {
  const reply = await orNull(/^WAFNonexistentItem/, () =>
    callAws('wafv2:GetLoggingConfiguration', (abortSignal) =>
      access.client(WAFV2Client).send(new GetLoggingConfigurationCommand({ ResourceArn }), { abortSignal }),
    ),
  );
  return reply?.LoggingConfiguration === undefined
    ? null
    : { destinations: reply.LoggingConfiguration.LogDestinationConfigs?.length ?? 0 };
};
