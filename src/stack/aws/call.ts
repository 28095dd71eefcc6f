/** One way to call AWS in this room: a deadline, Ctrl-C, and errors in roc's words that keep the name AWS gave them. */
import { translateAwsError } from '../../kernel/aws.js';
import { isRocError, RocError } from '../../kernel/errors.js';

// Longer than all retries of a throttled call: the adaptive client waits between them.
const CALL_LIMIT = 120_000;

/**
 * Runs one AWS call, named for the error text (`cloudformation:CreateChangeSet`).
 * @throws RocError that keeps AWS's error as its cause; ROC_INTERRUPTED when `signal` aborts
 */
export async function callAws<T>(
  name: string,
  run: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const deadline = AbortSignal.timeout(CALL_LIMIT);
  try {
    return await run(signal === undefined ? deadline : AbortSignal.any([deadline, signal]));
  } catch (error) {
    if (signal?.aborted) throw new RocError('ROC_INTERRUPTED', 'interrupted', { cause: error });
    if (deadline.aborted) {
      throw new RocError('ROC_TIMEOUT', `${name}: no answer in ${CALL_LIMIT / 1000} s`, {
        hint: 'Check the network, the proxy settings and --endpoint-url.',
        cause: error,
      });
    }
    throw named(error, name);
  }
}

/** The name of AWS's error behind what {@link callAws} threw, such as `ValidationError`. */
export function awsErrorName(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.name : undefined;
}

/** AWS's own sentence behind what {@link callAws} threw. */
export function awsErrorText(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message : '';
}

function named(error: unknown, call: string): unknown {
  const translated = translateAwsError(error, call);
  if (isRocError(translated))
    return translated.code === 'ROC_FORBIDDEN' ? forbidden(error, call) : translated;
  // The SDK adds lines about its own insides.
  const [message = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  const name = error instanceof Error ? error.name : '';
  const row = KNOWN.find(({ names, says }) => names.test(name) && says.test(message));
  return new RocError(row?.code ?? 'ROC_UNEXPECTED', `${call}: ${message}`, {
    hint: row?.hint ?? 'AWS refused the call for the reason above.',
    cause: error,
  });
}

/** AccessDenied names the action that is missing, and where the policy that has it comes from. */
function forbidden(error: unknown, call: string): RocError {
  const message = error instanceof Error ? error.message : String(error);
  const action = /perform:? ([a-z0-9-]+:\w+)/i.exec(message)?.[1] ?? call;
  return new RocError('ROC_FORBIDDEN', `${call}: AWS refused it: ${message}`, {
    hint: `The permission ${action} is missing; \`roc iam policy provision\` prints the policy that has it.`,
    cause: error,
    details: { action },
  });
}

const KNOWN: readonly { names: RegExp; says: RegExp; code: RocError['code']; hint: string }[] = [
  {
    names: /^(ValidationError|OperationInProgressException)$/,
    says: /IN_PROGRESS|in progress/,
    code: 'ROC_CONFLICT',
    hint: 'Another operation runs on the stack: `roc provision events --follow` shows it.',
  },
  {
    names: /^(AlreadyExists|InvalidChangeSetStatus|TokenAlreadyExists|ResourceInUse)/,
    says: /./,
    code: 'ROC_CONFLICT',
    hint: 'Somebody else may work on this stack: see `roc provision status`.',
  },
  {
    names: /^(InsufficientCapabilities|ValidationError|ValidationException|InvalidParameter\w*|InvalidInput)/,
    says: /./,
    code: 'ROC_INVALID_INPUT',
    hint: 'AWS did not accept the template or a value in it; `roc provision check` may say more.',
  },
  {
    names: /^LimitExceeded/,
    says: /./,
    code: 'ROC_REFUSED',
    hint: 'Raise the quota in Service Quotas, or remove what is not needed.',
  },
];
