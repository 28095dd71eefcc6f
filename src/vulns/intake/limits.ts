/** How much of one input is held at a time, and what is said when a record is longer. */
import type { Problem } from '../model.js';

/** The longest record that is kept; a longer one is reported and passed over. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** Members beside the records of a very large document are kept up to this size. */
export const MAX_CONTEXT_BYTES = 256 * 1024;

export function tooLarge(file: string, offset: number): Problem {
  return {
    kind: 'too-large',
    file,
    offset,
    message: `a record is longer than ${MAX_RECORD_BYTES / 1024 / 1024} MB`,
    skipped: true,
  };
}

/** A large object without a list of findings: a single record too long to be one, or something else altogether. */
export function noRecords(file: string, offset: number): Problem {
  return {
    kind: 'too-large',
    file,
    offset,
    message: 'a record, or a document without a known list of findings, is too large to be read whole',
    skipped: true,
  };
}

export function truncated(file: string, offset: number): Problem {
  return { kind: 'truncated', file, offset, message: 'the input ends inside a record', skipped: true };
}
