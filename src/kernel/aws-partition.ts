/** What a region's name tells of its partition: the second part of every ARN, and the domain of its services. */

interface Partition {
  readonly name: string;
  readonly domain: string;
}

/** `aws`, `aws-cn`, `aws-us-gov`, … */
export function awsPartition(region: string): string {
  return partitionOf(region).name;
}

/** `amazonaws.com`, `amazonaws.com.cn`, … */
export function awsDomain(region: string): string {
  return partitionOf(region).domain;
}

function partitionOf(region: string): Partition {
  return PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? COMMERCIAL;
}

const COMMERCIAL: Partition = { name: 'aws', domain: 'amazonaws.com' };

const PARTITIONS: readonly (readonly [prefix: string, partition: Partition])[] = [
  ['cn-', { name: 'aws-cn', domain: 'amazonaws.com.cn' }],
  ['us-gov-', { name: 'aws-us-gov', domain: 'amazonaws.com' }],
  ['us-iso-', { name: 'aws-iso', domain: 'c2s.ic.gov' }],
  ['us-isob-', { name: 'aws-iso-b', domain: 'sc2s.sgov.gov' }],
  ['us-isof-', { name: 'aws-iso-f', domain: 'csp.hci.ic.gov' }],
  ['eu-isoe-', { name: 'aws-iso-e', domain: 'cloud.adc-e.uk' }],
  ['eusc-', { name: 'aws-eusc', domain: 'amazonaws.eu' }],
];
