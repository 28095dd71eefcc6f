/** A robot's `inputs` schema: refused where it reaches outside itself, compiled once, run within a time limit. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { RocError } from '../../kernel/errors.js';
import { bounded } from './bounded.js';

export interface InputProblem {
  /** JSON pointer from the request body. */
  readonly path: string;
  readonly message: string;
}

export interface InputSchema {
  /** What is wrong with an input; empty when nothing is. @throws RocError ROC_INVALID_INPUT when it takes too long */
  check(input: unknown): readonly InputProblem[];
}

const MAX_SCHEMA_BYTES = 64 * 1024;
const MAX_SCHEMA_DEPTH = 32;
const MAX_PATTERN_CHARS = 512;
const MAX_PROBLEMS = 20;
const COMPILE_MS = 1000;
/** The whole server waits for a check: a pattern that backtracks without end costs this much and no more. */
const CHECK_MS = 100;

const DRAFTS: Readonly<Record<string, typeof Ajv | typeof Ajv2020>> = {
  'http://json-schema.org/draft-07/schema': Ajv,
  'https://json-schema.org/draft/2020-12/schema': Ajv2020,
};
const DEFAULT_DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** @throws RocError ROC_PACKAGE_INVALID that says what in the schema is not taken */
export function compileInputSchema(schema: Readonly<Record<string, unknown>>): InputSchema {
  refuseUnsafe(schema);
  const validate = compile(schema);
  return {
    check: (input) => {
      const isValid = bounded(() => validate(input), CHECK_MS, 'checking the input');
      return isValid ? [] : problemsOf(validate.errors ?? []);
    },
  };
}

function compile(schema: Readonly<Record<string, unknown>>): ValidateFunction {
  const draft = String(schema['$schema'] ?? DEFAULT_DRAFT).replace(/#$/, '');
  const Draft = DRAFTS[draft];
  if (Draft === undefined) {
    throw refused(`its $schema is not one of ${Object.keys(DRAFTS).join(', ')}`);
  }
  // `format` is a remark here (as 2020-12 has it by default): no pattern of a library's runs on foreign input.
  const ajv = new Draft({ strict: false, validateFormats: false, inlineRefs: false, logger: false });
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', validate: hasUniqueItems });
  try {
    return bounded(() => ajv.compile(schema), COMPILE_MS, 'reading the schema');
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : '';
    throw refused(reason.slice(0, 300), cause);
  }
}

// Ajv compares objects two by two, which a long list makes very slow.
function hasUniqueItems(isAsked: boolean, items: readonly unknown[]): boolean {
  return !isAsked || new Set(items.map(canonicalJson)).size === items.length;
}

function problemsOf(errors: readonly ErrorObject[]): InputProblem[] {
  return errors.slice(0, MAX_PROBLEMS).map(({ instancePath, keyword, params, message }) => {
    const names = params as {
      additionalProperty?: string;
      missingProperty?: string;
      allowedValues?: unknown[];
    };
    const at = `/input${instancePath}`;
    if (keyword === 'additionalProperties') {
      return { path: `${at}/${String(names.additionalProperty).slice(0, 80)}`, message: 'unknown field' };
    }
    if (keyword === 'required') return { path: `${at}/${names.missingProperty}`, message: 'is missing' };
    if (keyword === 'uniqueItems') return { path: at, message: 'expected no item twice' };
    if (keyword === 'enum') {
      const allowed = JSON.stringify(names.allowedValues ?? []).slice(1, -1);
      return { path: at, message: `expected one of ${allowed.slice(0, 200)}` };
    }
    return { path: at, message: message ?? 'is not valid' };
  });
}

function refuseUnsafe(schema: Readonly<Record<string, unknown>>): void {
  if (Buffer.byteLength(JSON.stringify(schema)) > MAX_SCHEMA_BYTES) {
    throw refused(`it is larger than ${MAX_SCHEMA_BYTES / 1024} KiB`);
  }
  for (const { key, value, depth } of membersOf(schema)) {
    if (depth > MAX_SCHEMA_DEPTH) throw refused(`it is nested deeper than ${MAX_SCHEMA_DEPTH} levels`);
    if (/^\$(dynamic|recursive)Ref$/.test(key)) throw refused(`${key} is not taken`);
    if (key === '$ref' && typeof value === 'string' && !value.startsWith('#')) {
      throw refused(`it refers to "${value.slice(0, 80)}", outside itself`);
    }
    if (key === 'pattern' && typeof value === 'string') checkPattern(value);
    if (key === 'patternProperties') for (const pattern of Object.keys(value ?? {})) checkPattern(pattern);
  }
}

function checkPattern(pattern: string): void {
  if (pattern.length > MAX_PATTERN_CHARS)
    throw refused(`a pattern is longer than ${MAX_PATTERN_CHARS} characters`);
  try {
    new RegExp(pattern, 'u');
  } catch (cause) {
    throw refused(`"${pattern.slice(0, 80)}" is not a pattern`, cause);
  }
}

function* membersOf(
  value: unknown,
  depth = 1,
): Generator<{ key: string; value: unknown; depth: number }, void, undefined> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    yield { key, value: member, depth };
    // Deeper than that is refused by whoever reads this; going on would only use up the stack.
    if (depth <= MAX_SCHEMA_DEPTH) yield* membersOf(member, depth + 1);
  }
}

function refused(why: string, cause?: unknown): RocError {
  return new RocError('ROC_PACKAGE_INVALID', `the inputs schema of robot.yaml is not taken: ${why}`, {
    hint: 'Write a JSON Schema (2020-12 or draft-07) that stands alone; docs/server.md has the limits.',
    cause,
  });
}
