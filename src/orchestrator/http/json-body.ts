/** Reads JSON bodies: no prototype keys, and no nesting deep enough to break what later walks the value. */
import type { FastifyInstance } from 'fastify';
import { RocError } from '../../kernel/errors.js';

/** Deeper than any input a robot needs, far from where recursion over the value would fail. */
const MAX_JSON_DEPTH = 64;

export function acceptJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    // A POST without a body may still name the type that a body would have had.
    if (text === '') return done(null, undefined);
    void parse(request, text as string, (error, value) => {
      if (error !== null) done(error, undefined);
      else if (isDeeperThan(value, MAX_JSON_DEPTH)) done(tooDeep(), undefined);
      // What a robot wrote, and a line was cut in the middle of, is taken as it is.
      else if (request.routeOptions.config.access !== 'runner' && hasHalfPair(text as string, value)) {
        done(halfPair(), undefined);
      } else done(null, value);
    });
  });
}

/** Half a surrogate pair is no text: it has no UTF-8, no canonical JSON, and no two programs treat it alike. */
function hasHalfPair(text: string, value: unknown): boolean {
  // Only an escape can bring one in: the body itself was UTF-8.
  return /\\ud[89a-f]/i.test(text) && holdsHalfPair(value);
}

function holdsHalfPair(value: unknown): boolean {
  if (typeof value === 'string') return /\p{Surrogate}/u.test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => holdsHalfPair(name) || holdsHalfPair(inner));
}

function halfPair(): RocError {
  return new RocError('ROC_INVALID_INPUT', 'a text holds half a surrogate pair', {
    hint: 'Send well-formed Unicode; a character beyond U+FFFF is two \\u escapes.',
  });
}

function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []));
    level = level.filter((node) => typeof node === 'object' && node !== null);
  }
  return false;
}

function tooDeep(): RocError {
  return new RocError('ROC_INVALID_INPUT', `the JSON is nested deeper than ${MAX_JSON_DEPTH} levels`, {
    hint: 'Send flatter data.',
  });
}
