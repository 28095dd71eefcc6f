import { describe, expect, it } from 'vitest';
import {
  codeFromHttpStatus,
  ERROR_CODES,
  type ErrorCode,
  isRocError,
  RocError,
} from '../../src/kernel/errors.js';

const EXIT_CODES = [0, 1, 2, 3, 4, 5, 75, 130];

describe('the error table', () => {
  it.each(Object.entries(ERROR_CODES))(
    '%s has an exit code of the contract and an HTTP error status',
    (_, row) => {
      expect(EXIT_CODES).toContain(row.exit);
      expect(row.http).toBeGreaterThanOrEqual(400);
      expect(row.http).toBeLessThan(600);
    },
  );

  it.each([
    [401, 5],
    [408, 5],
    [429, 5],
    [502, 5],
    [503, 5],
    [504, 5],
    [403, 4],
    [409, 4],
    [412, 4],
    [400, 2],
    [404, 2],
    [410, 2],
    [413, 2],
    [422, 2],
    [500, 1],
  ])('HTTP %i ends with exit code %i', (status, exit) => {
    expect(ERROR_CODES[codeFromHttpStatus(status)].exit).toBe(exit);
  });
});

describe('RocError', () => {
  it('is recognised across bundles by name and code, not by class', () => {
    const foreign = Object.assign(new Error('x'), {
      name: 'RocError',
      code: 'ROC_REFUSED' satisfies ErrorCode,
    });
    expect(isRocError(foreign)).toBe(true);
    expect(isRocError(new Error('x'))).toBe(false);
    expect(isRocError(new RocError('ROC_USAGE', 'x'))).toBe(true);
  });
});
