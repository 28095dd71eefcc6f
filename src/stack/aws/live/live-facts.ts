/** What a live resource is, in the words of its template: dotted property paths and plain values. */
import { RocError } from '../../../kernel/errors.js';
import type { AwsAccess } from '../access.js';
import { awsErrorName } from '../call.js';

/** `{ MultiAZ: true, 'MetadataOptions.HttpTokens': 'required' }`. */
export type LiveFacts = Readonly<Record<string, unknown>>;

export interface LiveResource {
  readonly physicalId: string;
  /** As the template says them, with what it refers to filled in where that is known. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Null where AWS has no such thing. */
export type LiveReader = (access: AwsAccess, resource: LiveResource) => Promise<LiveFacts | null>;

/** What a reader throws where it does not know what to read: unknown, and never a claim that holds. */
export function notTold(what: string): RocError {
  return new RocError('ROC_NOT_FOUND', `${what} is not known from the template and the stack`, {
    hint: 'Look at the resource in the AWS console.',
  });
}

/** Turns "there is none" of a service into null. */
export async function orNull<T>(absent: RegExp, read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (absent.test(awsErrorName(error) ?? '')) return null;
    throw error;
  }
}
