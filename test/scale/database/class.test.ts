import { expect, test } from 'vitest';
import { classMemory, neighbourClass, usualMaxConnections } from '../../../src/scale/database/class.js';

/** GiB of memory, larger and smaller neighbour: https://aws.amazon.com/rds/instance-types/ */
test.each<[string, number | null, string | null, string | null]>([
  ['db.t3.micro', 1, 'db.t3.small', null],
  ['db.t3.small', 2, 'db.t3.medium', 'db.t3.micro'],
  ['db.t4g.2xlarge', 32, null, 'db.t4g.xlarge'],
  ['db.m5.large', 8, 'db.m5.xlarge', null],
  ['db.m5.2xlarge', 32, 'db.m5.4xlarge', 'db.m5.xlarge'],
  ['db.m6gd.16xlarge', 256, null, 'db.m6gd.8xlarge'],
  ['db.m5.24xlarge', 384, null, null],
  ['db.r6g.xlarge', 32, 'db.r6g.2xlarge', 'db.r6g.large'],
  ['db.c6gd.medium', 2, 'db.c6gd.large', null],
  ['db.x2g.large', 32, 'db.x2g.xlarge', null],
  ['db.serverless', null, null, null],
  ['db.nonsense', null, null, null],
  ['m5.large', null, null, null],
])('%s', (name, gib, larger, smaller) => {
  expect([classMemory(name), neighbourClass(name, 1), neighbourClass(name, -1)]).toEqual([
    gib === null ? null : gib * 2 ** 30,
    larger,
    smaller,
  ]);
});

test('MySQL takes a connection for each 12,582,880 bytes of memory', () => {
  expect(usualMaxConnections('db.m5.2xlarge')).toBe(2730);
  expect(usualMaxConnections('db.nonsense')).toBeNull();
});
