import { expect, test } from 'vitest';
import { leaseKey } from '../../../src/scale/lease/key.js';

test('every group and service has a lease of its own', () => {
  const region = 'eu-west-1';
  expect([
    leaseKey('roc-scale', { kind: 'group', name: 'web', region }),
    leaseKey('roc-scale', { kind: 'group', name: 'web', region: 'eu-north-1' }),
    leaseKey('roc-scale', { kind: 'service', name: 'service/main/web', region }),
    leaseKey('roc-scale', { kind: 'service', name: 'service/other/web', region }),
  ]).toEqual([
    'roc-scale/eu-west-1/group/web.json',
    'roc-scale/eu-north-1/group/web.json',
    'roc-scale/eu-west-1/service/main/web.json',
    'roc-scale/eu-west-1/service/other/web.json',
  ]);
});
