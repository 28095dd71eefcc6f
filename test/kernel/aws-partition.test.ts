import { expect, it } from 'vitest';
import { awsDomain, awsPartition } from '../../src/kernel/aws-partition.js';

it.each([
  ['eu-west-1', 'aws', 'amazonaws.com'],
  ['us-gov-west-1', 'aws-us-gov', 'amazonaws.com'],
  ['cn-north-1', 'aws-cn', 'amazonaws.com.cn'],
  ['us-iso-east-1', 'aws-iso', 'c2s.ic.gov'],
  ['us-isob-east-1', 'aws-iso-b', 'sc2s.sgov.gov'],
  ['eusc-de-east-1', 'aws-eusc', 'amazonaws.eu'],
])('%s is of the partition %s, under %s', (region, partition, domain) => {
  expect([awsPartition(region), awsDomain(region)]).toEqual([partition, domain]);
});
