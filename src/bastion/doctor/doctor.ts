/** `roc bastion doctor`: why a session does or does not work, and what to do. */
import { RocError } from '../../kernel/errors.js';
import type { CheckResult } from './check.js';
import { diagnose } from './diagnose.js';
import { type GatherOptions, gatherFacts } from './gather.js';

export async function examine(options: GatherOptions): Promise<CheckResult[]> {
  return diagnose(await gatherFacts(options));
}

/** What StartSession's "not connected" comes from, as one error: the first thing that is wrong, and how to mend it. */
export function unreachableError(target: string, checks: readonly CheckResult[], cause: unknown): RocError {
  const failed = checks.filter(({ verdict }) => verdict === 'fail');
  const [first] = failed;
  if (first === undefined) {
    return new RocError(
      'ROC_UNREACHABLE',
      `${target} is not connected to Session Manager, and no check says why`,
      {
        hint: `Look on the instance: systemctl status amazon-ssm-agent; then \`roc bastion doctor ${target}\`.`,
        cause,
      },
    );
  }
  const reasons = failed.map(({ id, evidence }) => `${evidence} (${id})`);
  return new RocError(
    'ROC_UNREACHABLE',
    `${target} is not connected to Session Manager: ${reasons.join('; ')}`,
    {
      hint: first.fix,
      cause,
      details: { checks: failed },
    },
  );
}
