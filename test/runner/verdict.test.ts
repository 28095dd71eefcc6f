import { describe, expect, it } from 'vitest';
import { RocError } from '../../src/kernel/errors.js';
import { type Verdict, verdictOf } from '../../src/runner/verdict.js';

const answer = (status: number, code: RocError['code'] = 'ROC_UNEXPECTED', details = {}) =>
  new RocError(code, 'x', { details: { status, retryAfter: null, ...details } });

const foreign = (status: number) => answer(status, 'ROC_UNEXPECTED', { isRoc: false });

describe('verdictOf', () => {
  it.each<[string, unknown, Verdict, Verdict]>([
    ['no answer', new RocError('ROC_UNREACHABLE', 'x'), 'retry', 'retry'],
    ['a fault of our own', new TypeError('x'), 'retry', 'retry'],
    ['400', answer(400), 'retry', 'refused'],
    ['401 with a token that can be renewed', answer(401), 'retry', 'retry'],
    [
      '401 for the runner itself',
      answer(401, 'ROC_UNAUTHENTICATED', { identityRefused: true }),
      'leave',
      'leave',
    ],
    ['403', answer(403), 'retry', 'retry'],
    ['404', answer(404), 'retry', 'stale'],
    ['408', answer(408), 'retry', 'retry'],
    ['409', answer(409), 'retry', 'stale'],
    ['409 for a job that is being canceled', answer(409, 'ROC_CANCELING'), 'retry', 'canceled'],
    ['410', answer(410), 'session', 'stale'],
    ['412', answer(412), 'retry', 'stale'],
    ['413', answer(413), 'retry', 'refused'],
    ['422', answer(422), 'retry', 'refused'],
    ['426', answer(426), 'leave', 'leave'],
    ['429', answer(429), 'retry', 'retry'],
    ['500', answer(500), 'retry', 'retry'],
    ['500 for a damaged blob', answer(500, 'ROC_BLOB_CORRUPT'), 'refused', 'refused'],
    ['503', answer(503), 'retry', 'retry'],
    ...[401, 403, 404, 409, 410, 412, 426].map((status): [string, unknown, Verdict, Verdict] => [
      `${status} of a proxy`,
      foreign(status),
      'retry',
      'retry',
    ]),
    ['413 of a proxy', foreign(413), 'retry', 'refused'],
    ['a disk that takes nothing', new RocError('ROC_DATA_DIR_UNUSABLE', 'x'), 'refused', 'refused'],
  ])('%s', (_, error, asAgent, asJob) => {
    expect([verdictOf(error, 'agent'), verdictOf(error, 'job')]).toEqual([asAgent, asJob]);
  });
});
