import { expect, test } from 'vitest';
import { worseCheck } from '../../../src/scale/aws/status/instances.js';

test.each([
  [['ok', 'ok'], 'ok'],
  [['initializing', 'ok'], 'initializing'],
  // One that starts on a host that has failed.
  [['initializing', 'impaired'], 'impaired'],
  [['impaired', 'initializing'], 'impaired'],
  [['not-applicable', 'ok'], 'not-applicable'],
  [['ok', undefined], 'insufficient-data'],
  [['ok', 'a word of next year'], 'insufficient-data'],
] as const)('of the two checks of an instance the worse counts: %j is %s', (both, worse) => {
  expect(worseCheck(both)).toBe(worse);
});
