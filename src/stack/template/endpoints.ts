/** Ways to AWS's own services that touch no Internet, for callers of this account alone. */
import { CfnVPCEndpoint } from 'aws-cdk-lib/aws-ec2';
import { Fn } from 'aws-cdk-lib/core';
import { endpointServices } from '../endpoint-services.js';
import { type Context, nameTag } from './context.js';
import type { Network } from './network.js';
import type { Group } from './security-group.js';

const OURS = { StringEquals: { 'aws:PrincipalAccount': Fn.ref('AWS::AccountId') } };

export function buildEndpoints(context: Context, network: Network, group: Group): void {
  const { stack, settings } = context;
  new CfnVPCEndpoint(stack, 'S3Endpoint', {
    vpcId: network.vpcId,
    vpcEndpointType: 'Gateway',
    serviceName: serviceName('s3'),
    routeTableIds: [...network.privateRouteTables],
    policyDocument: { Version: '2012-10-17', Statement: [ours(), ...publicBuckets(context)] },
    tags: nameTag(context, 's3'),
  });
  for (const { service, isForDuties } of endpointServices(settings))
    new CfnVPCEndpoint(stack, `${pascal(service)}Endpoint`, {
      vpcId: network.vpcId,
      vpcEndpointType: 'Interface',
      serviceName: serviceName(service),
      privateDnsEnabled: true,
      subnetIds: network.privateSubnets.slice(0, isForDuties ? 1 : settings.egress.zones),
      securityGroupIds: [group.id],
      policyDocument: { Version: '2012-10-17', Statement: [ours()] },
      tags: nameTag(context, service.replace('.', '-')),
    });
}

function ours(): object {
  return { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*', Condition: OURS };
}

/** Layers of images and packages of Amazon Linux lie in buckets of AWS, which anybody in here may read. */
function publicBuckets({ facts }: Context): object[] {
  const buckets = [`prod-${facts.region}-starport-layer-bucket`, `al2023-repos-${facts.region}-de612dc2`];
  return [
    {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: buckets.map((bucket) => Fn.sub(`arn:\${AWS::Partition}:s3:::${bucket}/*`)),
    },
  ];
}

function serviceName(service: string): string {
  return Fn.sub(`com.amazonaws.\${AWS::Region}.${service}`);
}

function pascal(service: string): string {
  return service
    .split(/[.-]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}
