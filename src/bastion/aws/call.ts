/** One way to call AWS: a deadline, and errors in roc's words that keep the name AWS gave them. */
import { translateAwsError } from '../../kernel/aws.js';
import { isRocError, RocError } from '../../kernel/errors.js';

const CALL_LIMIT = 20_000;

/**
 * Runs one AWS call, named for the error text (`ssm:StartSession`).
 * @throws RocError whose `details.aws` is the name of AWS's error
 */
export async function callAws<T>(name: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(CALL_LIMIT);
  try {
    return await run(signal);
  } catch (error) {
    if (signal.aborted) {
      throw new RocError('ROC_TIMEOUT', `${name}: no answer in ${CALL_LIMIT / 1000} s`, {
        hint: 'Check the network, the proxy settings and --endpoint-url.',
        cause: error,
      });
    }
    throw named(error, name);
  }
}

/** The name of AWS's error behind what {@link callAws} threw, such as `TargetNotConnected`. */
export function awsErrorName(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.name : undefined;
}

function named(error: unknown, call: string): unknown {
  const translated = translateAwsError(error, call);
  if (isRocError(translated)) return translated;
  const message = error instanceof Error ? error.message : String(error);
  const row = error instanceof Error ? KNOWN[error.name] : undefined;
  return new RocError(row?.code ?? 'ROC_UNEXPECTED', `${call}: ${row?.says ?? message}`, {
    hint: row?.hint ?? 'AWS refused the call for the reason above.',
    cause: error,
  });
}

const KNOWN: Readonly<Record<string, { code: RocError['code']; says?: string; hint: string }>> = {
  TargetNotConnected: {
    code: 'ROC_UNREACHABLE',
    says: 'the instance is not connected to Session Manager',
    hint: 'Run `roc bastion doctor` with the same target to see why.',
  },
  InvalidDocument: {
    code: 'ROC_NOT_FOUND',
    says: 'there is no such session document in this account and region',
    hint: 'Check --document, or leave it out for the default.',
  },
  InvalidInstanceId: {
    code: 'ROC_NOT_FOUND',
    hint: 'List the instances that can be reached with `roc bastion list`.',
  },
  DoesNotExistException: { code: 'ROC_GONE', says: 'the session is over', hint: 'Start it again.' },
  ValidationException: { code: 'ROC_INVALID_INPUT', hint: 'Check the target and the parameters.' },
  InvalidParameters: { code: 'ROC_INVALID_INPUT', hint: 'Check the parameters of the session document.' },
  DBInstanceNotFoundFault: { code: 'ROC_NOT_FOUND', hint: 'Check the name of the database and --region.' },
  ResourceNotFoundException: { code: 'ROC_NOT_FOUND', hint: 'Check the name and --region.' },
};
