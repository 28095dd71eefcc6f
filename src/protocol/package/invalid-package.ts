/** The one way a package is refused: ROC_PACKAGE_INVALID with the entry, printable, and the reason. */
import { RocError } from '../../kernel/errors.js';

export interface InvalidPackageOptions {
  /** The entry at fault as it is called in the package. */
  readonly entry?: string | undefined;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

export function invalidPackage(reason: string, options: InvalidPackageOptions = {}): RocError {
  const where = options.entry === undefined ? '' : `${printableName(options.entry)}: `;
  return new RocError('ROC_PACKAGE_INVALID', `invalid package: ${where}${reason}`, {
    hint: options.hint ?? 'Correct the package and publish it again.',
    cause: options.cause,
    details: { reason, ...(options.entry === undefined ? {} : { entry: printableName(options.entry) }) },
  });
}

/** A name from outside, safe on a terminal and in a log: quoted, escaped, at most 120 characters. */
function printableName(name: string): string {
  const cut = name.length > 120 ? `${name.slice(0, 117)}...` : name;
  return JSON.stringify(cut).replace(
    /[^\x20-\x7e\p{L}\p{N}\p{P}\p{S}]/gu,
    (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`,
  );
}
