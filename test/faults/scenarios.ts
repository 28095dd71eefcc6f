/** All faults, each with the load it meets. What is done to whom, and when, comes from the seed. */
import type { Scenario } from './scenario.js';
import { NODE_SCENARIOS } from './scenarios/nodes.js';
import { RELEASE_SCENARIOS } from './scenarios/releases.js';
import { RUNNER_SCENARIOS } from './scenarios/runners.js';
import { STORE_SCENARIOS } from './scenarios/stores.js';

export const SCENARIOS: readonly Scenario[] = [
  ...RUNNER_SCENARIOS,
  ...NODE_SCENARIOS,
  ...STORE_SCENARIOS,
  ...RELEASE_SCENARIOS,
];
