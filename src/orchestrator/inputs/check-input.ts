/** Checks a job's input against the schema of the version that it will run. */
import { RocError } from '../../kernel/errors.js';
import { compileInputSchema, type InputSchema } from './input-schema.js';

/** An input travels in every offer and is kept with its job; larger data belongs where a robot can fetch it. */
const MAX_INPUT_BYTES = 256 * 1024;
const CACHED_SCHEMAS = 200;

export interface InputChecks {
  /**
   * @param versionId immutable, so that its schema is compiled once
   * @throws RocError ROC_INVALID_INPUT with the path of each problem, ROC_TOO_LARGE
   */
  check(versionId: string, schema: Readonly<Record<string, unknown>> | null, input: unknown): void;
}

export function createInputChecks(): InputChecks {
  const compiled = new Map<string, InputSchema>();
  const schemaOf = (versionId: string, schema: Readonly<Record<string, unknown>>) => {
    const known = compiled.get(versionId) ?? compileInputSchema(schema);
    compiled.delete(versionId);
    compiled.set(versionId, known);
    const [oldest] = compiled.size > CACHED_SCHEMAS ? compiled.keys() : [];
    if (oldest !== undefined) compiled.delete(oldest);
    return known;
  };
  return {
    check: (versionId, schema, input) => {
      if (Buffer.byteLength(JSON.stringify(input ?? null)) > MAX_INPUT_BYTES) {
        throw new RocError('ROC_TOO_LARGE', `the input is larger than ${MAX_INPUT_BYTES / 1024} KiB`, {
          hint: 'Send a reference to the data instead, such as a file name or a URL that the robot reads.',
        });
      }
      if (schema === null) return;
      const errors = schemaOf(versionId, schema).check(input);
      if (errors.length === 0) return;
      throw new RocError('ROC_INVALID_INPUT', 'the input does not fit the inputs schema of the robot', {
        hint: 'Correct the fields named; `roc robots show ROBOT@VERSION` prints the schema.',
        details: { errors },
      });
    },
  };
}
