/** One table from error code to exit code and HTTP status; every error a user may see is a RocError. */

/**
 * `exit` is the process exit code of DESIGN §5, `http` the status the server answers with.
 * Exit codes: 0 done, 1 fault, 2 usage or input, 3 the check's result is bad, 4 refused, 5 unreachable or
 * no credentials, 75 resumable, 130 interrupted.
 */
export const ERROR_CODES = {
  ROC_UNEXPECTED: { exit: 1, http: 500 },
  ROC_USAGE: { exit: 2, http: 400 },
  ROC_INVALID_INPUT: { exit: 2, http: 422 },
  ROC_CONFIG_INVALID: { exit: 2, http: 400 },
  ROC_POLICY_INVALID: { exit: 2, http: 400 },
  ROC_PACKAGE_INVALID: { exit: 2, http: 422 },
  ROC_NOT_FOUND: { exit: 2, http: 404 },
  ROC_GONE: { exit: 2, http: 410 },
  ROC_TOO_LARGE: { exit: 2, http: 413 },
  ROC_PORT_IN_USE: { exit: 2, http: 500 },
  ROC_DATA_DIR_UNUSABLE: { exit: 2, http: 500 },
  ROC_NODE_TOO_OLD: { exit: 2, http: 500 },
  ROC_SCHEMA_NEWER: { exit: 2, http: 500 },
  ROC_REGION_MISSING: { exit: 2, http: 400 },
  ROC_CHECK_FAILED: { exit: 3, http: 409 },
  ROC_BLOB_CORRUPT: { exit: 3, http: 500 },
  ROC_STACK_FAILED: { exit: 3, http: 500 },
  ROC_REFUSED: { exit: 4, http: 403 },
  ROC_FORBIDDEN: { exit: 4, http: 403 },
  ROC_CONFLICT: { exit: 4, http: 409 },
  ROC_VERSION_EXISTS: { exit: 4, http: 409 },
  ROC_STALE_LEASE: { exit: 4, http: 409 },
  ROC_CANCELING: { exit: 4, http: 409 },
  ROC_ALREADY_DONE: { exit: 4, http: 409 },
  ROC_PRECONDITION_FAILED: { exit: 4, http: 412 },
  ROC_CREDENTIALS_MISSING: { exit: 5, http: 401 },
  ROC_UNAUTHENTICATED: { exit: 5, http: 401 },
  ROC_OTP_NEEDED: { exit: 5, http: 401 },
  ROC_THROTTLED: { exit: 5, http: 429 },
  ROC_TIMEOUT: { exit: 5, http: 408 },
  ROC_UNREACHABLE: { exit: 5, http: 502 },
  ROC_UNAVAILABLE: { exit: 5, http: 503 },
  ROC_RESUMABLE: { exit: 75, http: 503 },
  ROC_INTERRUPTED: { exit: 130, http: 499 },
} as const satisfies Record<string, { exit: number; http: number }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface RocErrorOptions {
  /** What to do next, one sentence; safe to print. */
  readonly hint?: string;
  /** The error beneath, for the log; never printed to a person. */
  readonly cause?: unknown;
  /** Facts for machines (path of a key, offset, ids); no secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The one error class: a code from the table, what was wrong, what to do next. */
export class RocError extends Error {
  override readonly name = 'RocError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: RocErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exit;
  }

  get httpStatus(): number {
    return ERROR_CODES[this.code].http;
  }
}

/** Works across bundles, where `instanceof` would meet two copies of the class. */
export function isRocError(error: unknown): error is RocError {
  return error instanceof Error && error.name === 'RocError' && isErrorCode((error as RocError).code);
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value);
}

/** The code for an HTTP status that came without one of ours (DESIGN §5: "From HTTP"). */
export function codeFromHttpStatus(status: number): ErrorCode {
  const known = HTTP_CODES[status];
  if (known !== undefined) return known;
  if (status >= 500) return 'ROC_UNEXPECTED';
  return status >= 400 ? 'ROC_INVALID_INPUT' : 'ROC_UNEXPECTED';
}

const HTTP_CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'ROC_USAGE',
  401: 'ROC_UNAUTHENTICATED',
  403: 'ROC_FORBIDDEN',
  404: 'ROC_NOT_FOUND',
  408: 'ROC_TIMEOUT',
  409: 'ROC_CONFLICT',
  410: 'ROC_GONE',
  412: 'ROC_PRECONDITION_FAILED',
  413: 'ROC_TOO_LARGE',
  422: 'ROC_INVALID_INPUT',
  429: 'ROC_THROTTLED',
  502: 'ROC_UNREACHABLE',
  503: 'ROC_UNAVAILABLE',
  504: 'ROC_TIMEOUT',
};
