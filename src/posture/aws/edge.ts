/** Load balancers: listeners, attributes, and the web ACL before them. */
import {
  DescribeLoadBalancerAttributesCommand,
  ElasticLoadBalancingV2Client,
  type Listener,
  type LoadBalancer,
  paginateDescribeListeners,
  paginateDescribeLoadBalancers,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetWebACLForResourceCommand, type Rule, WAFV2Client } from '@aws-sdk/client-wafv2';
import type { BalancerFacts, ListenerFacts } from '../facts.js';
import type { AwsAccess } from './access.js';

/** Application load balancers, of one VPC or of the region. */
export async function readBalancers(access: AwsAccess, vpc: string | null): Promise<BalancerFacts[]> {
  const balancers = await access.collect(
    'elasticloadbalancing:DescribeLoadBalancers',
    (abortSignal) =>
      paginateDescribeLoadBalancers(
        { client: access.client(ElasticLoadBalancingV2Client) },
        {},
        { abortSignal },
      ),
    ({ LoadBalancers }) => LoadBalancers,
  );
  const ours = balancers.filter(
    ({ VpcId, Type }) => Type === 'application' && (vpc === null || VpcId === vpc),
  );
  return Promise.all(ours.map((balancer) => balancerFacts(access, balancer)));
}

async function balancerFacts(access: AwsAccess, balancer: LoadBalancer): Promise<BalancerFacts> {
  const { client, ask, collect } = access;
  const arn = balancer.LoadBalancerArn ?? '';
  const elb = client(ElasticLoadBalancingV2Client);
  const [{ Attributes = [] }, listeners, webAcl] = await Promise.all([
    ask('elasticloadbalancing:DescribeLoadBalancerAttributes', (abortSignal) =>
      elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn }), { abortSignal }),
    ),
    collect(
      'elasticloadbalancing:DescribeListeners',
      (abortSignal) => paginateDescribeListeners({ client: elb }, { LoadBalancerArn: arn }, { abortSignal }),
      ({ Listeners }) => Listeners,
    ),
    readWebAcl(access, arn),
  ]);
  return {
    name: balancer.LoadBalancerName ?? arn,
    isPublic: balancer.Scheme === 'internet-facing',
    securityGroups: balancer.SecurityGroups ?? [],
    listeners: listeners.map(listenerFacts),
    attributes: Object.fromEntries(Attributes.map(({ Key = '', Value = '' }) => [Key, Value])),
    webAcl,
  };
}

function listenerFacts({ Port = 0, Protocol, SslPolicy, DefaultActions = [] }: Listener): ListenerFacts {
  const isRedirect = DefaultActions.some(
    ({ Type, RedirectConfig }) => Type === 'redirect' && RedirectConfig?.Protocol === 'HTTPS',
  );
  return { port: Port, protocol: Protocol ?? '', tlsPolicy: SslPolicy ?? null, isRedirect };
}

async function readWebAcl({ client, ask }: AwsAccess, arn: string): Promise<BalancerFacts['webAcl']> {
  const { WebACL } = await ask('wafv2:GetWebACLForResource', (abortSignal) =>
    client(WAFV2Client).send(new GetWebACLForResourceCommand({ ResourceArn: arn }), { abortSignal }),
  );
  if (WebACL === undefined) return null;
  const managed = (WebACL.Rules ?? []).filter(
    ({ Statement }) => Statement?.ManagedRuleGroupStatement !== undefined,
  );
  return {
    name: WebACL.Name ?? '',
    groups: managed.map(groupOf),
    counting: managed.filter(({ OverrideAction }) => OverrideAction?.Count !== undefined).map(groupOf),
  };
}

function groupOf({ Statement }: Rule): string {
  return Statement?.ManagedRuleGroupStatement?.Name ?? '';
}
