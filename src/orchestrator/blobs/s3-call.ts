/** One way to call S3: a deadline, and every fault of the store as "unavailable, try again", never as the caller's. */
import { translateAwsError } from '../../kernel/aws.js';
import { RocError } from '../../kernel/errors.js';
import { SECOND } from '../../kernel/time.js';
import { missingBlob, takenBlob } from './blobs.js';

export const CALL_LIMIT_MS = 60 * SECOND;

/**
 * Runs one call, named for the error text (`s3:GetObject`). The limit ends with it: what the call has brought, such as
 * a body that is still to be read, is no longer bound by it.
 * @throws RocError ROC_BLOB_CORRUPT where the object is missing, ROC_CONFLICT where it is there already,
 * ROC_UNAVAILABLE for everything else: the server answers 503 with Retry-After, and what wanted the blob waits
 */
export async function callS3<T>(
  name: string,
  key: string,
  run: (signal: AbortSignal) => Promise<T>,
  limitMs = CALL_LIMIT_MS,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  try {
    return await run(limit.signal);
  } catch (error) {
    if (isMissing(error)) throw missingBlob(key, error);
    if (isTaken(error)) throw takenBlob(key, error);
    throw unavailable(name, error);
  } finally {
    clearTimeout(timer);
  }
}

/** What a fault of the store is told as. */
export function unavailable(name: string, cause: unknown): RocError {
  const translated = translateAwsError(cause, name);
  const why = translated instanceof Error ? translated.message : String(translated);
  return new RocError('ROC_UNAVAILABLE', `the blob store cannot be used: ${why}`, {
    hint: 'Try again in some seconds; if it stays, check the bucket, its key and the role of this server.',
    cause,
  });
}

/** Whether what {@link callS3} threw says that there is no such object. */
export function isAbsent(error: unknown): boolean {
  return error instanceof RocError && error.code === 'ROC_BLOB_CORRUPT';
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && ['NoSuchKey', 'NotFound'].includes(error.name);
}

// 412: it was there; 409: another write of the same key is just being completed.
function isTaken(error: unknown): boolean {
  return error instanceof Error && ['PreconditionFailed', 'ConditionalRequestConflict'].includes(error.name);
}
