/** All checks over all facts. Pure. */
import type { Check, CheckResult } from './check.js';
import { callerChecks } from './checks/caller.js';
import { databaseChecks } from './checks/database.js';
import { networkChecks } from './checks/network.js';
import { roleChecks } from './checks/role.js';
import { targetChecks } from './checks/target.js';
import type { DoctorFacts } from './facts.js';

/** In the order in which a person would look. */
export const CHECKS: readonly Check[] = [
  ...callerChecks,
  ...targetChecks,
  ...roleChecks,
  ...networkChecks,
  ...databaseChecks,
];

export function diagnose(facts: DoctorFacts): CheckResult[] {
  return CHECKS.map(({ id, judge }) => ({ id, ...judge(facts) }));
}
