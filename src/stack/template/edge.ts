/** The load balancer: HTTPS only, two target groups on the same servers, so that held requests count as nobody's latency. */
import { CfnCertificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  CfnListener,
  CfnListenerRule,
  CfnLoadBalancer,
  CfnTargetGroup,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import { Fn } from 'aws-cdk-lib/core';
import { RocError } from '../../kernel/errors.js';
import { heldPatterns } from '../../protocol/url-classes.js';
import { type Context, nameTag } from './context.js';
import type { Network } from './network.js';
import type { Group } from './security-group.js';
import type { Storage } from './storage.js';

export interface Edge {
  readonly url: string;
  readonly balancerArn: string;
  readonly balancerName: string;
  readonly apiTargets: { readonly arn: string; readonly name: string };
  readonly runnerTargets: { readonly arn: string; readonly name: string };
}

/** Where the container listens, with a certificate of its own making: the balancer does not ask whose it is. */
export const APP_PORT = 8443;

/** Longer than a poll is held (25 s), and than a stream stays silent. */
const IDLE_SECONDS = 120;

export interface EdgeNeeds {
  readonly network: Network;
  readonly group: Group;
  readonly storage: Storage;
}

export function buildEdge(context: Context, { network, group, storage }: EdgeNeeds): Edge {
  const { stack, settings } = context;
  const isInternal = settings.exposure === 'internal';
  const balancer = new CfnLoadBalancer(stack, 'Balancer', {
    type: 'application',
    scheme: isInternal ? 'internal' : 'internet-facing',
    subnets: [...(isInternal ? network.privateSubnets : network.publicSubnets)],
    securityGroups: [group.id],
    loadBalancerAttributes: attributes({
      'deletion_protection.enabled': String(settings.env !== 'dev'),
      'access_logs.s3.enabled': 'true',
      'access_logs.s3.bucket': storage.logs.name,
      'access_logs.s3.prefix': 'alb',
      'routing.http.drop_invalid_header_fields.enabled': 'true',
      'routing.http.desync_mitigation_mode': 'strictest',
      'idle_timeout.timeout_seconds': String(IDLE_SECONDS),
    }),
    tags: nameTag(context, 'balancer'),
  });
  balancer.node.addDependency(stack.node.findChild('LogsBucketPolicy'));
  const apiTargets = targetGroup(context, 'ApiTargets', 'api', 30);
  const runnerTargets = targetGroup(context, 'RunnerTargets', 'runner', 60);
  listeners(context, balancer.ref, apiTargets.ref, runnerTargets.ref);
  const address = record(context, balancer) ?? balancer.attrDnsName;
  return {
    url: `https://${address}`,
    balancerArn: balancer.ref,
    balancerName: balancer.attrLoadBalancerFullName,
    apiTargets: { arn: apiTargets.ref, name: apiTargets.attrTargetGroupFullName },
    runnerTargets: { arn: runnerTargets.ref, name: runnerTargets.attrTargetGroupFullName },
  };
}

function targetGroup(context: Context, id: string, suffix: string, drainSeconds: number): CfnTargetGroup {
  return new CfnTargetGroup(context.stack, id, {
    vpcId: Fn.ref('Vpc'),
    targetType: context.settings.compute === 'ecs' ? 'ip' : 'instance',
    protocol: 'HTTPS',
    protocolVersion: 'HTTP1',
    port: APP_PORT,
    // The process alone: a database that fails over replaces no healthy server.
    healthCheckPath: '/healthz',
    healthCheckProtocol: 'HTTPS',
    healthCheckIntervalSeconds: 10,
    healthCheckTimeoutSeconds: 5,
    healthyThresholdCount: 2,
    unhealthyThresholdCount: 3,
    matcher: { httpCode: '200' },
    targetGroupAttributes: attributes({
      'deregistration_delay.timeout_seconds': String(drainSeconds),
      'load_balancing.algorithm.type': 'least_outstanding_requests',
    }),
    tags: nameTag(context, suffix),
  });
}

function listeners(context: Context, balancerArn: string, apiArn: string, runnerArn: string): void {
  const { stack, settings } = context;
  const https = new CfnListener(stack, 'HttpsListener', {
    loadBalancerArn: balancerArn,
    port: 443,
    protocol: 'HTTPS',
    sslPolicy: settings.tlsPolicy,
    certificates: [{ certificateArn: certificate(context) }],
    listenerAttributes: attributes({
      'routing.http.response.server.enabled': 'false',
      'routing.http.response.strict_transport_security.header_value': 'max-age=31536000; includeSubDomains',
    }),
    defaultActions: [{ type: 'forward', targetGroupArn: apiArn }],
  });
  new CfnListenerRule(stack, 'HiddenPaths', {
    listenerArn: https.ref,
    priority: 5,
    conditions: [{ field: 'path-pattern', pathPatternConfig: { values: ['/metrics', '/readyz'] } }],
    actions: [{ type: 'fixed-response', fixedResponseConfig: { statusCode: '404' } }],
  });
  new CfnListenerRule(stack, 'HeldRequests', {
    listenerArn: https.ref,
    priority: 10,
    conditions: [{ field: 'path-pattern', pathPatternConfig: { values: heldPatterns() } }],
    actions: [{ type: 'forward', targetGroupArn: runnerArn }],
  });
  if (settings.exposure === 'internal') return;
  new CfnListener(stack, 'HttpListener', {
    loadBalancerArn: balancerArn,
    port: 80,
    protocol: 'HTTP',
    defaultActions: [
      { type: 'redirect', redirectConfig: { protocol: 'HTTPS', port: '443', statusCode: 'HTTP_301' } },
    ],
  });
}

function certificate({ stack, settings, facts }: Context): string {
  const given = settings.domain?.certificateArn ?? facts.certificateArn;
  if (given !== null && given !== undefined) return given;
  const zoneId = settings.domain?.zoneId ?? facts.zoneId;
  if (settings.domain !== undefined && zoneId !== null)
    return new CfnCertificate(stack, 'Certificate', {
      domainName: settings.domain.name,
      validationMethod: 'DNS',
      domainValidationOptions: [{ domainName: settings.domain.name, hostedZoneId: zoneId }],
    }).ref;
  throw new RocError('ROC_CONFIG_INVALID', 'stack.domain: the balancer has no certificate', {
    hint: 'Set stack.domain.name with zoneId (one is made) or with certificateArn (one of ACM in the region).',
  });
}

/** The name that leads to the balancer, where its zone is known; null without one. */
function record(context: Context, balancer: CfnLoadBalancer): string | null {
  const { domain } = context.settings;
  if (domain === undefined) return null;
  const zoneId = domain.zoneId ?? context.facts.zoneId;
  if (zoneId !== null)
    new CfnRecordSet(context.stack, 'DomainRecord', {
      hostedZoneId: zoneId,
      name: domain.name,
      type: 'A',
      aliasTarget: {
        dnsName: balancer.attrDnsName,
        hostedZoneId: balancer.attrCanonicalHostedZoneId,
        evaluateTargetHealth: false,
      },
    });
  return domain.name;
}

function attributes(values: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}
