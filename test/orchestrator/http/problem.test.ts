import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, RocError } from '../../../src/kernel/errors.js';
import { pointer, problemOf } from '../../../src/orchestrator/http/problem.js';
import { requestIdOf } from '../../../src/orchestrator/http/request-id.js';

describe('a problem', () => {
  it.each(Object.keys(ERROR_CODES) as ErrorCode[])('has the status of %s', (code) => {
    const { problem, unexpected } = problemOf(new RocError(code, 'what', { hint: 'next' }), 'id');
    expect(problem).toMatchObject({ status: ERROR_CODES[code].http, code, requestId: 'id' });
    expect(problem.title).not.toBe('');
    expect(unexpected).toBe(code === 'ROC_UNEXPECTED');
    expect(problem.detail === 'what').toBe(code !== 'ROC_UNEXPECTED');
  });

  it.each<[string, unknown]>([
    [
      'an error of a driver',
      Object.assign(new TypeError('SQLITE: select * from user'), { code: 'SQLITE_ERROR' }),
    ],
    ['a programmer error', new TypeError("can't read x of undefined")],
    ['a text', 'secret'],
    ['nothing', undefined],
    ['null', null],
    ['an unexpected fault', new RocError('ROC_UNEXPECTED', 'secret')],
  ])('tells nothing of %s', (_, error) => {
    const { problem, unexpected } = problemOf(error, 'id');
    expect(unexpected).toBe(true);
    expect(problem.status).toBe(500);
    expect(JSON.stringify(problem)).not.toMatch(/select|secret|undefined/);
  });

  it('names fields by pointer, keys of the caller cut and escaped', () => {
    const result = z
      .strictObject({ a: z.array(z.object({ b: z.number() })) })
      .safeParse({ a: [{ b: 'x' }], 'c/~': 1 });
    const { problem } = problemOf(result.error, 'id');
    expect(problem.errors?.map(({ path }) => path)).toEqual(['/a/0/b', '/c~1~0']);
    expect(pointer(['x'.repeat(200)])).toHaveLength(81);
  });
});

describe('a request id', () => {
  it.each(['abcdefgh', '01JA9V3R8WZQK4T6E5M2N7X0CB', 'a.b-c_d.1'])('%s is kept', (id) => {
    expect(requestIdOf(id)).toBe(id);
  });
  it.each([undefined, '', 'short', 'with space', 'x'.repeat(65), 'a\nb"c{}xxx', ['abcdefgh']])(
    '%o is replaced',
    (id) => {
      expect(requestIdOf(id)).toMatch(/^[0-9A-Z]{26}$/);
    },
  );
});
