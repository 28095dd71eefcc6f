/** One way to call AWS: a deadline, Ctrl-C, how often the SDK had to try, and errors that keep the name AWS gave them. */
import { translateAwsError } from './aws.js';
import { isRocError, RocError } from './errors.js';
import { SECOND } from './time.js';

// Longer than all retries of a throttled call: the adaptive client waits between them.
const CALL_LIMIT = 120 * SECOND;

interface Reply {
  readonly $metadata: { readonly attempts?: number | undefined };
}

export interface AwsCallOptions {
  readonly signal?: AbortSignal | undefined;
  /** For a call that must not be under way for longer; two minutes by default. */
  readonly limitMs?: number | undefined;
  /** Told how many tries beyond the first an answered call took: AWS throttled, or was unwell. */
  readonly onRetries?: ((call: string, retries: number) => void) | undefined;
}

/**
 * Runs one AWS call, named for the error text (`cloudwatch:GetMetricData`).
 * @throws RocError that keeps AWS's error as its cause; ROC_INTERRUPTED when `signal` aborts
 */
export async function sendAws<T extends Reply>(
  call: string,
  send: (signal: AbortSignal) => Promise<T>,
  { signal, onRetries, limitMs = CALL_LIMIT }: AwsCallOptions = {},
): Promise<T> {
  const deadline = AbortSignal.timeout(limitMs);
  try {
    const reply = await send(signal === undefined ? deadline : AbortSignal.any([deadline, signal]));
    const retries = (reply.$metadata.attempts ?? 1) - 1;
    if (retries > 0) onRetries?.(call, retries);
    return reply;
  } catch (error) {
    if (signal?.aborted) throw new RocError('ROC_INTERRUPTED', 'interrupted', { cause: error });
    if (!deadline.aborted) throw told(error, call);
    throw new RocError('ROC_TIMEOUT', `${call}: no answer in ${limitMs / SECOND} s`, {
      hint: 'Check the network, the proxy settings and --endpoint-url.',
      cause: error,
    });
  }
}

/** The name of AWS's error behind what {@link sendAws} threw, such as `ValidationError`. */
export function awsFaultName(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.name : undefined;
}

function told(error: unknown, call: string): unknown {
  const translated = translateAwsError(error, call);
  if (isRocError(translated)) {
    const { code, hint } = translated;
    return new RocError(code, firstLine(translated), {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
  const name = error instanceof Error ? error.name : '';
  const isMissing = /NotFound|DoesNotExist|NoSuch/i.test(name);
  const isInput = /Validation|Invalid|MissingParameter|MissingRequired/i.test(name);
  const code = isMissing ? 'ROC_NOT_FOUND' : isInput ? 'ROC_INVALID_INPUT' : 'ROC_UNEXPECTED';
  return new RocError(code, `${call}: ${firstLine(error)}`, {
    hint: isMissing ? 'Check the name and the region.' : 'AWS refused the call for the reason above.',
    cause: error,
  });
}

// The SDK adds lines about its own insides.
function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line;
}
