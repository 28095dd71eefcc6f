/** How long AWS usually takes for a type of resource, so that a long wait is not taken for a hang. */
import { MINUTE, SECOND } from '../../kernel/time.js';

/** Rough figures for the making of one; what is not listed takes seconds. */
const USUAL: Readonly<Record<string, number>> = {
  'AWS::RDS::DBInstance': 15 * MINUTE,
  'AWS::EC2::NatGateway': 2 * MINUTE,
  'AWS::EC2::VPCEndpoint': 2 * MINUTE,
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 3 * MINUTE,
  'AWS::AutoScaling::AutoScalingGroup': 4 * MINUTE,
  'AWS::EC2::Instance': 40 * SECOND,
  'AWS::ECS::Service': 3 * MINUTE,
  'AWS::CertificateManager::Certificate': 5 * MINUTE,
  'AWS::Route53Resolver::FirewallRuleGroupAssociation': 2 * MINUTE,
  'AWS::IAM::InstanceProfile': 2 * MINUTE,
  'AWS::IAM::Role': 20 * SECOND,
  'AWS::KMS::Key': 60 * SECOND,
  'AWS::S3::Bucket': 25 * SECOND,
  'AWS::WAFv2::WebACL': 15 * SECOND,
};

/** Milliseconds, or null where it takes too little to be told. */
export function usualTime(type: string): number | null {
  return USUAL[type] ?? null;
}
