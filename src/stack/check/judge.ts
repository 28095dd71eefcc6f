/** roc's own rules over a template: pure, so that a plan, a test and a person judge alike. */
import { RocError } from '../../kernel/errors.js';
import type { CheckInput } from './check-input.js';
import { findingOf, judgeByData } from './expect.js';
import type { Finding } from './finding.js';
import { NAMED_CHECKS } from './named-checks.js';
import type { PostureRule, StackPolicy } from './policy.js';

/** @throws RocError ROC_POLICY_INVALID for a check that roc does not have */
export function judge(input: CheckInput, { rules }: Pick<StackPolicy, 'rules'>): Finding[] {
  return rules.filter((rule) => applies(rule, input)).flatMap((rule) => judgeRule(rule, input));
}

function judgeRule(rule: PostureRule, input: CheckInput): Finding[] {
  if (rule.check === undefined) return judgeByData(rule, input.template);
  const check = Object.hasOwn(NAMED_CHECKS, rule.check) ? NAMED_CHECKS[rule.check] : undefined;
  if (check === undefined)
    throw new RocError('ROC_POLICY_INVALID', `rule ${rule.id}: there is no check "${rule.check}"`, {
      hint: `Checks are: ${Object.keys(NAMED_CHECKS).join(', ')}.`,
    });
  return check(input).map((resource) => findingOf(rule, resource));
}

function applies({ when }: PostureRule, { settings }: CheckInput): boolean {
  const isEnv = when?.env === undefined || when.env.includes(settings.env);
  return isEnv && (when?.compute === undefined || when.compute === settings.compute);
}
