/** Any thrown value as problem details (RFC 9457): code, hint, request id, field errors; never a stack or SQL. */
import { z } from 'zod';
import { codeFromHttpStatus, type ErrorCode, isRocError } from '../../kernel/errors.js';
import { NO_ID, type Problem } from '../../protocol/schemas.js';

export const PROBLEM_TYPE = 'application/problem+json';

/** The problem for an error; `unexpected` says that the log must have the whole of it, the caller must not. */
export function problemOf(error: unknown, requestId: string): { problem: Problem; unexpected: boolean } {
  if (error instanceof z.ZodError) return { problem: invalidInput(error, requestId), unexpected: false };
  if (isRocError(error) && error.code !== 'ROC_UNEXPECTED') {
    const { httpStatus, code, message, hint, details } = error;
    const errors = fieldErrors(details?.['errors']);
    return {
      problem: {
        ...problem(httpStatus, code, message, hint ?? '', requestId),
        ...(errors === null ? {} : { errors }),
        ...(code === 'ROC_ALREADY_DONE' ? { id: String(details?.['id']) } : {}),
      },
      unexpected: false,
    };
  }
  const known = isRocError(error) ? undefined : FASTIFY_PROBLEMS[codeOf(error)];
  if (known !== undefined) {
    return {
      problem: problem(known.status, codeFromHttpStatus(known.status), known.detail, known.hint, requestId),
      unexpected: false,
    };
  }
  const status = clientErrorStatus(error);
  if (status !== null) {
    const detail = 'the request cannot be read';
    return {
      problem: problem(status, codeFromHttpStatus(status), detail, 'Check the request.', requestId),
      unexpected: false,
    };
  }
  const detail = 'something went wrong in the server; it has been logged';
  const hint = 'Try again; if it stays, give the request id to whoever runs this server.';
  return { problem: problem(500, 'ROC_UNEXPECTED', detail, hint, requestId), unexpected: true };
}

export function problem(
  status: number,
  code: ErrorCode,
  detail: string,
  hint: string,
  requestId: string,
): Problem {
  return {
    type: `urn:roc:problem:${code}`,
    title: TITLES[status] ?? 'Request failed',
    status,
    detail,
    code,
    hint,
    requestId,
  };
}

function invalidInput(error: z.ZodError, requestId: string): Problem {
  const errors = error.issues.slice(0, 20).flatMap((issue) => {
    const path = pointer(issue.path);
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
    return issue.keys
      .slice(0, 20)
      .map((key) => ({ path: pointer([...issue.path, key]), message: 'unknown field' }));
  });
  const hint =
    errors.length > 0 && errors.every(({ message }) => message === NO_ID)
      ? 'Take it from the list of what you mean (`roc jobs list`, `roc keys list`, …); a name will not do here.'
      : 'Correct the fields named in errors; /openapi.json has the shape of each request.';
  return { ...problem(422, 'ROC_INVALID_INPUT', 'the request is not valid', hint, requestId), errors };
}

/** JSON pointer (RFC 6901) of a path; long keys of the caller are cut. */
export function pointer(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${String(part).slice(0, 80).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

function fieldErrors(value: unknown): { path: string; message: string }[] | null {
  const parsed = z.array(z.object({ path: z.string(), message: z.string() })).safeParse(value);
  return parsed.success ? parsed.data : null;
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '');
}

// What the framework refuses by itself (a URL that does not decode, say) carries a 4xx status.
function clientErrorStatus(error: unknown): number | null {
  const status = Number((error as { statusCode?: unknown } | null)?.statusCode);
  return Number.isInteger(status) && status >= 400 && status < 500 ? status : null;
}

const FASTIFY_PROBLEMS: Readonly<Record<string, { status: number; detail: string; hint: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    detail: 'the body is larger than this address takes',
    hint: 'Send less at once.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    detail: 'the content type is not one that this address takes',
    hint: 'Send application/json, or application/zip for a package.',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: {
    status: 400,
    detail: 'the body is empty',
    hint: 'Send a JSON object.',
  },
  FST_ERR_CTP_INVALID_JSON_BODY: {
    status: 400,
    detail: 'the body is not JSON',
    hint: 'Send one JSON value in UTF-8.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    detail: 'the body is not as long as Content-Length says',
    hint: 'Send the whole body.',
  },
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition failed',
  413: 'Too large',
  414: 'Address too long',
  415: 'Content type not taken',
  422: 'Not valid',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Server fault',
  502: 'Unreachable',
  503: 'Not available now',
};
