/** One way to call AWS: a deadline, the request id kept, and errors in roc's words that keep the name AWS gave them. */
import { translateAwsError } from '../../kernel/aws.js';
import { isRocError, RocError } from '../../kernel/errors.js';
import type { AwsAccess } from './clients.js';

const CALL_LIMIT = 60_000;

interface Reply {
  readonly $metadata: { readonly requestId?: string | undefined };
}

/**
 * Runs one AWS call, named for the error text and for the evidence (`rds:DescribeDBInstances`).
 * @throws RocError whose `details.aws` is the name of AWS's error
 */
export async function callAws<T extends Reply>(
  access: AwsAccess,
  name: string,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(CALL_LIMIT);
  try {
    const reply = await run(signal);
    if (reply.$metadata.requestId !== undefined) access.onRequest(name, reply.$metadata.requestId);
    return reply;
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

/** The name of AWS's error, without the ending that some protocols add: `DBInstanceNotFound`, `Throttling`. */
export function awsErrorName(error: unknown): string | null {
  const name = isRocError(error) ? error.details?.['aws'] : undefined;
  return typeof name === 'string' ? name : null;
}

/** `null` where AWS says that there is no such thing; other errors go on. */
export async function orNull<T>(promise: Promise<T>, notFound: RegExp): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (notFound.test(awsErrorName(error) ?? '')) return null;
    throw error;
  }
}

function named(error: unknown, call: string): unknown {
  const name = error instanceof Error ? error.name.replace(/(Fault|Exception)$/, '') : '';
  const details = { aws: name, call };
  const known = translateAwsError(error, call);
  if (isRocError(known))
    return new RocError(known.code, known.message, {
      ...(known.hint === undefined ? {} : { hint: known.hint }),
      cause: error,
      details,
    });
  const message = error instanceof Error ? error.message : String(error);
  const rule = RULES.find(({ names }) => names.test(name));
  return new RocError(rule?.code ?? 'ROC_UNEXPECTED', `${call}: ${message}`, {
    hint: rule?.hint ?? 'AWS refused the call for the reason above.',
    cause: error,
    details,
  });
}

const RULES: readonly { names: RegExp; code: RocError['code']; hint: string }[] = [
  {
    names: /NotFound|NoSuch|DoesNotExist/,
    code: 'ROC_NOT_FOUND',
    hint: 'Check the name, the account and --region.',
  },
  { names: /AlreadyExists/, code: 'ROC_CONFLICT', hint: 'Choose another name, or remove what has it.' },
  {
    names: /QuotaExceeded|LimitExceeded/,
    code: 'ROC_REFUSED',
    hint: 'Sweep what is left of earlier runs, or have the quota raised.',
  },
  {
    names: /KMSKeyNotAccessible|KMSInvalidState|DisabledException|Disabled$/,
    code: 'ROC_CHECK_FAILED',
    hint: 'Enable the KMS key; without it the backup cannot be restored.',
  },
  {
    names: /Insufficient.*Capacity/,
    code: 'ROC_UNAVAILABLE',
    hint: 'Name target.fallbackClass in the policy, or try later.',
  },
  {
    names: /Invalid|Validation|MissingParameter/,
    code: 'ROC_INVALID_INPUT',
    hint: 'Correct what AWS names.',
  },
  {
    names: /PreconditionFailed/,
    code: 'ROC_PRECONDITION_FAILED',
    hint: 'Somebody else has written it meanwhile.',
  },
];
