/** Where an instance that is launched by itself stands. */
import type { CheckInput } from './check-input.js';
import { asRecord, breaking, listOf, ofType, refersTo } from './read.js';

/**
 * Instances without a private subnet, or with one beside an interface of their launch template, which EC2 refuses:
 * "Network interfaces and an instance-level subnet ID may not be specified on the same request" (RunInstances).
 */
export function hostSubnets({ template }: CheckInput): string[] {
  const templates = ofType(template, 'AWS::EC2::LaunchTemplate');
  return breaking(ofType(template, 'AWS::EC2::Instance'), (instance) => {
    const named = refersTo(instance['LaunchTemplate']);
    const [, launch = {}] = templates.find(([id]) => named.has(id)) ?? [];
    const interfaces = listOf(asRecord(launch['LaunchTemplateData'])['NetworkInterfaces']).map(asRecord);
    const subnets = interfaces.map((one) => one['SubnetId']).filter((subnet) => subnet !== undefined);
    if (interfaces.length > 0 && instance['SubnetId'] !== undefined) return true;
    return ![...subnets, instance['SubnetId']].some((subnet) =>
      [...refersTo(subnet)].some((id) => id.startsWith('PrivateSubnet')),
    );
  });
}
