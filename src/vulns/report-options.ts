/** From the words of a command line to what a report asks for. */
import { RocError } from '../kernel/errors.js';
import { parseFailOn } from './fail-on.js';
import { FORMATS, type Format, parseOutput } from './outputs/formats.js';
import type { ReportRequest } from './report.js';

export interface ReportWords {
  readonly inputs: readonly string[];
  readonly policy?: string | undefined;
  readonly assets?: string | undefined;
  readonly suppressions?: readonly string[] | undefined;
  readonly vex?: readonly string[] | undefined;
  readonly feeds?: string | undefined;
  readonly 'require-feeds'?: boolean | undefined;
  readonly store?: string | undefined;
  readonly scope?: readonly string[] | undefined;
  readonly jobs?: number | undefined;
  readonly output?: readonly string[] | undefined;
  readonly 'fail-on'?: readonly string[] | undefined;
  readonly strict?: boolean | undefined;
}

/** @throws RocError ROC_USAGE */
export function reportOptions(words: ReportWords): Omit<ReportRequest, 'packageRoot' | 'now'> {
  if (words.inputs.length === 0)
    throw new RocError('ROC_USAGE', 'nothing to read', {
      hint: 'Name files or folders, or - for standard input.',
    });
  return {
    inputs: words.inputs,
    policy: words.policy,
    assets: words.assets,
    suppressions: words.suppressions,
    vex: words.vex,
    feeds: words.feeds,
    requireFeeds: words['require-feeds'],
    store: words.store,
    scope: words.scope,
    jobs: words.jobs,
    outputs: (words.output ?? []).map(parseOutput),
    gates: (words['fail-on'] ?? []).map(parseFailOn),
    strict: words.strict ?? false,
  };
}

/** Null for the table that people read. @throws RocError ROC_USAGE */
export function stdoutFormat(name: string): Format | null {
  if (name === 'table') return null;
  if (Object.hasOwn(FORMATS, name)) return name as Format;
  throw new RocError('ROC_USAGE', `--format ${name} is no format`, {
    hint: `Formats are: table, ${Object.keys(FORMATS).join(', ')}.`,
  });
}
