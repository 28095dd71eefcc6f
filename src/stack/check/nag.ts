/** cdk-nag's rule packs over the construct tree; loaded only to check. */
import type { Stack } from 'aws-cdk-lib/core';
import type { Finding } from './finding.js';
import type { StackPolicy } from './policy.js';

export async function judgeByNag(stack: Stack, packs: StackPolicy['packs']): Promise<Finding[]> {
  const { AwsSolutionsChecks, NIST80053R5Checks } = await import('cdk-nag');
  const all = { 'aws-solutions': AwsSolutionsChecks, 'nist-800-53-r5': NIST80053R5Checks };
  return packs.flatMap((pack) =>
    new all[pack]().validateScope(stack).violations.flatMap((violation) =>
      violation.violatingResources.map((resource) => ({
        id: violation.ruleName,
        severity: violation.severity === 'error' ? ('high' as const) : ('medium' as const),
        resource: logicalIdOf(resource),
        why: firstSentence(violation.description),
        fix: violation.fix ?? 'Change the resource, or write a waiver with a reason and an end.',
      })),
    ),
  );
}

/** Every construct hangs on the stack itself, so the path ends with the logical id. */
function logicalIdOf(resource: {
  readonly resourceLogicalId?: string;
  readonly constructPath?: string;
}): string {
  return resource.resourceLogicalId ?? resource.constructPath?.split('/').at(-1) ?? 'stack';
}

function firstSentence(text: string): string {
  return text.split(/ - \(Control IDs| - /)[0]?.trim() ?? text;
}
