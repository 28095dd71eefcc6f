/** Tokens of a paged list of AWS: one that comes a second time would be asked for without an end. */
import { RocError } from './errors.js';

/**
 * The next token, or undefined at the end; an empty one is the end, as a missing one is.
 * @throws RocError ROC_UNAVAILABLE where it has come before: the list is not whole, and never will be
 */
export type NextToken = (token: string | null | undefined) => string | undefined;

/** @param call for the error text (`rds:DescribeDBInstances`) */
export function pageTokens(call: string): NextToken {
  const seen = new Set<string>();
  return (token) => {
    if (token === undefined || token === null || token === '') return undefined;
    if (seen.has(token))
      throw new RocError(
        'ROC_UNAVAILABLE',
        `${call}: AWS gave the same page token twice, so the list is not whole`,
        {
          hint: 'Run it again in some minutes.',
        },
      );
    seen.add(token);
    return token;
  };
}
